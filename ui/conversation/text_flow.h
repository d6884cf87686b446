#pragma once

#include "ui/conversation/conversation_style.h"
#include "ui/markdown/block.h"

#include <QPoint>
#include <QRectF>
#include <QTextLayout>

#include <memory>
#include <vector>

class QPainter;

namespace hearth::ui {

/// Part of a text, in UTF-16 units; empty when end <= begin.
struct TextRange {
    int begin = 0;
    int end = 0;

    [[nodiscard]] bool isEmpty() const { return end <= begin; }
    friend bool operator==(const TextRange&, const TextRange&) = default;
};

/// What is marked in a text while it is painted.
struct TextMarks {
    TextRange selection;
    std::vector<TextRange> matches; ///< of the search, in order
    TextRange currentMatch;
};

/// How a flow of text is set.
struct TextLook {
    QFont font;
    QColor color;
    Qt::Alignment alignment = Qt::AlignLeft;
};

/// Styled text broken into lines of one width. Thread: UI.
class TextFlow {
public:
    /// `style` must outlive the flow.
    TextFlow(const RichText& text, const TextLook& look, const ConversationStyle& style);

    /// Breaks the lines; returns the height.
    int setWidth(int width);
    [[nodiscard]] int height() const { return m_height; }
    /// Width of the widest line after setWidth().
    [[nodiscard]] int usedWidth() const;
    /// Width without any break, and that of the widest word: what a table column wants and needs. Breaks the lines
    /// anew, so setWidth() has to follow.
    struct Widths {
        int natural = 0;
        int widestWord = 0;
    };
    [[nodiscard]] Widths measure();

    /// clip: what needs painting, in the painter's coordinates; lines outside are skipped.
    void paint(QPainter& painter, QPointF topLeft, const QRectF& clip, const TextMarks& marks) const;
    /// The position between letters nearest to a point; points above and below give the first and last line.
    [[nodiscard]] int positionAt(QPointF point) const;
    /// Rectangles that cover a range, one or more for each line; full line height.
    [[nodiscard]] std::vector<QRectF> rangeRects(TextRange range) const;
    /// Address of the link at a point, empty where none is.
    [[nodiscard]] QString linkAt(QPointF point) const;
    [[nodiscard]] const RichText& text() const { return m_text; }
    /// Middle of the first line: where a bullet or number stands.
    [[nodiscard]] QRectF firstLine() const;

private:
    struct LineBox {
        double top = 0;
        double height = 0;
    };

    void applyFormats();
    [[nodiscard]] int lineAt(double y) const;
    void fillRange(QPainter& painter, QPointF topLeft, const QRectF& clip, TextRange range, const QColor& color) const;
    void paintInlineCode(QPainter& painter, QPointF topLeft, const QRectF& clip) const;
    void collectLineRects(int lineNumber, TextRange range, std::vector<QRectF>* rects) const;

    RichText m_text;
    const ConversationStyle* m_style;
    TextLook m_look;
    std::unique_ptr<QTextLayout> m_layout; ///< by pointer, so that a flow can be moved
    std::vector<LineBox> m_lines;
    int m_height = 0;
    int m_width = -1;
};

} // namespace hearth::ui
