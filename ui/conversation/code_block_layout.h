#pragma once

#include "ui/conversation/block_layout.h"
#include "ui/conversation/side_scroll.h"
#include "ui/markdown/code_highlighter.h"

#include <QCoreApplication>
#include <QTextLayout>

#include <memory>
#include <unordered_map>
#include <vector>

namespace hearth::ui {

/// Fixed-pitch lines below a bar with the language and a copy button. Lines are not wrapped: the block scrolls
/// sideways. Only lines that are painted get a text layout, so a block of any length opens at once. Thread: UI.
class CodeBlockLayout : public BlockLayout {
    Q_DECLARE_TR_FUNCTIONS(CodeBlockLayout)

public:
    CodeBlockLayout(const Block& block, const ConversationStyle& style);

    int setWidth(int width) override;
    [[nodiscard]] int usedWidth() const override { return m_width; }
    void paint(QPainter& painter, QPoint topLeft, const BlockPaint& paint) const override;
    [[nodiscard]] QString text() const override { return m_text; }
    [[nodiscard]] int positionAt(QPoint point) const override;
    [[nodiscard]] QRect rangeRect(TextRange range) const override;
    [[nodiscard]] QRect firstLine() const override;
    [[nodiscard]] QRect copyButton() const override;
    [[nodiscard]] int contentWidth() const override { return m_scroll.contentWidth(); }
    [[nodiscard]] int scrollOffset() const override { return m_scroll.offset(); }
    void setScrollOffset(int offset) override { m_scroll.setOffset(offset); }
    [[nodiscard]] QRect scrollBar() const override;
    [[nodiscard]] bool grow(const Block& block) override;

private:
    /// A line on the screen: a line of the code, or a piece of one that is too long to lay out at once.
    struct Row {
        int begin = 0;
        int length = 0;
        bool startsLine = true;
    };

    void addRows(int from);
    [[nodiscard]] int height() const;
    [[nodiscard]] int textTop() const { return m_style->codeHeaderHeight + m_style->codePadding; }
    [[nodiscard]] int rowAtPosition(int position) const;
    [[nodiscard]] QTextLayout& rowLayout(int row) const;
    [[nodiscard]] HighlightState stateBefore(int row) const;
    void paintHeader(QPainter& painter, QPoint topLeft, const BlockPaint& paint) const;
    void paintRow(QPainter& painter, int row, QPointF at, const TextMarks& marks) const;

    const ConversationStyle* m_style;
    QString m_language;
    const CodeLanguage* m_syntax;
    QString m_text;
    std::vector<Row> m_rows;
    double m_widest = 0;
    int m_width = 0;
    SideScroll m_scroll;
    mutable std::vector<HighlightState> m_states; ///< before each row, as far as they are known
    mutable std::unordered_map<int, std::unique_ptr<QTextLayout>> m_rowLayouts;
};

} // namespace hearth::ui
