#pragma once

#include "app/media/image_pyramid.h"

#include <QAbstractScrollArea>

namespace hearth::ui {

class Theme;

/// A picture that is zoomed and panned: wheel with Ctrl and pinch zoom about the pointer, dragging pans, arrow keys
/// scroll, + - 0 1 zoom. Paints from the pyramid's level that fits, so 100 megapixels pan as smoothly as one.
/// Thread: UI.
class ImageView : public QAbstractScrollArea {
    Q_OBJECT

public:
    static constexpr double kLargestZoom = 32.0; ///< device pixels for one of the picture

    explicit ImageView(const Theme& theme, QWidget* parent = nullptr);

    /// Shows it fitted to the window.
    void setImage(const ImagePyramid& image, const QString& description);
    void clear();
    [[nodiscard]] bool hasImage() const { return !m_image.isNull(); }
    /// Device pixels for one pixel of the picture.
    [[nodiscard]] double zoom() const { return m_zoom; }
    [[nodiscard]] bool isFitted() const { return m_fitted; }

    void zoomBy(double factor);
    void zoomTo(double zoom);
    void fit();

Q_SIGNALS:
    void zoomChanged(double zoom);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    /// Logical pixels for one pixel of the picture.
    [[nodiscard]] double scale() const { return m_zoom / devicePixelRatioF(); }
    [[nodiscard]] double fittingZoom() const;
    /// The picture's place in the viewport.
    [[nodiscard]] QRectF target() const;
    /// Keeps the picture's point below `anchor` (viewport coordinates) where it is.
    void setZoom(double zoom, const QPointF& anchor);
    void updateScrollBars();

    const Theme& m_theme;
    ImagePyramid m_image;
    double m_zoom = 1.0;
    bool m_fitted = true;
    QPoint m_dragFrom;
};

} // namespace hearth::ui
