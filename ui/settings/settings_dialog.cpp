#include "ui/settings/settings_dialog.h"

#include "app/services.h"
#include "app/settings/settings.h"
#include "ui/settings/language.h"
#include "ui/settings/settings_form.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace hearth::ui {

namespace {

constexpr int kPageListWidth = 170;

} // namespace

SettingsDialog::SettingsDialog(const Theme& theme, Services& services, QWidget* parent)
    : QDialog(parent), m_theme(theme), m_services(services), m_column(new QVBoxLayout(this)) {
    setObjectName(QStringLiteral("settingsDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    m_column->setContentsMargins(0, 0, 0, 0);
    build();
    resize(std::min(780, parent->width() - 40), std::min(600, parent->height() - 40));
}

Settings& SettingsDialog::settings() const {
    return m_services.settings();
}

void SettingsDialog::build() {
    const int page = m_pages == nullptr ? 0 : m_pages->currentRow();
    setWindowTitle(tr("Settings"));
    if (m_content != nullptr) {
        // One of its controls may be what asked for this.
        m_content->hide();
        m_content->deleteLater();
    }
    m_content = new QWidget(this);
    m_pages = new QListWidget(m_content);
    m_pages->setObjectName(QStringLiteral("settingsPages"));
    m_pages->setAccessibleName(tr("Pages"));
    m_pages->setFrameShape(QFrame::NoFrame);
    m_pages->setFixedWidth(kPageListWidth);
    m_pages->viewport()->setAutoFillBackground(false);
    m_stack = new QStackedWidget(m_content);
    for (SettingsForm* form : {makeGeneralPage(), makeModelPage(), makeAnswersPage(), makeInstructionsPage()}) {
        form->finish();
        m_pages->addItem(form->accessibleName());
        m_pages->item(m_pages->count() - 1)->setSizeHint({0, Metrics::kControl + Metrics::kSpace1});
        m_stack->addWidget(form);
    }
    connect(m_pages, &QListWidget::currentRowChanged, m_stack, &QStackedWidget::setCurrentIndex);
    m_pages->setCurrentRow(std::max(0, page));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, m_content);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto* line = new QFrame(m_content);
    line->setFrameShape(QFrame::VLine);
    line->setFixedWidth(1);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(m_stack, 1);
    buttons->setContentsMargins(Metrics::kSpace6, Metrics::kSpace2, Metrics::kSpace6, Metrics::kSpace4);
    right->addWidget(buttons);
    auto* left = new QVBoxLayout;
    left->setContentsMargins(Metrics::kSpace3, Metrics::kSpace4, Metrics::kSpace3, Metrics::kSpace4);
    left->addWidget(m_pages);
    auto* row = new QHBoxLayout(m_content);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addLayout(left);
    row->addWidget(line);
    row->addLayout(right, 1);
    m_column->addWidget(m_content);
}

SettingsForm* SettingsDialog::makeGeneralPage() {
    auto* form = new SettingsForm(m_theme, tr("General"), m_stack);
    Settings& settings = this->settings();

    auto* theme = new QComboBox;
    theme->setObjectName(QStringLiteral("settingTheme"));
    theme->addItems({tr("Follow the system"), tr("Light"), tr("Dark")});
    theme->setCurrentIndex(static_cast<int>(settings.theme()));
    connect(theme, &QComboBox::activated, this,
            [&settings](int index) { settings.setTheme(static_cast<ThemeSetting>(index)); });
    form->addRow(tr("Theme"), {}, theme);

    auto* language = new QComboBox;
    language->setObjectName(QStringLiteral("settingLanguage"));
    language->addItem(tr("Follow the system"), QString());
    for (const QString& name : Language::available()) {
        language->addItem(Language::nativeName(name), name);
    }
    language->setCurrentIndex(std::max(0, language->findData(settings.language())));
    connect(language, &QComboBox::activated, this,
            [&settings, language](int index) { settings.setLanguage(language->itemData(index).toString()); });
    form->addRow(tr("Language"), {}, language);

    auto* scale = new QComboBox;
    scale->setObjectName(QStringLiteral("settingFontScale"));
    for (const int percent : {80, 90, 100, 110, 125, 150, 175, 200, 250, 300}) {
        scale->addItem(tr("%1 %").arg(percent), percent / 100.0);
    }
    const int shown = scale->findText(tr("%1 %").arg(std::lround(settings.fontScale() * 100)));
    scale->setCurrentIndex(shown);
    scale->setPlaceholderText(tr("%1 %").arg(std::lround(settings.fontScale() * 100)));
    connect(scale, &QComboBox::activated, this,
            [&settings, scale](int index) { settings.setFontScale(scale->itemData(index).toDouble()); });
    form->addRow(tr("Text size"), tr("Also Ctrl++ and Ctrl+-"), scale);

    auto* enter = new QComboBox;
    enter->setObjectName(QStringLiteral("settingEnterKey"));
    enter->addItems({tr("Enter"), tr("Shift+Enter")});
    enter->setCurrentIndex(settings.enterKey() == EnterKey::Sends ? 0 : 1);
    connect(enter, &QComboBox::activated, this,
            [&settings](int index) { settings.setEnterKey(index == 0 ? EnterKey::Sends : EnterKey::NewLine); });
    form->addRow(tr("Send with"), tr("The other one begins a new line."), enter);
    return form;
}

SettingsForm* SettingsDialog::makeInstructionsPage() {
    auto* form = new SettingsForm(m_theme, tr("Instructions"), m_stack);
    auto* prompt = new QPlainTextEdit;
    prompt->setObjectName(QStringLiteral("settingSystemPrompt"));
    prompt->setPlainText(settings().systemPrompt());
    prompt->setTabChangesFocus(true);
    prompt->setMinimumHeight(220);
    prompt->setPlaceholderText(tr("For example: answer briefly and in plain words."));
    connect(prompt, &QPlainTextEdit::textChanged, this,
            [this, prompt] { settings().setSystemPrompt(prompt->toPlainText()); });
    form->addWideRow(tr("System prompt"),
                     tr("What the model is told before every chat. It uses a part of the context."), prompt);
    return form;
}

void SettingsDialog::changeEvent(QEvent* event) {
    QDialog::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        build();
    }
}

} // namespace hearth::ui
