#include "ui/documents/pdf_view.h"

#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace hearth::ui {

namespace {

constexpr double kPointsPerInch = 72.0;
constexpr double kSmallestZoom = 0.1;
constexpr double kLargestZoom = 8.0;
constexpr double kZoomStep = 1.2;
constexpr double kWheelUnit = 120.0;
constexpr int kGap = Metrics::kSpace3;

} // namespace

PdfView::PdfView(const Theme& theme, PdfReader& reader, QWidget* parent)
    : QAbstractScrollArea(parent), m_theme(theme), m_reader(reader) {
    setObjectName(QStringLiteral("pdfView"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    // Coming and going of the bar would change the width that pages are fitted to, and so the bar again.
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    connect(&reader, &PdfReader::opened, this, &PdfView::reset);
    connect(&reader, &PdfReader::rendered, this, [this](int page, const QSize& asked, const QImage& image) {
        m_images.insert(page, {asked, image});
        viewport()->update(pageRect(page));
    });
}

void PdfView::reset() {
    m_images.clear();
    m_matches.clear();
    m_currentMatch = -1;
    m_lastPage = -1;
    m_fitWidth = true;
    layOut();
    verticalScrollBar()->setValue(0);
    horizontalScrollBar()->setValue(0);
    requestVisible();
}

double PdfView::pixelsPerPoint() const {
    return m_zoom * logicalDpiX() / kPointsPerInch;
}

QSize PdfView::pageSize(int page) const {
    const QSizeF points = m_reader.pageSizes().value(page);
    return {std::max(1, static_cast<int>(std::lround(points.width() * pixelsPerPoint()))),
            std::max(1, static_cast<int>(std::lround(points.height() * pixelsPerPoint())))};
}

void PdfView::layOut() {
    const QList<QSizeF>& sizes = m_reader.pageSizes();
    m_tops.clear();
    m_pageHeights.clear();
    if (sizes.isEmpty()) {
        verticalScrollBar()->setRange(0, 0);
        horizontalScrollBar()->setRange(0, 0);
        viewport()->update();
        return;
    }
    if (m_fitWidth) {
        double widest = 1;
        for (const QSizeF& size : sizes) {
            widest = std::max(widest, size.width());
        }
        const double room = std::max(1, viewport()->width() - 2 * kGap);
        m_zoom = std::clamp(room / widest * kPointsPerInch / logicalDpiX(), kSmallestZoom, kLargestZoom);
    }
    m_contentWidth = 0;
    int top = kGap;
    m_tops.reserve(sizes.size());
    for (int page = 0; page < sizes.size(); ++page) {
        const QSize size = pageSize(page);
        m_tops.append(top);
        m_pageHeights.append(size.height());
        m_contentWidth = std::max(m_contentWidth, size.width() + 2 * kGap);
        // Bounded, so that a hostile page count cannot overflow the scroll range.
        top = static_cast<int>(std::min<qint64>(qint64{top} + size.height() + kGap, 1'000'000'000));
    }
    verticalScrollBar()->setRange(0, std::max(0, top - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(std::max(16, viewport()->height() / 12));
    horizontalScrollBar()->setRange(0, m_fitWidth ? 0 : std::max(0, m_contentWidth - viewport()->width()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    viewport()->update();
}

QRect PdfView::pageRect(int page) const {
    const QSize size = pageSize(page);
    const int room = std::max(viewport()->width(), m_fitWidth ? 0 : m_contentWidth);
    return {QPoint((room - size.width()) / 2 - horizontalScrollBar()->value(),
                   m_tops.value(page) - verticalScrollBar()->value()),
            size};
}

int PdfView::pageAt(int y) const {
    const auto after = std::upper_bound(m_tops.begin(), m_tops.end(), y);
    return std::max(0, static_cast<int>(after - m_tops.begin()) - 1);
}

std::pair<int, int> PdfView::visiblePages() const {
    const int top = verticalScrollBar()->value();
    return {pageAt(top), pageAt(top + viewport()->height())};
}

int PdfView::currentPage() const {
    return m_tops.isEmpty() ? 0 : pageAt(verticalScrollBar()->value() + viewport()->height() / 3);
}

void PdfView::goToPage(int page) {
    if (page >= 0 && page < m_tops.size()) {
        verticalScrollBar()->setValue(m_tops[page] - kGap);
    }
}

void PdfView::showRectangle(int page, const QRectF& rectangle) {
    if (page < 0 || page >= m_tops.size()) {
        return;
    }
    const double scale = pixelsPerPoint();
    const QRect shown = QRectF(rectangle.topLeft() * scale, rectangle.size() * scale)
                            .toAlignedRect()
                            .translated(pageRect(page).topLeft());
    if (!viewport()->rect().contains(shown)) {
        verticalScrollBar()->setValue(verticalScrollBar()->value() + shown.center().y() - viewport()->height() / 2);
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() + shown.center().x() - viewport()->width() / 2);
    }
}

void PdfView::zoomBy(double factor) {
    setZoom(m_zoom * factor);
}

void PdfView::fitWidth() {
    m_fitWidth = true;
    layOutAround(currentPage());
}

void PdfView::setZoom(double zoom) {
    const int page = currentPage();
    m_fitWidth = false;
    m_zoom = std::clamp(zoom, kSmallestZoom, kLargestZoom);
    layOutAround(page);
}

void PdfView::layOutAround(int page) {
    const double share = m_tops.isEmpty() ? 0.0
                                          : static_cast<double>(verticalScrollBar()->value() - m_tops[page])
                                                / std::max(1, m_pageHeights[page]);
    layOut();
    if (!m_tops.isEmpty()) {
        verticalScrollBar()->setValue(m_tops[page] + static_cast<int>(share * m_pageHeights[page]));
        horizontalScrollBar()->setValue(horizontalScrollBar()->maximum() / 2);
    }
    requestVisible();
    Q_EMIT zoomChanged(m_zoom);
}

void PdfView::setMatches(const QList<PdfMatch>& matches, int current) {
    m_matches = matches;
    m_currentMatch = current;
    viewport()->update();
}

void PdfView::requestVisible() {
    if (m_tops.isEmpty()) {
        return;
    }
    const auto [first, last] = visiblePages();
    QList<PdfReader::PageRequest> wanted;
    const double ratio = devicePixelRatioF();
    const auto want = [&](int page) {
        const QSize pixels = pageSize(page) * ratio;
        const auto known = m_images.constFind(page);
        if (page >= 0 && page < m_tops.size() && (known == m_images.constEnd() || known->asked != pixels)) {
            wanted.append({page, pixels});
        }
    };
    for (int page = first; page <= last; ++page) {
        want(page);
    }
    want(last + 1);
    want(first - 1);
    m_images.removeIf([&](auto entry) { return entry.key() < first - 1 || entry.key() > last + 1; });
    m_reader.render(wanted);
    if (const int page = currentPage(); page != m_lastPage) {
        m_lastPage = page;
        Q_EMIT currentPageChanged(page);
    }
}

void PdfView::paintPage(QPainter& painter, int page) const {
    const QRect rect = pageRect(page);
    const auto rendered = m_images.constFind(page);
    if (rendered == m_images.constEnd()) {
        painter.fillRect(rect, Qt::white); // the paper; its print comes in a moment
    } else {
        painter.setRenderHint(QPainter::SmoothPixmapTransform,
                              rendered->image.size() != rect.size() * devicePixelRatioF());
        painter.drawImage(rect, rendered->image);
    }
    painter.setCompositionMode(QPainter::CompositionMode_Multiply); // print stays readable below the mark
    const double scale = pixelsPerPoint();
    for (int match = 0; match < m_matches.size(); ++match) {
        if (m_matches[match].page != page) {
            continue;
        }
        const QColor color = match == m_currentMatch ? QColor(0xF7, 0xB2, 0x67) : QColor(0xFB, 0xE7, 0xA1);
        for (const QRectF& rectangle : m_matches[match].rectangles) {
            painter.fillRect(QRectF(rectangle.topLeft() * scale + rect.topLeft(), rectangle.size() * scale), color);
        }
    }
    painter.setCompositionMode(QPainter::CompositionMode_SourceOver);
    painter.setPen(m_theme.colors().border);
    painter.drawRect(rect.adjusted(-1, -1, 0, 0));
}

void PdfView::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    painter.fillRect(event->rect(), m_theme.colors().window);
    if (m_tops.isEmpty()) {
        return;
    }
    const auto [first, last] = visiblePages();
    for (int page = first; page <= last; ++page) {
        paintPage(painter, page);
    }
}

void PdfView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    layOutAround(currentPage());
}

void PdfView::scrollContentsBy(int dx, int dy) {
    QAbstractScrollArea::scrollContentsBy(dx, dy);
    viewport()->update();
    requestVisible();
}

void PdfView::wheelEvent(QWheelEvent* event) {
    if (event->modifiers().testFlag(Qt::ControlModifier)) {
        zoomBy(std::pow(kZoomStep, event->angleDelta().y() / kWheelUnit));
        event->accept();
        return;
    }
    QAbstractScrollArea::wheelEvent(event);
}

void PdfView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomBy(kZoomStep);
        return;
    case Qt::Key_Minus:
        zoomBy(1 / kZoomStep);
        return;
    case Qt::Key_0:
        fitWidth();
        return;
    case Qt::Key_Home:
        goToPage(0);
        return;
    case Qt::Key_End:
        goToPage(pageCount() - 1);
        return;
    case Qt::Key_Space:
        verticalScrollBar()->triggerAction(event->modifiers().testFlag(Qt::ShiftModifier)
                                               ? QAbstractSlider::SliderPageStepSub
                                               : QAbstractSlider::SliderPageStepAdd);
        return;
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

} // namespace hearth::ui
