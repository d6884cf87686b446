#include "ui/models/first_run_page.h"

#include "ui/theme/hearth_style.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace hearth::ui {

namespace {

constexpr int kTextWidth = 520;
constexpr int kMark = 64;

QLabel* centredLabel(const char* name, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    label->setAlignment(Qt::AlignHCenter);
    label->setWordWrap(true);
    return label;
}

/// A column of readable width in the middle of the page.
QVBoxLayout* centredColumn(QWidget* page) {
    auto* middle = new QWidget(page);
    middle->setMaximumWidth(kTextWidth);
    auto* column = new QVBoxLayout(middle);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(Metrics::kSpace3);
    auto* across = new QHBoxLayout;
    across->addStretch(1);
    across->addWidget(middle, 1000);
    across->addStretch(1);
    auto* down = new QVBoxLayout(page);
    down->setContentsMargins(Metrics::kSpace6, Metrics::kSpace4, Metrics::kSpace6, Metrics::kSpace4);
    down->addStretch(2);
    down->addLayout(across);
    down->addStretch(3);
    return column;
}

} // namespace

FirstRunPage::FirstRunPage(const Theme& theme, const QString& modelsFolder, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_modelsFolder(modelsFolder), m_icon(new QLabel(this)),
      m_title(centredLabel("firstRunTitle", this)), m_text(centredLabel("firstRunText", this)),
      m_import(new QPushButton(this)), m_lookAgain(new QPushButton(this)), m_drop(centredLabel("firstRunDrop", this)),
      m_folder(centredLabel("firstRunFolder", this)) {
    setObjectName(QStringLiteral("firstRunPage"));
    m_icon->setPixmap(applicationIcon().pixmap(QSize(kMark, kMark), devicePixelRatio()));
    m_icon->setAlignment(Qt::AlignHCenter);
    m_icon->setMinimumHeight(kMark);
    m_import->setObjectName(QStringLiteral("firstRunImport"));
    m_import->setIcon(themedIcon(theme, QStringLiteral("import"), IconTone::OnAccent));
    setButtonTone(*m_import, ButtonTone::Primary);
    m_lookAgain->setObjectName(QStringLiteral("firstRunLookAgain"));
    m_drop->setForegroundRole(QPalette::PlaceholderText);
    m_folder->setForegroundRole(QPalette::PlaceholderText);
    m_folder->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(Metrics::kSpace2);
    buttons->addStretch(1);
    buttons->addWidget(m_import);
    buttons->addWidget(m_lookAgain);
    buttons->addStretch(1);
    QVBoxLayout* column = centredColumn(this);
    column->addWidget(m_icon);
    column->addWidget(m_title);
    column->addWidget(m_text);
    column->addSpacing(Metrics::kSpace2);
    column->addLayout(buttons);
    column->addWidget(m_drop);
    column->addSpacing(Metrics::kSpace4);
    column->addWidget(m_folder);
    connect(m_import, &QPushButton::clicked, this, &FirstRunPage::importRequested);
    connect(m_lookAgain, &QPushButton::clicked, this, &FirstRunPage::lookAgainRequested);
    updateFonts();
    retranslate();
}

void FirstRunPage::updateFonts() {
    m_title->setFont(m_theme.font(FontRole::Display));
    m_text->setFont(m_theme.font(FontRole::Chat));
    m_folder->setFont(m_theme.font(FontRole::Small));
}

void FirstRunPage::retranslate() {
    setAccessibleName(tr("Welcome"));
    m_title->setText(tr("Welcome to Hearth"));
    m_text->setText(tr("Hearth answers with a language model that runs on this computer. Nothing you write leaves it. "
                       "To begin, it needs a model: a file in the GGUF format."));
    m_import->setText(tr("Import a model file…"));
    m_import->setAccessibleName(tr("Import a model file"));
    m_lookAgain->setText(tr("Look again"));
    m_lookAgain->setToolTip(tr("Reads the models folder again"));
    m_lookAgain->setAccessibleName(tr("Look for models again"));
    m_drop->setText(tr("You can also drop a .gguf file anywhere on this window."));
    m_folder->setText(tr("Models are kept in %1").arg(m_modelsFolder));
}

void FirstRunPage::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    } else if (event->type() == QEvent::FontChange) {
        updateFonts();
    }
    QWidget::changeEvent(event);
}

} // namespace hearth::ui
