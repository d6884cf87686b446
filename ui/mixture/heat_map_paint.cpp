// How HeatMap paints.
#include "ui/mixture/heat_map.h"

#include "ui/mixture/mixture_texts.h"
#include "ui/theme/theme.h"

#include <QLinearGradient>
#include <QLocale>
#include <QPaintEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>

namespace hearth::ui {

namespace {

constexpr double kLinesFrom = 5.0;    ///< cells of so many points have lines between them
constexpr double kDimmed = 0.72;      ///< of the ground over the map, while a token's way is shown
constexpr double kSmallestMark = 5.0; ///< a chosen cell is at least so wide, whatever the scale of the map
constexpr double kLargestMark = 16.0;

/// Steps of 1, 2, 5, 10, … of which at most `most` fit.
int tickStep(int count, int most) {
    for (int power = 1;; power *= 10)
        for (const int step : {1, 2, 5})
            if (count / (step * power) <= most)
                return step * power;
}

} // namespace

void HeatMap::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(event->rect(), m_theme.colors().base);
    if (m_geometry.columns == 0)
        return;
    paintMap(painter);
    painter.setFont(m_theme.font(FontRole::Small));
    painter.setPen(m_theme.colors().textMuted);
    painter.drawText(m_geometry.sentence, static_cast<int>(Qt::AlignLeft | Qt::AlignTop) | Qt::TextWordWrap,
                     sentence());
    if (hasFocus()) {
        painter.setPen(QPen(m_theme.colors().accent, Metrics::kFocusWidth));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(m_geometry.grid.adjusted(-3, -3, 3, 3), Metrics::kRadiusSmall, Metrics::kRadiusSmall);
    }
}

void HeatMap::paintMap(QPainter& painter) const {
    if (m_geometry.columns == 0)
        return;
    paintAxes(painter);
    paintGrid(painter);
    paintWays(painter);
    paintMarks(painter);
    paintBalance(painter);
    paintLegend(painter);
}

void HeatMap::paintAxes(QPainter& painter) const {
    const ExpertLoad& load = m_cursor.load();
    const QRectF& grid = m_geometry.grid;
    painter.setFont(m_theme.font(FontRole::Small));
    painter.setPen(m_theme.colors().textMuted);
    const QFontMetricsF metrics(painter.font());
    const double line = metrics.height();
    const QLocale locale;
    const int layerStep = tickStep(m_geometry.layers, std::max(1, static_cast<int>(grid.height() / line)));
    for (int layer = 0; layer < m_geometry.layers; ++layer) {
        const int number = load.layers[static_cast<std::size_t>(layer)].layer;
        if (number % layerStep != 0)
            continue;
        const QRectF row = cellRect(layer, 0);
        painter.drawText(QRectF(0, row.center().y() - line / 2, grid.left() - Metrics::kSpace2, line),
                         Qt::AlignRight | Qt::AlignVCenter, locale.toString(number));
    }
    const double widest = metrics.horizontalAdvance(locale.toString(m_geometry.columns)) + Metrics::kSpace4;
    const int expertStep = tickStep(m_geometry.columns, std::max(1, static_cast<int>(grid.width() / widest)));
    for (int expert = 0; expert < m_geometry.columns; expert += expertStep) {
        const double middle = cellRect(0, expert).center().x();
        painter.drawText(QRectF(middle - widest / 2, grid.top() - line - Metrics::kSpace1 + 1, widest, line),
                         Qt::AlignCenter, locale.toString(expert));
    }
    painter.drawText(
        QRectF(m_geometry.balance.left(), grid.top() - line - Metrics::kSpace1 + 1, m_geometry.balance.width(), line),
        Qt::AlignLeft | Qt::AlignVCenter, tr("Balance"));
}

void HeatMap::paintGrid(QPainter& painter) const {
    const QRectF& grid = m_geometry.grid;
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.drawImage(grid, m_image);
    const QColor& ground = m_theme.colors().base;
    if (m_geometry.cellWidth >= kLinesFrom)
        for (int expert = 1; expert < m_geometry.columns; ++expert)
            painter.fillRect(QRectF(cellRect(0, expert).left() - 1, grid.top(), 1, grid.height()), ground);
    if (m_geometry.cellHeight >= kLinesFrom)
        for (int layer = 1; layer < m_geometry.layers; ++layer)
            painter.fillRect(QRectF(grid.left(), cellRect(layer, 0).top() - 1, grid.width(), 1), ground);
}

void HeatMap::paintBalance(QPainter& painter) const {
    const ExpertLoad& load = m_cursor.load();
    const Colors& colors = m_theme.colors();
    const double width = m_geometry.balance.width();
    const double gap = m_geometry.cellHeight >= kLinesFrom ? 2.0 : m_geometry.cellHeight >= 3 ? 1.0 : 0.0;
    painter.setPen(Qt::NoPen);
    for (int layer = 0; layer < m_geometry.layers; ++layer) {
        const QRectF row(m_geometry.balance.left(), cellRect(layer, 0).top() + gap / 2, width,
                         m_geometry.cellHeight - gap);
        painter.fillRect(row, colors.hover);
        const double part = load.layers[static_cast<std::size_t>(layer)].balance;
        const bool isHovered = layer == m_hoveredLayer || layer == lookedAt().layer;
        painter.fillRect(QRectF(row.topLeft(), QSizeF(width * part, row.height())),
                         isHovered ? colors.text : colors.borderStrong);
    }
}

void HeatMap::paintLegend(QPainter& painter) const {
    const ExpertLoad& load = m_cursor.load();
    const double most = load.mostTimesEven();
    painter.setFont(m_theme.font(FontRole::Small));
    const QFontMetricsF metrics(painter.font());
    const QString from = tr("never");
    const QString to = tr("%1 × an even share").arg(QLocale().toString(most, 'f', 1));
    const QRectF& row = m_geometry.legend;
    const double before = metrics.horizontalAdvance(from) + Metrics::kSpace2;
    const double after = metrics.horizontalAdvance(to) + Metrics::kSpace2;
    const double width = std::clamp(row.width() - before - after, 40.0, 160.0);
    painter.setPen(m_theme.colors().textMuted);
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, from);
    const QRectF bar(row.left() + before, row.center().y() - 4, width, 8);
    QLinearGradient gradient(bar.topLeft(), bar.topRight());
    for (int stop = 0; stop <= 16; ++stop)
        gradient.setColorAt(stop / 16.0, QColor(m_scale->at(stop / 16.0)));
    painter.fillRect(bar, gradient);
    painter.setPen(QPen(m_theme.colors().border, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(bar);
    if (most > 1) { // where an even share lies
        const double even = bar.left() + width * heatOf(1.0, most);
        painter.fillRect(QRectF(even - 0.5, bar.top() - 3, 1.5, bar.height() + 6), m_theme.colors().text);
    }
    painter.setPen(m_theme.colors().textMuted);
    painter.drawText(QRectF(bar.right() + Metrics::kSpace2, row.top(), after + width, row.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, to);
}

void HeatMap::paintWays(QPainter& painter) const {
    const AnswerTrace& trace = m_cursor.trace();
    const int current = m_cursor.current();
    const bool hasCurrent = current >= 0 && current < trace.tokenCount() && trace.hasExperts(current);
    if (!hasCurrent && m_cursor.pins().isEmpty())
        return;
    QColor veil = m_theme.colors().base;
    veil.setAlphaF(static_cast<float>(kDimmed));
    painter.fillRect(m_geometry.grid, veil);
    for (int pin = 0; pin < m_cursor.pins().size(); ++pin)
        if (m_cursor.pins()[pin] != current)
            paintWay(painter, m_cursor.pins()[pin], pinColor(m_theme, pin), pin);
    if (!hasCurrent)
        return;
    const int pin = m_cursor.pinOf(current);
    paintWay(painter, current, pin >= 0 ? pinColor(m_theme, pin) : m_theme.colors().text, pin);
    paintCells(painter, current);
}

void HeatMap::paintWay(QPainter& painter, int token, const QColor& color, int pin) const {
    const AnswerTrace& trace = m_cursor.trace();
    if (token >= trace.tokenCount() || !trace.hasExperts(token))
        return;
    constexpr std::array kStrokes{Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};
    QPainterPath way;
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    const bool hasDots = pin >= 0; // the current token has cells instead
    for (int layer = 0; layer < m_geometry.layers; ++layer) {
        const auto experts = trace.experts(token, layer);
        const auto shares = trace.shares(token, layer);
        int strongest = -1;
        for (std::size_t choice = 0; choice < experts.size(); ++choice) {
            if (experts[choice] == AnswerTrace::kDropped)
                continue;
            const QPointF middle = cellRect(layer, experts[choice]).center();
            const double radius = 1.5 + std::min(m_geometry.cellHeight, 9.0) * 0.35 * shares[choice] / 255.0;
            if (hasDots)
                painter.drawEllipse(middle, radius, radius);
            if (strongest < 0 || shares[choice] > shares[static_cast<std::size_t>(strongest)])
                strongest = static_cast<int>(choice);
        }
        if (strongest < 0)
            continue;
        const QPointF middle = cellRect(layer, experts[static_cast<std::size_t>(strongest)]).center();
        way.elementCount() == 0 ? way.moveTo(middle) : way.lineTo(middle);
    }
    QColor stroke = color;
    stroke.setAlphaF(pin >= 0 ? 0.75F : 0.45F);
    painter.setPen(QPen(stroke, pin >= 0 ? 1.6 : 1.2, kStrokes[static_cast<std::size_t>(std::max(pin, 0))],
                        Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(way);
}

void HeatMap::paintCells(QPainter& painter, int token) const {
    const AnswerTrace& trace = m_cursor.trace();
    // Filled twice: thousands of strokes would take longer than a frame.
    const bool wasSmooth = painter.testRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (int layer = 0; layer < m_geometry.layers; ++layer) {
        const auto experts = trace.experts(token, layer);
        const auto shares = trace.shares(token, layer);
        const int most = experts.empty() ? 0 : *std::max_element(shares.begin(), shares.end());
        for (std::size_t choice = 0; choice < experts.size(); ++choice) {
            if (experts[choice] == AnswerTrace::kDropped)
                continue;
            const QPointF middle = cellRect(layer, experts[choice]).center();
            const double width = std::max(m_geometry.cellWidth - 1, kSmallestMark);
            const double height = std::clamp(m_geometry.cellHeight - 1, 3.0, kLargestMark);
            const QRectF cell(middle.x() - width / 2, middle.y() - height / 2, width, height);
            painter.fillRect(cell.adjusted(-1, -1, 1, 1), m_theme.colors().text);
            painter.fillRect(cell, QColor(m_scale->at(0.35 + 0.65 * shares[choice] / std::max(most, 1))));
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, wasSmooth);
}

void HeatMap::paintMarks(QPainter& painter) const {
    painter.setBrush(Qt::NoBrush);
    if (const TraceCursor::Expert marked = m_cursor.expert(); !marked.isNone()) {
        painter.setPen(QPen(m_theme.colors().text, 2));
        painter.drawRect(cellRect(marked.layer, marked.expert).adjusted(-2, -2, 1, 1));
    }
    if (const TraceCursor::Expert place = lookedAt(); !place.isNone()) {
        const QRectF cell = cellRect(place.layer, place.expert);
        QColor hair = m_theme.colors().text;
        hair.setAlphaF(0.35F);
        painter.fillRect(
            QRectF(m_geometry.grid.left(), cell.center().y() - 0.5, cell.left() - m_geometry.grid.left(), 1), hair);
        painter.fillRect(QRectF(cell.center().x() - 0.5, m_geometry.grid.top(), 1, cell.top() - m_geometry.grid.top()),
                         hair);
        painter.setPen(QPen(m_theme.colors().accent, 2));
        painter.drawRect(cell.adjusted(-1, -1, 0, 0));
    }
}

} // namespace hearth::ui
