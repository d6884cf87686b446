#pragma once

#include "ui/mixture/heat_scale.h"
#include "ui/mixture/trace_cursor.h"

#include <QImage>
#include <QWidget>

#include <optional>

namespace hearth::ui {

/// Layers down, experts across: how much each expert did over the tokens that are looked at, and the ways of the
/// current and the pinned tokens through them. Beside each layer how evenly its experts were used, below the scale and
/// a sentence on what the pointer or the keys are at. The arrow keys go from cell to cell; a click or Enter marks the
/// tokens of an expert. Thread: UI.
class HeatMap : public QWidget {
    Q_OBJECT

public:
    /// Both outlive the widget.
    HeatMap(const Theme& theme, TraceCursor& cursor, QWidget* parent = nullptr);

    /// Where a cell is; for tests.
    [[nodiscard]] QRectF cellRect(int layer, int expert) const;
    /// What is said below the map.
    [[nodiscard]] QString sentence() const;
    /// The map alone with its axes, as a picture of `size` at `scale` pixels a point, on the theme's ground.
    [[nodiscard]] QImage picture(const QSize& size, double scale);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void menuRequested(const QPoint& globalPoint);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    /// Where the parts are, for the size and the trace of now.
    struct Geometry {
        QRectF grid;
        QRectF balance;
        QRectF legend;
        QRectF sentence;
        double cellWidth = 0;
        double cellHeight = 0;
        int layers = 0;
        int columns = 0;
    };

    void updateGeometryOf(const QSize& size);
    void refresh();
    void drawImage();
    void describe();
    [[nodiscard]] TraceCursor::Expert expertAt(QPointF point) const;
    /// -1: the point is beside no layer.
    [[nodiscard]] int layerAt(QPointF point) const;
    void setHovered(TraceCursor::Expert expert, int layer);
    void moveTo(TraceCursor::Expert place);
    bool pressKey(int key);
    [[nodiscard]] TraceCursor::Expert lookedAt() const { return m_hovered.isNone() ? m_place : m_hovered; }

    void paintMap(QPainter& painter) const;
    void paintAxes(QPainter& painter) const;
    void paintGrid(QPainter& painter) const;
    void paintBalance(QPainter& painter) const;
    void paintLegend(QPainter& painter) const;
    void paintWays(QPainter& painter) const;
    void paintWay(QPainter& painter, int token, const QColor& color, int pin) const;
    void paintCells(QPainter& painter, int token) const;
    void paintMarks(QPainter& painter) const;

    const Theme& m_theme;
    TraceCursor& m_cursor;
    std::optional<HeatScale> m_scale;
    QImage m_image; ///< a pixel for each cell
    Geometry m_geometry;
    TraceCursor::Expert m_place;   ///< where the keys are
    TraceCursor::Expert m_hovered; ///< under the pointer
    int m_hoveredLayer = -1;       ///< the row under the pointer, where it is beside the cells
};

} // namespace hearth::ui
