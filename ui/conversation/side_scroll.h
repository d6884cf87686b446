#pragma once

#include "ui/theme/theme.h"

#include <QRect>

class QPainter;

namespace hearth::ui {

/// Sideways scrolling of content that is wider than its block, with a slim bar below. Thread: UI.
class SideScroll {
public:
    void setWidths(int contentWidth, int viewWidth);
    [[nodiscard]] bool isNeeded() const { return m_contentWidth > m_viewWidth; }
    [[nodiscard]] int contentWidth() const { return m_contentWidth; }
    [[nodiscard]] int offset() const { return m_offset; }
    void setOffset(int offset);
    /// The strip that takes the mouse: `left` and `bottom` are those of the view that scrolls. Empty if not needed.
    [[nodiscard]] QRect bar(int left, int bottom) const;
    void paint(QPainter& painter, const QRect& bar, const Colors& colors) const;

    static constexpr int kBarHeight = 10;

private:
    int m_contentWidth = 0;
    int m_viewWidth = 0;
    int m_offset = 0;
};

} // namespace hearth::ui
