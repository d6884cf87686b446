#include "ui/mixture/mixture_pane.h"

#include "ui/mixture/heat_map.h"
#include "ui/mixture/mixture_texts.h"
#include "ui/mixture/summary_strip.h"
#include "ui/mixture/token_detail.h"
#include "ui/mixture/token_view.h"
#include "ui/theme/hearth_style.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QEvent>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <array>
#include <utility>

namespace hearth::ui {

namespace {

constexpr double kPictureScale = 2.0;

QLabel* plainLabel(const char* name, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    return label;
}

} // namespace

MixturePane::MixturePane(const Theme& theme, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_title(plainLabel("mixtureTitle", this)), m_menuButton(new QToolButton(this)),
      m_stack(new QStackedWidget(this)), m_content(new QScrollArea(m_stack)), m_splitter(nullptr), m_summary(nullptr),
      m_tokens(nullptr), m_below(nullptr), m_detail(nullptr), m_mapTitle(nullptr), m_mapRange(nullptr), m_map(nullptr),
      m_dense(nullptr), m_emptyPage(nullptr), m_emptyTitle(nullptr), m_emptyText(nullptr), m_emptyButton(nullptr) {
    setObjectName(QStringLiteral("mixturePane"));
    build();
    connect(m_menuButton, &QToolButton::clicked, this,
            [this] { openMenu(m_menuButton->mapToGlobal(QPoint(0, m_menuButton->height()))); });
    connect(m_tokens, &TokenView::menuRequested, this, &MixturePane::openMenu);
    connect(m_map, &HeatMap::menuRequested, this, &MixturePane::openMenu);
    connect(m_emptyButton, &QPushButton::clicked, this, [this] { Q_EMIT recordingWanted(true); });
    connect(&m_exporter, &TraceExporter::textMade, this, [this](const QString& text) {
        QGuiApplication::clipboard()->setText(text);
        Q_EMIT noticed(tr("Copied"));
    });
    connect(&m_exporter, &TraceExporter::saved, this,
            [this](const QString& path) { Q_EMIT noticed(tr("Saved as %1").arg(path)); });
    connect(&m_exporter, &TraceExporter::failed, this, &MixturePane::saveFailed);
    connect(&m_cursor, &TraceCursor::rangeChanged, this, &MixturePane::updateHeadings);
    connect(&m_theme, &Theme::changed, this, &MixturePane::applyTheme);
    applyTheme();
    retranslate();
    showNothing(Nothing::NoAnswer);
}

void MixturePane::build() {
    m_title->setForegroundRole(QPalette::PlaceholderText);
    m_title->setMinimumWidth(1); // it may be cut, the button may not
    m_menuButton->setObjectName(QStringLiteral("mixtureMenu"));
    m_menuButton->setIcon(themedIcon(m_theme, QStringLiteral("more"), IconTone::Muted));
    m_menuButton->setAutoRaise(true);
    m_menuButton->setFocusPolicy(Qt::StrongFocus);
    m_menuButton->setFixedSize(Metrics::kControl, Metrics::kControl);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(Metrics::kSpace3, Metrics::kSpace1, Metrics::kSpace2, Metrics::kSpace1);
    bar->addWidget(m_title, 1);
    bar->addWidget(m_menuButton);
    m_content->setObjectName(QStringLiteral("mixtureContent"));
    m_content->setFrameShape(QFrame::NoFrame);
    m_content->setWidgetResizable(true);
    m_content->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_content->setFocusPolicy(Qt::NoFocus);
    m_content->viewport()->setAutoFillBackground(false);
    m_content->setWidget(buildContent());
    m_stack->addWidget(m_content);
    m_stack->addWidget(buildEmptyPage());
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_stack, 1);
    setTabOrder(m_menuButton, m_tokens);
    setTabOrder(m_tokens, m_map);
    setFocusProxy(m_tokens);
}

QWidget* MixturePane::buildContent() {
    auto* content = new QWidget;
    content->setBackgroundRole(QPalette::Base); // as the pane's own ground
    content->setAutoFillBackground(true);
    m_summary = new SummaryStrip(m_theme, m_cursor, content);
    m_splitter = new QSplitter(Qt::Vertical, content);
    m_splitter->setObjectName(QStringLiteral("mixtureSplitter"));
    m_splitter->setChildrenCollapsible(false);
    m_tokens = new TokenView(m_theme, m_cursor, m_splitter);
    m_below = new QWidget(m_splitter);
    m_detail = new TokenDetail(m_theme, m_cursor, m_below);
    m_mapTitle = plainLabel("mixtureMapTitle", m_below);
    m_mapRange = plainLabel("mixtureMapRange", m_below);
    m_mapRange->setForegroundRole(QPalette::PlaceholderText);
    m_map = new HeatMap(m_theme, m_cursor, m_below);
    m_dense = plainLabel("mixtureDense", m_below);
    m_dense->setForegroundRole(QPalette::PlaceholderText);
    m_dense->setWordWrap(true);
    m_dense->setMargin(Metrics::kSpace3);
    m_dense->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    auto* heading = new QHBoxLayout;
    heading->setContentsMargins(Metrics::kSpace3, Metrics::kSpace3, Metrics::kSpace3, Metrics::kSpace1);
    heading->addWidget(m_mapTitle);
    heading->addStretch(1);
    heading->addWidget(m_mapRange);
    auto* lower = new QVBoxLayout(m_below);
    lower->setContentsMargins(0, 0, 0, Metrics::kSpace1);
    lower->setSpacing(0);
    lower->addWidget(m_detail);
    lower->addLayout(heading);
    lower->addWidget(m_map, 1);
    lower->addWidget(m_dense, 1);
    m_splitter->setStretchFactor(0, 2);
    m_splitter->setStretchFactor(1, 3);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_summary);
    column->addWidget(m_splitter, 1);
    return content;
}

QWidget* MixturePane::buildEmptyPage() {
    m_emptyPage = new QWidget(m_stack);
    m_emptyTitle = plainLabel("mixtureEmptyTitle", m_emptyPage);
    m_emptyText = plainLabel("mixtureEmptyText", m_emptyPage);
    m_emptyText->setForegroundRole(QPalette::PlaceholderText);
    m_emptyButton = new QPushButton(m_emptyPage);
    m_emptyButton->setObjectName(QStringLiteral("mixtureRecord"));
    setButtonTone(*m_emptyButton, ButtonTone::Primary);
    for (QLabel* label : {m_emptyTitle, m_emptyText}) {
        label->setAlignment(Qt::AlignHCenter);
        label->setWordWrap(true);
    }
    auto* column = new QVBoxLayout(m_emptyPage);
    column->setContentsMargins(Metrics::kSpace6, Metrics::kSpace6, Metrics::kSpace6, Metrics::kSpace6);
    column->setSpacing(Metrics::kSpace3);
    column->addStretch(2);
    column->addWidget(m_emptyTitle);
    column->addWidget(m_emptyText);
    column->addWidget(m_emptyButton, 0, Qt::AlignHCenter);
    column->addStretch(3);
    return m_emptyPage;
}

void MixturePane::applyTheme() {
    m_title->setFont(m_theme.font(FontRole::Small));
    m_mapTitle->setFont(m_theme.font(FontRole::SmallStrong));
    m_mapRange->setFont(m_theme.font(FontRole::Small));
    m_dense->setFont(m_theme.font(FontRole::Interface));
    m_emptyTitle->setFont(m_theme.font(FontRole::Title));
    m_emptyText->setFont(m_theme.font(FontRole::Interface));
    m_tokens->setMinimumHeight(QFontMetrics(m_theme.font(FontRole::Chat)).height() * 4);
}

void MixturePane::showTrace(std::shared_ptr<const AnswerTrace> trace, const QString& model) {
    m_model = model;
    m_cursor.setTrace(std::move(trace));
    m_stack->setCurrentWidget(m_content);
    updateHeadings();
}

void MixturePane::grow() {
    m_cursor.grow();
    updateHeadings();
}

void MixturePane::setWritten(bool isBeingWritten) {
    m_isWritten = isBeingWritten;
    updateHeadings();
}

void MixturePane::showNothing(Nothing why) {
    m_nothing = why;
    m_model.clear();
    m_cursor.setTrace(nullptr);
    m_stack->setCurrentWidget(m_emptyPage);
    updateHeadings();
}

void MixturePane::setRecording(bool isOn) {
    m_isRecording = isOn;
    if (isOn && m_nothing == Nothing::RecordingOff)
        m_nothing = Nothing::NotRecorded;
    updateHeadings();
}

void MixturePane::updateHeadings() {
    const bool isShown = m_stack->currentWidget() == m_content;
    QStringList title;
    if (isShown && !m_model.isEmpty())
        title.append(m_model);
    if (isShown && m_isWritten)
        title.append(tr("being written…"));
    m_title->setText(title.join(QStringLiteral("  ·  ")));
    m_menuButton->setEnabled(isShown);
    const bool isMixture = m_cursor.trace().isMixture();
    m_map->setVisible(isMixture);
    m_dense->setVisible(!isMixture);
    // Without a map the room is the text's.
    m_below->setMaximumHeight(isMixture ? QWIDGETSIZE_MAX : m_below->sizeHint().height());
    m_mapTitle->setText(isMixture ? tr("Experts by layer") : tr("No experts"));
    m_mapRange->setText(isMixture ? MixtureTexts::range(m_cursor) : QString());
    struct Words {
        QString title;
        QString text;
    };
    const std::array<Words, 6> words{
        Words{tr("No answer yet"), tr("Ask something: this pane shows how the answer comes about.")},
        Words{tr("Loading…"), {}},
        Words{tr("This answer was not recorded"),
              tr("It was written before recording began, or while it was off. New answers are recorded.")},
        Words{tr("This answer was not recorded"), tr("Recording is off. It takes about 1 KB a token and no time.")},
        Words{tr("The recording cannot be read"), tr("What was kept of this answer is damaged. The answer is not.")},
        Words{tr("The answer begins…"), tr("Its tokens appear here as they are written.")},
    };
    const Words& now = words[static_cast<std::size_t>(m_nothing)];
    m_emptyTitle->setText(now.title);
    m_emptyText->setText(now.text);
    m_emptyText->setVisible(!now.text.isEmpty());
    m_emptyButton->setVisible(m_nothing == Nothing::RecordingOff);
}

void MixturePane::openMenu(const QPoint& globalPoint) {
    if (m_stack->currentWidget() != m_content)
        return;
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("mixtureMenuPopup"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const bool isMixture = m_cursor.trace().isMixture();
    menu->addAction(m_cursor.hasSelection() ? tr("Copy the selected tokens as CSV") : tr("Copy as CSV"), this,
                    [this] { m_exporter.makeText(m_cursor.trace(), m_cursor.range(), TraceFormat::Csv); });
    if (isMixture)
        menu->addAction(tr("Copy the picture"), this, [this] {
            QGuiApplication::clipboard()->setImage(picture());
            Q_EMIT noticed(tr("Copied"));
        });
    menu->addSeparator();
    menu->addAction(tr("Save as CSV…"), this, [this] {
        chooseFile(tr("Save the tokens"), tr("Tables (*.csv)"), QStringLiteral("csv"),
                   [this](const QString& path) { saveAs(TraceFormat::Csv, path); });
    });
    menu->addAction(tr("Save as JSON…"), this, [this] {
        chooseFile(tr("Save the tokens"), tr("JSON (*.json)"), QStringLiteral("json"),
                   [this](const QString& path) { saveAs(TraceFormat::Json, path); });
    });
    if (isMixture)
        menu->addAction(tr("Save the picture…"), this, [this] {
            chooseFile(tr("Save the picture"), tr("Pictures (*.png)"), QStringLiteral("png"),
                       [this](const QString& path) { savePicture(path); });
        });
    menu->addSeparator();
    QAction* record = menu->addAction(tr("Record new answers"));
    record->setCheckable(true);
    record->setChecked(m_isRecording);
    connect(record, &QAction::toggled, this, &MixturePane::recordingWanted);
    menu->popup(globalPoint);
}

void MixturePane::chooseFile(const QString& title, const QString& filter, const QString& suffix,
                             std::function<void(const QString& path)> save) {
    auto* dialog = new QFileDialog(this, title, {}, filter);
    dialog->setObjectName(QStringLiteral("mixtureSaveDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    dialog->selectFile(QStringLiteral("mixture.") + suffix);
    connect(dialog, &QFileDialog::fileSelected, this, [save = std::move(save)](const QString& path) { save(path); });
    dialog->open();
}

void MixturePane::saveAs(TraceFormat format, const QString& path) {
    m_exporter.save(m_cursor.trace(), m_cursor.range(), format, path);
}

void MixturePane::savePicture(const QString& path) {
    m_exporter.save(picture(), path);
}

QImage MixturePane::picture() {
    const QFontMetrics metrics(m_theme.font(FontRole::InterfaceStrong));
    const int heading = metrics.height() + 2 * Metrics::kSpace3;
    const QSize size = m_map->size().expandedTo(m_map->sizeHint());
    const QImage map = m_map->picture(size, kPictureScale);
    QImage image(QSize(size.width(), size.height() + heading) * kPictureScale, QImage::Format_RGB32);
    image.setDevicePixelRatio(kPictureScale);
    image.fill(m_theme.colors().base);
    QPainter painter(&image);
    painter.setFont(m_theme.font(FontRole::InterfaceStrong));
    painter.setPen(m_theme.colors().text);
    const QRect row(Metrics::kSpace3, 0, size.width() - 2 * Metrics::kSpace3, heading);
    const QString title = m_model.isEmpty() ? tr("Experts by layer") : m_model;
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, title);
    painter.setFont(m_theme.font(FontRole::Small));
    painter.setPen(m_theme.colors().textMuted);
    painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, MixtureTexts::range(m_cursor));
    painter.drawImage(QPointF(0, heading), map);
    return image;
}

void MixturePane::retranslate() {
    setAccessibleName(tr("Mixture"));
    m_menuButton->setToolTip(tr("Copy, save, record"));
    m_menuButton->setAccessibleName(tr("Copy, save, record"));
    m_dense->setText(
        tr("This model is dense: every token passes through all of its weights. Models whose tokens choose "
           "among experts show here, layer by layer, which ones they chose."));
    m_emptyButton->setText(tr("Record new answers"));
    m_emptyButton->setAccessibleName(m_emptyButton->text());
    updateHeadings();
}

void MixturePane::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

} // namespace hearth::ui
