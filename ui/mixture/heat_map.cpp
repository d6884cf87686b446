#include "ui/mixture/heat_map.h"

#include "ui/mixture/mixture_texts.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QContextMenuEvent>
#include <QFontMetrics>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hearth::ui {

namespace {

constexpr double kLargestCell = 26; ///< a map of few layers does not become a chess board
constexpr int kPageOfExperts = 8;

} // namespace

HeatMap::HeatMap(const Theme& theme, TraceCursor& cursor, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_cursor(cursor) {
    setObjectName(QStringLiteral("mixtureMap"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    const auto repaint = [this] {
        describe();
        update();
    };
    connect(&m_theme, &Theme::changed, this, &HeatMap::refresh);
    connect(&m_cursor, &TraceCursor::traceChanged, this, [this] {
        m_place = m_hovered = {};
        m_hoveredLayer = -1;
        refresh();
    });
    connect(&m_cursor, &TraceCursor::traceGrew, this, &HeatMap::refresh);
    connect(&m_cursor, &TraceCursor::rangeChanged, this, &HeatMap::refresh);
    connect(&m_cursor, &TraceCursor::currentChanged, this, repaint);
    connect(&m_cursor, &TraceCursor::pinsChanged, this, repaint);
    connect(&m_cursor, &TraceCursor::expertChanged, this, repaint);
    refresh();
}

void HeatMap::refresh() {
    m_scale.emplace(m_theme);
    const auto& layers = m_cursor.trace().shape().layers;
    const auto isGone = [&layers](TraceCursor::Expert expert) {
        return expert.layer >= static_cast<int>(layers.size())
               || (expert.layer >= 0 && expert.expert >= layers[static_cast<std::size_t>(expert.layer)].experts);
    };
    if (isGone(m_place))
        m_place = {};
    if (isGone(m_hovered))
        m_hovered = {};
    if (m_hoveredLayer >= static_cast<int>(layers.size()))
        m_hoveredLayer = -1;
    drawImage();
    updateGeometryOf(size());
    updateGeometry();
    describe();
    update();
}

void HeatMap::drawImage() {
    const ExpertLoad& load = m_cursor.load();
    const auto layers = static_cast<int>(load.layers.size());
    if (load.columns == 0) {
        m_image = {};
        return;
    }
    if (m_image.size() != QSize(load.columns, layers))
        m_image = QImage(load.columns, layers, QImage::Format_ARGB32_Premultiplied);
    m_image.fill(Qt::transparent);
    const double most = load.mostTimesEven();
    for (int layer = 0; layer < layers; ++layer) {
        auto* line = reinterpret_cast<QRgb*>(m_image.scanLine(layer));
        for (int expert = 0; expert < load.layers[static_cast<std::size_t>(layer)].experts; ++expert)
            line[expert] = m_scale->at(heatOf(load.timesEven(layer, expert), most));
    }
}

void HeatMap::updateGeometryOf(const QSize& size) {
    const ExpertLoad& load = m_cursor.load();
    const QFontMetrics metrics(m_theme.font(FontRole::Small));
    Geometry geometry;
    geometry.layers = static_cast<int>(load.layers.size());
    geometry.columns = load.columns;
    const double line = metrics.height();
    const double left = metrics.horizontalAdvance(QStringLiteral("000")) + Metrics::kSpace2;
    const double balance = metrics.horizontalAdvance(tr("Balance")) + Metrics::kSpace2;
    // Its sentences fit into a line of 70 letters; in a narrow pane they take two.
    const double sentenceLines = size.width() < metrics.averageCharWidth() * 70 ? 2 : 1;
    const double below = (1 + sentenceLines) * line + 2 * Metrics::kSpace2;
    QRectF grid(Metrics::kSpace3 + left, line + Metrics::kSpace1, 0, 0);
    grid.setRight(size.width() - Metrics::kSpace3 - balance - Metrics::kSpace2);
    grid.setBottom(std::max(size.height() - below, grid.top() + 1.0));
    if (geometry.columns > 0 && geometry.layers > 0 && grid.width() > 1) {
        // Whole points where there is room: cells of unlike widths would look like data.
        const auto fit = [](double room, int count) {
            const double cell = std::min(room / count, kLargestCell);
            return cell >= 2 ? std::floor(cell) : cell;
        };
        geometry.cellWidth = fit(grid.width(), geometry.columns);
        geometry.cellHeight = fit(grid.height(), geometry.layers);
        grid.setWidth(geometry.cellWidth * geometry.columns);
        grid.setHeight(geometry.cellHeight * geometry.layers);
    }
    geometry.grid = grid;
    geometry.balance = QRectF(grid.right() + Metrics::kSpace2, grid.top(), balance, grid.height());
    geometry.legend = QRectF(grid.left(), grid.bottom() + Metrics::kSpace2, grid.width(), line);
    geometry.sentence = QRectF(Metrics::kSpace3, geometry.legend.bottom() + Metrics::kSpace1,
                               size.width() - 2 * Metrics::kSpace3, sentenceLines * line + Metrics::kSpace1);
    m_geometry = geometry;
}

QSize HeatMap::sizeHint() const {
    const auto layers = static_cast<int>(m_cursor.trace().shape().layers.size());
    const int line = QFontMetrics(m_theme.font(FontRole::Small)).height();
    return {Metrics::kPaneMinimum, std::clamp(layers * 8, 120, 420) + 4 * line};
}

QSize HeatMap::minimumSizeHint() const {
    const int line = QFontMetrics(m_theme.font(FontRole::Small)).height();
    const auto layers = static_cast<int>(m_cursor.trace().shape().layers.size());
    return {Metrics::kPaneMinimum - 2 * Metrics::kSpace2, std::clamp(layers * 3, 60, 180) + 4 * line};
}

QRectF HeatMap::cellRect(int layer, int expert) const {
    return {m_geometry.grid.left() + expert * m_geometry.cellWidth,
            m_geometry.grid.top() + layer * m_geometry.cellHeight, m_geometry.cellWidth, m_geometry.cellHeight};
}

int HeatMap::layerAt(QPointF point) const {
    const double above = point.y() - m_geometry.grid.top();
    if (above < 0 || above >= m_geometry.grid.height() || m_geometry.cellHeight <= 0)
        return -1;
    return std::min(static_cast<int>(above / m_geometry.cellHeight), m_geometry.layers - 1);
}

TraceCursor::Expert HeatMap::expertAt(QPointF point) const {
    const int layer = layerAt(point);
    if (layer < 0 || !m_geometry.grid.contains(point))
        return {};
    const int expert = static_cast<int>((point.x() - m_geometry.grid.left()) / m_geometry.cellWidth);
    const int experts = m_cursor.load().layers[static_cast<std::size_t>(layer)].experts;
    return expert < experts ? TraceCursor::Expert{layer, expert} : TraceCursor::Expert{};
}

QString HeatMap::sentence() const {
    if (const TraceCursor::Expert expert = lookedAt(); !expert.isNone())
        return MixtureTexts::expert(m_cursor, expert);
    if (m_hoveredLayer >= 0)
        return MixtureTexts::layer(m_cursor, m_hoveredLayer);
    if (const TraceCursor::Expert marked = m_cursor.expert(); !marked.isNone())
        return MixtureTexts::expert(m_cursor, marked);
    if (const int token = m_cursor.current(); token >= 0 && !m_cursor.trace().hasExperts(token))
        return tr("The answer ended before this token was read: it has no experts.");
    return tr("Click a cell to mark the tokens that this expert took part in.");
}

void HeatMap::describe() {
    setAccessibleName(tr("Experts by layer"));
    setAccessibleDescription(sentence());
    if (hasFocus()) {
        QAccessibleEvent event(this, QAccessible::DescriptionChanged);
        QAccessible::updateAccessibility(&event);
    }
}

void HeatMap::setHovered(TraceCursor::Expert expert, int layer) {
    if (m_hovered == expert && m_hoveredLayer == layer)
        return;
    m_hovered = expert;
    m_hoveredLayer = layer;
    describe();
    update();
}

void HeatMap::moveTo(TraceCursor::Expert place) {
    const auto& layers = m_cursor.load().layers;
    place.layer = std::clamp(place.layer, 0, static_cast<int>(layers.size()) - 1);
    place.expert = std::clamp(place.expert, 0, layers[static_cast<std::size_t>(place.layer)].experts - 1);
    m_place = place;
    m_hovered = {};
    m_hoveredLayer = -1;
    describe();
    update();
}

bool HeatMap::pressKey(int key) {
    if (m_geometry.columns == 0)
        return false;
    const TraceCursor::Expert from = m_place.isNone() ? TraceCursor::Expert{0, 0} : m_place;
    const auto step = [&](int layers, int experts) {
        moveTo(m_place.isNone() ? from : TraceCursor::Expert{from.layer + layers, from.expert + experts});
        return true;
    };
    switch (key) {
    case Qt::Key_Left:
        return step(0, -1);
    case Qt::Key_Right:
        return step(0, 1);
    case Qt::Key_Up:
        return step(-1, 0);
    case Qt::Key_Down:
        return step(1, 0);
    case Qt::Key_PageUp:
        return step(0, -kPageOfExperts);
    case Qt::Key_PageDown:
        return step(0, kPageOfExperts);
    case Qt::Key_Home:
        return step(0, -m_geometry.columns);
    case Qt::Key_End:
        return step(0, m_geometry.columns);
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        m_cursor.setExpert(m_place == m_cursor.expert() ? TraceCursor::Expert{} : m_place);
        return true;
    case Qt::Key_Escape: {
        const bool had = !m_place.isNone() || !m_cursor.expert().isNone();
        if (!m_cursor.expert().isNone())
            m_cursor.setExpert({});
        else
            m_place = {};
        describe();
        update();
        return had;
    }
    default:
        return false;
    }
}

void HeatMap::keyPressEvent(QKeyEvent* event) {
    if (!pressKey(event->key()))
        QWidget::keyPressEvent(event);
}

void HeatMap::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    const TraceCursor::Expert expert = expertAt(event->position());
    if (!expert.isNone())
        m_place = expert;
    m_cursor.setExpert(expert == m_cursor.expert() ? TraceCursor::Expert{} : expert);
}

void HeatMap::mouseMoveEvent(QMouseEvent* event) {
    const TraceCursor::Expert expert = expertAt(event->position());
    setHovered(expert, expert.isNone() ? layerAt(event->position()) : expert.layer);
    setCursor(expert.isNone() ? Qt::ArrowCursor : Qt::PointingHandCursor);
}

void HeatMap::leaveEvent(QEvent*) {
    setHovered({}, -1);
}

void HeatMap::resizeEvent(QResizeEvent*) {
    updateGeometryOf(size());
}

void HeatMap::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void HeatMap::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

void HeatMap::contextMenuEvent(QContextMenuEvent* event) {
    Q_EMIT menuRequested(event->globalPos());
}

void HeatMap::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        refresh();
    QWidget::changeEvent(event);
}

QImage HeatMap::picture(const QSize& size, double scale) {
    QImage image(size * scale, QImage::Format_RGB32);
    image.setDevicePixelRatio(scale);
    image.fill(m_theme.colors().base);
    updateGeometryOf(size);
    {
        QPainter painter(&image);
        painter.setRenderHint(QPainter::Antialiasing);
        paintMap(painter);
    }
    updateGeometryOf(this->size());
    return image;
}

} // namespace hearth::ui
