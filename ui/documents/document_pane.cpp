#include "ui/documents/document_pane.h"

#include "ui/documents/pdf_view.h"
#include "ui/shell/find_bar.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>

namespace hearth::ui {

namespace {

constexpr double kButtonStep = 1.2;
constexpr int kMostMatches = 10'000; ///< more are counted nowhere: a search for "e" in a thick book

} // namespace

DocumentPane::DocumentPane(const Theme& theme, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_view(new PdfView(theme, m_reader, this)),
      m_findBar(new FindBar(theme, QStringLiteral("documentFind"), this)), m_page(new QSpinBox(this)),
      m_pageCount(new QLabel(this)), m_find(new QToolButton(this)), m_zoomOut(new QToolButton(this)),
      m_zoomIn(new QToolButton(this)), m_fit(new QToolButton(this)) {
    setObjectName(QStringLiteral("documentPane"));
    build();
    connect(&m_reader, &PdfReader::opened, this, [this](const QString& path, const QList<QSizeF>& sizes) {
        const QSignalBlocker quiet(m_page);
        m_page->setRange(1, static_cast<int>(sizes.size()));
        updatePageNumber();
        m_findBar->close();
        Q_EMIT opened(path);
    });
    connect(&m_reader, &PdfReader::failed, this, &DocumentPane::failed);
    connect(&m_reader, &PdfReader::found, this, [this](const QString&, const QList<PdfMatch>& matches) {
        if (m_matches.size() < kMostMatches) {
            m_matches.append(matches);
            showMatch(m_currentMatch < 0 ? 0 : m_currentMatch);
        }
    });
    connect(&m_reader, &PdfReader::findFinished, this,
            [this] { m_findBar->setCount(m_currentMatch + 1, static_cast<int>(m_matches.size())); });
    connect(m_view, &PdfView::currentPageChanged, this, &DocumentPane::updatePageNumber);
    connect(m_page, &QSpinBox::valueChanged, this, [this](int page) { m_view->goToPage(page - 1); });
    connect(m_zoomOut, &QToolButton::clicked, this, [this] { m_view->zoomBy(1 / kButtonStep); });
    connect(m_zoomIn, &QToolButton::clicked, this, [this] { m_view->zoomBy(kButtonStep); });
    connect(m_fit, &QToolButton::clicked, m_view, &PdfView::fitWidth);
    connect(m_find, &QToolButton::clicked, this, &DocumentPane::openFind);
    connect(m_findBar, &FindBar::textChanged, this, &DocumentPane::find);
    connect(m_findBar, &FindBar::nextRequested, this, [this] { stepMatch(1); });
    connect(m_findBar, &FindBar::previousRequested, this, [this] { stepMatch(-1); });
    connect(m_findBar, &FindBar::closed, this, [this] {
        find({});
        m_view->setFocus();
    });
    retranslate();
}

void DocumentPane::build() {
    const auto prepare = [&](QToolButton* button, const char* name, const QString& icon) {
        button->setObjectName(QLatin1String(name));
        button->setIcon(themedIcon(m_theme, icon, IconTone::Muted));
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::StrongFocus);
        button->setFixedSize(Metrics::kControl, Metrics::kControl);
    };
    prepare(m_find, "documentFindButton", QStringLiteral("search"));
    prepare(m_zoomOut, "documentZoomOut", QStringLiteral("zoom-out"));
    prepare(m_zoomIn, "documentZoomIn", QStringLiteral("zoom-in"));
    prepare(m_fit, "documentFit", QStringLiteral("fit"));
    m_page->setObjectName(QStringLiteral("documentPage"));
    m_page->setKeyboardTracking(false);
    m_page->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_page->setAlignment(Qt::AlignRight);
    m_page->setFixedWidth(64);
    m_pageCount->setObjectName(QStringLiteral("documentPageCount"));
    m_pageCount->setForegroundRole(QPalette::PlaceholderText);

    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(Metrics::kSpace3, Metrics::kSpace1, Metrics::kSpace2, Metrics::kSpace1);
    bar->setSpacing(Metrics::kSpace1);
    bar->addWidget(m_page);
    bar->addWidget(m_pageCount);
    bar->addStretch(1);
    for (QToolButton* button : {m_find, m_zoomOut, m_zoomIn, m_fit}) {
        bar->addWidget(button);
    }
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_findBar);
    column->addWidget(m_view, 1);
    setFocusProxy(m_view);
}

void DocumentPane::open(const QString& path) {
    m_reader.open(path);
}

void DocumentPane::closeFile() {
    m_findBar->close();
    m_reader.close();
}

void DocumentPane::openFind() {
    m_findBar->open();
}

void DocumentPane::find(const QString& text) {
    m_matches.clear();
    m_currentMatch = -1;
    m_view->setMatches({}, -1);
    m_reader.find(text);
    m_findBar->setCount(0, 0);
}

void DocumentPane::stepMatch(int direction) {
    const int count = static_cast<int>(m_matches.size());
    if (count > 0) {
        showMatch((m_currentMatch + direction + count) % count);
    }
}

void DocumentPane::showMatch(int index) {
    const bool moves = index != m_currentMatch;
    m_currentMatch = index;
    m_view->setMatches(m_matches, index);
    m_findBar->setCount(index + 1, static_cast<int>(m_matches.size()));
    const PdfMatch& match = m_matches[index];
    if (moves && !match.rectangles.isEmpty()) {
        m_view->showRectangle(match.page, match.rectangles.first());
    }
}

void DocumentPane::updatePageNumber() {
    const QSignalBlocker quiet(m_page);
    m_page->setValue(m_view->currentPage() + 1);
    m_pageCount->setText(tr("of %1", "page number of the page count").arg(QLocale().toString(m_view->pageCount())));
}

void DocumentPane::retranslate() {
    setAccessibleName(tr("Document"));
    m_view->setAccessibleName(tr("Pages"));
    m_page->setToolTip(tr("Go to page"));
    m_page->setAccessibleName(tr("Page"));
    m_find->setToolTip(tr("Find in the document (Ctrl+F)"));
    m_find->setAccessibleName(tr("Find in the document"));
    m_zoomOut->setToolTip(tr("Zoom out (-)"));
    m_zoomOut->setAccessibleName(tr("Zoom out"));
    m_zoomIn->setToolTip(tr("Zoom in (+)"));
    m_zoomIn->setAccessibleName(tr("Zoom in"));
    m_fit->setToolTip(tr("Fit the width (0)"));
    m_fit->setAccessibleName(tr("Fit the width"));
    updatePageNumber();
}

void DocumentPane::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
    QWidget::changeEvent(event);
}

} // namespace hearth::ui
