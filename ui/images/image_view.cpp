#include "ui/images/image_view.h"

#include "ui/theme/theme.h"

#include <QGestureEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPinchGesture>
#include <QScrollBar>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace hearth::ui {

namespace {

constexpr double kZoomStep = 1.25;
constexpr double kWheelUnit = 120.0; ///< what a notch of a wheel reports

} // namespace

ImageView::ImageView(const Theme& theme, QWidget* parent) : QAbstractScrollArea(parent), m_theme(theme) {
    setObjectName(QStringLiteral("imageView"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setAutoFillBackground(false);
    viewport()->grabGesture(Qt::PinchGesture);
}

void ImageView::setImage(const ImagePyramid& image, const QString& description) {
    m_image = image;
    setAccessibleName(description);
    viewport()->setCursor(Qt::OpenHandCursor);
    fit();
}

void ImageView::clear() {
    m_image = {};
    viewport()->unsetCursor();
    updateScrollBars();
    viewport()->update();
}

double ImageView::fittingZoom() const {
    if (!hasImage()) {
        return 1.0;
    }
    const QSizeF room = QSizeF(maximumViewportSize()) * devicePixelRatioF();
    const double fitting = std::min(room.width() / m_image.size().width(), room.height() / m_image.size().height());
    // A small picture is not blown up: that would show less, not more.
    return std::min(fitting, devicePixelRatioF());
}

QRectF ImageView::target() const {
    const QSizeF size = QSizeF(m_image.size()) * scale();
    const QSizeF room = viewport()->size();
    const double left =
        size.width() <= room.width() ? (room.width() - size.width()) / 2 : -horizontalScrollBar()->value();
    const double top =
        size.height() <= room.height() ? (room.height() - size.height()) / 2 : -verticalScrollBar()->value();
    return {QPointF(std::round(left), std::round(top)), size};
}

void ImageView::zoomBy(double factor) {
    setZoom(m_zoom * factor, QRectF(viewport()->rect()).center());
}

void ImageView::zoomTo(double zoom) {
    setZoom(zoom, QRectF(viewport()->rect()).center());
}

void ImageView::fit() {
    m_fitted = true;
    m_zoom = fittingZoom();
    updateScrollBars();
    viewport()->update();
    Q_EMIT zoomChanged(m_zoom);
}

void ImageView::setZoom(double zoom, const QPointF& anchor) {
    if (!hasImage()) {
        return;
    }
    const QRectF before = target();
    const QPointF share((anchor.x() - before.left()) / before.width(), (anchor.y() - before.top()) / before.height());
    m_fitted = false;
    m_zoom = std::clamp(zoom, std::min(fittingZoom(), 0.05), kLargestZoom);
    updateScrollBars();
    const QSizeF size = QSizeF(m_image.size()) * scale();
    horizontalScrollBar()->setValue(static_cast<int>(std::lround(share.x() * size.width() - anchor.x())));
    verticalScrollBar()->setValue(static_cast<int>(std::lround(share.y() * size.height() - anchor.y())));
    viewport()->update();
    Q_EMIT zoomChanged(m_zoom);
}

void ImageView::updateScrollBars() {
    const QSizeF size = hasImage() && !m_fitted ? QSizeF(m_image.size()) * scale() : QSizeF();
    const QSize room = viewport()->size();
    const auto setBar = [](QScrollBar* bar, double length, int page) {
        bar->setRange(0, std::max(0, static_cast<int>(std::ceil(length)) - page));
        bar->setPageStep(page);
        bar->setSingleStep(std::max(8, page / 16));
    };
    setBar(horizontalScrollBar(), size.width(), room.width());
    setBar(verticalScrollBar(), size.height(), room.height());
}

void ImageView::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    painter.fillRect(event->rect(), m_theme.colors().base);
    if (!hasImage()) {
        return;
    }
    const QRectF all = target();
    const QRectF shown = all.intersected(QRectF(event->rect()));
    if (shown.isEmpty()) {
        return;
    }
    const QImage& level = m_image.levels[m_image.levelFor(m_zoom)];
    const double pixels = level.width() / all.width(); // of this level for one logical pixel of the window
    const QRectF source((shown.left() - all.left()) * pixels, (shown.top() - all.top()) * level.height() / all.height(),
                        shown.width() * pixels, shown.height() * level.height() / all.height());
    // Above 2:1 the pixels themselves are what a user wants to see.
    painter.setRenderHint(QPainter::SmoothPixmapTransform, m_zoom < 2.0);
    if (level.hasAlphaChannel()) {
        painter.fillRect(shown, Qt::white); // drawings on transparent ground are black more often than white
    }
    painter.drawImage(shown, level, source);
}

void ImageView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    if (m_fitted) {
        fit();
    } else {
        updateScrollBars();
    }
}

void ImageView::wheelEvent(QWheelEvent* event) {
    if (event->modifiers().testFlag(Qt::ControlModifier)) {
        setZoom(m_zoom * std::pow(kZoomStep, event->angleDelta().y() / kWheelUnit), event->position());
        event->accept();
        return;
    }
    QAbstractScrollArea::wheelEvent(event);
}

void ImageView::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && hasImage()) {
        m_dragFrom = event->position().toPoint();
        viewport()->setCursor(Qt::ClosedHandCursor);
    }
}

void ImageView::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons().testFlag(Qt::LeftButton)) {
        const QPoint moved = event->position().toPoint() - m_dragFrom;
        m_dragFrom = event->position().toPoint();
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() - moved.x());
        verticalScrollBar()->setValue(verticalScrollBar()->value() - moved.y());
        viewport()->update();
    }
}

void ImageView::mouseReleaseEvent(QMouseEvent*) {
    if (hasImage()) {
        viewport()->setCursor(Qt::OpenHandCursor);
    }
}

void ImageView::mouseDoubleClickEvent(QMouseEvent* event) {
    if (m_fitted) {
        setZoom(devicePixelRatioF(), event->position());
    } else {
        fit();
    }
}

void ImageView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomBy(kZoomStep);
        return;
    case Qt::Key_Minus:
        zoomBy(1 / kZoomStep);
        return;
    case Qt::Key_0:
        fit();
        return;
    case Qt::Key_1:
        zoomTo(devicePixelRatioF());
        return;
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

bool ImageView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::Gesture) {
        auto* gestures = static_cast<QGestureEvent*>(event);
        if (const auto* pinch = static_cast<QPinchGesture*>(gestures->gesture(Qt::PinchGesture))) {
            setZoom(m_zoom * pinch->scaleFactor(), viewport()->mapFromGlobal(pinch->centerPoint()));
            return true;
        }
    }
    return QAbstractScrollArea::viewportEvent(event);
}

} // namespace hearth::ui
