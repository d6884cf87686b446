#include "ui/conversation/side_scroll.h"

#include <QPainter>

#include <algorithm>

namespace hearth::ui {

void SideScroll::setWidths(int contentWidth, int viewWidth) {
    m_contentWidth = contentWidth;
    m_viewWidth = viewWidth;
    setOffset(m_offset);
}

void SideScroll::setOffset(int offset) {
    m_offset = std::clamp(offset, 0, std::max(0, m_contentWidth - m_viewWidth));
}

QRect SideScroll::bar(int left, int bottom) const {
    return isNeeded() ? QRect(left, bottom - kBarHeight, m_viewWidth, kBarHeight) : QRect();
}

void SideScroll::paint(QPainter& painter, const QRect& bar, const Colors& colors) const {
    if (!isNeeded())
        return;
    constexpr double kThickness = 4;
    constexpr double kShortest = 24;
    const double part = double(m_viewWidth) / m_contentWidth;
    const double length = std::max(kShortest, bar.width() * part);
    const double travel = bar.width() - length;
    const double start = travel * m_offset / std::max(1, m_contentWidth - m_viewWidth);
    QColor thumb = colors.borderStrong;
    thumb.setAlphaF(0.7F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(thumb);
    const QRectF rect(bar.left() + start, bar.center().y() - kThickness / 2 + 0.5, length, kThickness);
    painter.drawRoundedRect(rect, kThickness / 2, kThickness / 2);
    painter.setBrush(Qt::NoBrush);
}

} // namespace hearth::ui
