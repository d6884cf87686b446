#pragma once

#include "ui/conversation/conversation_style.h"
#include "ui/conversation/text_flow.h"
#include "ui/markdown/block.h"

#include <QPoint>
#include <QRect>

#include <memory>

class QPainter;

namespace hearth::ui {

/// What a block needs to know when it is painted.
struct BlockPaint {
    QRect clip; ///< in the painter's coordinates
    TextMarks marks;
    bool copyHovered = false; ///< the copy button of a code block
    bool copyFocused = false;
    bool copied = false; ///< shows for a moment that the code is on the clipboard
};

/// One block, laid out at one width. Positions count UTF-16 units of its text, as text() gives it; rectangles and
/// points are relative to the block's top left corner. Thread: UI.
class BlockLayout {
public:
    virtual ~BlockLayout() = default;

    /// Lays out; returns the height.
    virtual int setWidth(int width) = 0;
    /// Width that the content really takes, at most the one set: a bubble shrinks to it.
    [[nodiscard]] virtual int usedWidth() const = 0;
    virtual void paint(QPainter& painter, QPoint topLeft, const BlockPaint& paint) const = 0;

    /// The text that can be selected, found and copied. A table has tabs between cells and line feeds between rows.
    [[nodiscard]] virtual QString text() const = 0;
    [[nodiscard]] virtual int positionAt(QPoint point) const = 0;
    [[nodiscard]] virtual QRect rangeRect(TextRange range) const = 0;
    [[nodiscard]] virtual QString linkAt(QPoint) const { return {}; }
    /// The first line, beside which a bullet stands.
    [[nodiscard]] virtual QRect firstLine() const = 0;
    /// The copy button; empty where the block has none.
    [[nodiscard]] virtual QRect copyButton() const { return {}; }

    /// Content wider than the block scrolls sideways: its full width, and how far it is scrolled.
    [[nodiscard]] virtual int contentWidth() const { return 0; }
    [[nodiscard]] virtual int scrollOffset() const { return 0; }
    virtual void setScrollOffset(int) {}
    /// The strip that shows and takes the sideways scrolling; empty where everything fits.
    [[nodiscard]] virtual QRect scrollBar() const { return {}; }

    /// Takes in a code block that has grown at its end; false if this layout cannot and has to be made anew.
    [[nodiscard]] virtual bool grow(const Block&) { return false; }
};

/// The layout of a block, not yet given a width. `style` must outlive it; the block need not.
[[nodiscard]] std::unique_ptr<BlockLayout> makeBlockLayout(const Block& block, const ConversationStyle& style);

/// What BlockLayout::text() of the block would be, without laying it out.
[[nodiscard]] QString blockText(const Block& block);

/// Height of a block that nobody has laid out yet, from the length of its text.
[[nodiscard]] int estimateBlockHeight(const Block& block, int width, const ConversationStyle& style);

} // namespace hearth::ui
