#pragma once

#include "ui/conversation/block_layout.h"
#include "ui/conversation/side_scroll.h"

#include <vector>

namespace hearth::ui {

/// A table with hair lines. Columns take what their text wants while it fits, share the width when it does not, and
/// when not even the longest words fit, the table scrolls sideways. Thread: UI.
class TableBlockLayout : public BlockLayout {
public:
    TableBlockLayout(const Block& block, const ConversationStyle& style);

    int setWidth(int width) override;
    [[nodiscard]] int usedWidth() const override;
    void paint(QPainter& painter, QPoint topLeft, const BlockPaint& paint) const override;
    [[nodiscard]] QString text() const override { return m_text; }
    [[nodiscard]] int positionAt(QPoint point) const override;
    [[nodiscard]] QRect rangeRect(TextRange range) const override;
    [[nodiscard]] QString linkAt(QPoint point) const override;
    [[nodiscard]] QRect firstLine() const override;
    [[nodiscard]] int contentWidth() const override { return m_scroll.contentWidth(); }
    [[nodiscard]] int scrollOffset() const override { return m_scroll.offset(); }
    void setScrollOffset(int offset) override { m_scroll.setOffset(offset); }
    [[nodiscard]] QRect scrollBar() const override;
    [[nodiscard]] bool grow(const Block& block) override;

private:
    struct Cell {
        TextFlow flow;
        TextFlow::Widths widths;
        int begin = 0; ///< of its text in text()
        int row = 0;
        int column = 0;
    };

    void addCells(const TableContent& table);
    [[nodiscard]] Cell makeCell(const TableContent& table, int row, int column) const;
    [[nodiscard]] std::vector<int> columnWidths(int available) const;
    [[nodiscard]] QPoint cellOrigin(const Cell& cell) const;
    [[nodiscard]] const Cell* cellAt(QPoint point) const;
    [[nodiscard]] int gridHeight() const { return m_rowTops.back(); }

    const ConversationStyle* m_style;
    std::vector<ColumnAlign> m_aligns;
    int m_columns = 0;
    bool m_hasHeader = true;
    int m_rows = 0;
    std::vector<Cell> m_cells;
    std::vector<int> m_columnLefts; ///< one more than columns
    std::vector<int> m_rowTops;     ///< one more than rows
    QString m_text;
    int m_width = 0;
    SideScroll m_scroll;
};

} // namespace hearth::ui
