#include "ui/conversation/table_block_layout.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <numeric>

namespace hearth::ui {
namespace {

// A word longer than this is broken rather than letting its column push the others away.
constexpr int kWidestWord = 220;

Qt::Alignment alignmentOf(ColumnAlign align) {
    switch (align) {
    case ColumnAlign::Center:
        return Qt::AlignHCenter;
    case ColumnAlign::Right:
        return Qt::AlignRight;
    case ColumnAlign::Default:
    case ColumnAlign::Left:
        break;
    }
    return Qt::AlignLeft;
}

} // namespace

TableBlockLayout::TableBlockLayout(const Block& block, const ConversationStyle& style)
    : m_style(&style), m_aligns(block.table.columns), m_columns(static_cast<int>(m_aligns.size())),
      m_hasHeader(!block.goesOn), m_columnLefts(1), m_rowTops(1) {
    addCells(block.table);
    m_text = blockText(block);
}

bool TableBlockLayout::grow(const Block& block) {
    const bool sameHead = block.kind == BlockKind::Table && block.table.columns == m_aligns
                          && static_cast<int>(block.table.rows.size()) >= m_rows;
    if (!sameHead)
        return false;
    addCells(block.table);
    m_text = blockText(block);
    return true;
}

/// Makes the cells that are new or changed; the others keep their layout.
void TableBlockLayout::addCells(const TableContent& table) {
    m_rows = static_cast<int>(table.rows.size());
    int begin = 0;
    std::size_t index = 0;
    m_cells.reserve(static_cast<std::size_t>(m_columns) * static_cast<std::size_t>(m_rows));
    for (int row = 0; row < m_rows; ++row) {
        for (int column = 0; column < m_columns; ++column, ++index) {
            const RichText& text = table.rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
            if (index == m_cells.size())
                m_cells.push_back(makeCell(table, row, column));
            else if (!(m_cells[index].flow.text() == text))
                m_cells[index] = makeCell(table, row, column);
            m_cells[index].begin = begin;
            begin += static_cast<int>(text.text.size()) + 1;
        }
    }
}

TableBlockLayout::Cell TableBlockLayout::makeCell(const TableContent& table, int row, int column) const {
    TextLook look{m_style->chat, m_style->colors.text, alignmentOf(m_aligns[static_cast<std::size_t>(column)])};
    look.font.setPointSizeF(m_style->chat.pointSizeF() * 0.95);
    if (row == 0 && m_hasHeader)
        look.font.setWeight(QFont::DemiBold);
    const RichText& text = table.rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
    Cell cell{TextFlow(text, look, *m_style), {}, 0, row, column};
    cell.widths = cell.flow.measure();
    return cell;
}

std::vector<int> TableBlockLayout::columnWidths(int available) const {
    const auto count = static_cast<std::size_t>(m_columns);
    std::vector<int> wanted(count);
    std::vector<int> needed(count);
    for (const Cell& cell : m_cells) {
        const auto column = static_cast<std::size_t>(cell.column);
        wanted[column] = std::max(wanted[column], cell.widths.natural + 1);
        needed[column] = std::max(needed[column], std::min(cell.widths.widestWord + 1, m_style->scaled(kWidestWord)));
    }
    const int wantedSum = std::accumulate(wanted.begin(), wanted.end(), 0);
    const int neededSum = std::accumulate(needed.begin(), needed.end(), 0);
    if (wantedSum <= available)
        return wanted;
    if (neededSum >= available)
        return needed;
    // Each column gets what it needs; what is left goes where text has to be broken, by how much it would like.
    const double share = double(available - neededSum) / (wantedSum - neededSum);
    for (std::size_t column = 0; column < count; ++column)
        needed[column] += static_cast<int>((wanted[column] - needed[column]) * share);
    return needed;
}

int TableBlockLayout::setWidth(int width) {
    m_width = width;
    const int padding = 2 * m_style->cellPadding + Metrics::kSpace1;
    const std::vector<int> widths = columnWidths(width - m_columns * padding - 2);
    m_columnLefts.assign(1, 0);
    for (const int columnWidth : widths)
        m_columnLefts.push_back(m_columnLefts.back() + columnWidth + padding);
    std::vector<int> heights(static_cast<std::size_t>(m_rows));
    for (Cell& cell : m_cells) {
        int& height = heights[static_cast<std::size_t>(cell.row)];
        height = std::max(height, cell.flow.setWidth(widths[static_cast<std::size_t>(cell.column)]));
    }
    m_rowTops.assign(1, 0);
    for (const int height : heights)
        m_rowTops.push_back(m_rowTops.back() + height + m_style->cellPadding + Metrics::kHair);
    m_scroll.setWidths(m_columnLefts.back() + 2, width);
    return gridHeight() + 1 + (m_scroll.isNeeded() ? SideScroll::kBarHeight : 0);
}

QRect TableBlockLayout::scrollBar() const {
    return m_scroll.bar(0, gridHeight() + 1 + SideScroll::kBarHeight);
}

QPoint TableBlockLayout::cellOrigin(const Cell& cell) const {
    return {m_columnLefts[static_cast<std::size_t>(cell.column)] + m_style->cellPadding + 2 - m_scroll.offset(),
            m_rowTops[static_cast<std::size_t>(cell.row)] + m_style->cellPadding / 2 + 1};
}

void TableBlockLayout::paint(QPainter& painter, QPoint topLeft, const BlockPaint& paint) const {
    const Colors& colors = m_style->colors;
    const int tableWidth = std::min(m_columnLefts.back() + 1, m_width);
    const QRectF frame(topLeft.x() + 0.5, topLeft.y() + 0.5, tableWidth, gridHeight());
    painter.save();
    QPainterPath outline;
    outline.addRoundedRect(frame, Metrics::kRadius, Metrics::kRadius);
    painter.setClipPath(outline, Qt::IntersectClip);
    if (m_hasHeader)
        painter.fillRect(QRectF(frame.left(), frame.top(), frame.width(), m_rowTops[1]), colors.codeHeader);
    for (int row = 1; row < m_rows; ++row)
        painter.fillRect(QRect(topLeft.x(), topLeft.y() + m_rowTops[static_cast<std::size_t>(row)], tableWidth, 1),
                         colors.border);
    for (int column = 1; column < m_columns; ++column) {
        const int x = topLeft.x() + m_columnLefts[static_cast<std::size_t>(column)] - m_scroll.offset();
        painter.fillRect(QRect(x, topLeft.y(), 1, gridHeight()), colors.border);
    }
    for (const Cell& cell : m_cells) {
        const QPoint origin = topLeft + cellOrigin(cell);
        if (origin.y() > paint.clip.bottom())
            break;
        if (origin.y() + cell.flow.height() < paint.clip.top())
            continue;
        TextMarks marks;
        const auto moved = [&cell](TextRange range) {
            return TextRange{range.begin - cell.begin, range.end - cell.begin};
        };
        marks.selection = moved(paint.marks.selection);
        marks.currentMatch = moved(paint.marks.currentMatch);
        for (const TextRange match : paint.marks.matches)
            marks.matches.push_back(moved(match));
        cell.flow.paint(painter, origin, paint.clip, marks);
    }
    painter.restore();
    painter.setPen(QPen(colors.border, Metrics::kHair));
    painter.drawRoundedRect(frame, Metrics::kRadius, Metrics::kRadius);
    m_scroll.paint(painter, scrollBar().translated(topLeft), colors);
}

int TableBlockLayout::usedWidth() const {
    return std::min(m_columnLefts.back() + 2, m_width);
}

const TableBlockLayout::Cell* TableBlockLayout::cellAt(QPoint point) const {
    if (m_cells.empty())
        return nullptr;
    const auto index = [](const std::vector<int>& edges, int value) {
        const auto behind = std::upper_bound(edges.begin() + 1, edges.end() - 1, value);
        return static_cast<int>(behind - edges.begin()) - 1;
    };
    const int row = index(m_rowTops, point.y());
    const int column = index(m_columnLefts, point.x() + m_scroll.offset());
    return &m_cells[static_cast<std::size_t>(row * m_columns + column)];
}

int TableBlockLayout::positionAt(QPoint point) const {
    const Cell* cell = cellAt(point);
    return cell ? cell->begin + cell->flow.positionAt(point - cellOrigin(*cell)) : 0;
}

QRect TableBlockLayout::rangeRect(TextRange range) const {
    QRectF all;
    for (const Cell& cell : m_cells)
        for (const QRectF& rect : cell.flow.rangeRects({range.begin - cell.begin, range.end - cell.begin}))
            all = all.united(rect.translated(cellOrigin(cell)));
    return all.toAlignedRect();
}

QString TableBlockLayout::linkAt(QPoint point) const {
    const Cell* cell = cellAt(point);
    return cell ? cell->flow.linkAt(point - cellOrigin(*cell)) : QString();
}

QRect TableBlockLayout::firstLine() const {
    return {0, 0, m_width, m_rowTops.size() > 1 ? m_rowTops[1] : 0};
}

} // namespace hearth::ui
