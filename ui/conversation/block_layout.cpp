#include "ui/conversation/block_layout.h"

#include "ui/conversation/code_block_layout.h"
#include "ui/conversation/table_block_layout.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace hearth::ui {
namespace {

/// A paragraph or heading.
class TextBlockLayout : public BlockLayout {
public:
    TextBlockLayout(const Block& block, const ConversationStyle& style)
        : m_flow(block.content, look(block, style), style) {}

    int setWidth(int width) override { return m_flow.setWidth(width); }
    [[nodiscard]] int usedWidth() const override { return m_flow.usedWidth(); }
    void paint(QPainter& painter, QPoint topLeft, const BlockPaint& paint) const override {
        m_flow.paint(painter, topLeft, paint.clip, paint.marks);
    }
    [[nodiscard]] QString text() const override { return m_flow.text().text; }
    [[nodiscard]] int positionAt(QPoint point) const override { return m_flow.positionAt(point); }
    [[nodiscard]] QRect rangeRect(TextRange range) const override {
        QRectF all;
        for (const QRectF& rect : m_flow.rangeRects(range))
            all = all.united(rect);
        return all.toAlignedRect();
    }
    [[nodiscard]] QString linkAt(QPoint point) const override { return m_flow.linkAt(point); }
    [[nodiscard]] QRect firstLine() const override { return m_flow.firstLine().toAlignedRect(); }

private:
    static TextLook look(const Block& block, const ConversationStyle& style) {
        TextLook look{style.chat, style.colors.text, Qt::AlignLeft};
        if (block.kind == BlockKind::Heading)
            look.font = style.heading[static_cast<std::size_t>(std::clamp(block.level, 1, 6)) - 1];
        const auto& spans = block.content.spans;
        const bool formula = spans.size() == 1 && spans[0].styles.testFlag(SpanStyle::DisplayMath)
                             && spans[0].length == block.content.text.size();
        if (formula)
            look.alignment = Qt::AlignHCenter;
        return look;
    }

    TextFlow m_flow;
};

class RuleBlockLayout : public BlockLayout {
public:
    explicit RuleBlockLayout(const ConversationStyle& style) : m_style(&style) {}

    int setWidth(int width) override {
        m_width = width;
        return height();
    }
    [[nodiscard]] int usedWidth() const override { return m_width; }
    void paint(QPainter& painter, QPoint topLeft, const BlockPaint&) const override {
        painter.fillRect(QRect(topLeft.x(), topLeft.y() + height() / 2, m_width, Metrics::kHair),
                         m_style->colors.border);
    }
    [[nodiscard]] QString text() const override { return {}; }
    [[nodiscard]] int positionAt(QPoint) const override { return 0; }
    [[nodiscard]] QRect rangeRect(TextRange) const override { return {0, 0, m_width, height()}; }
    [[nodiscard]] QRect firstLine() const override { return {0, 0, m_width, height()}; }

private:
    [[nodiscard]] int height() const { return m_style->scaled(Metrics::kSpace4) + Metrics::kHair; }

    const ConversationStyle* m_style;
    int m_width = 0;
};

} // namespace

std::unique_ptr<BlockLayout> makeBlockLayout(const Block& block, const ConversationStyle& style) {
    switch (block.kind) {
    case BlockKind::Code:
        return std::make_unique<CodeBlockLayout>(block, style);
    case BlockKind::Table:
        return std::make_unique<TableBlockLayout>(block, style);
    case BlockKind::Rule:
        return std::make_unique<RuleBlockLayout>(style);
    case BlockKind::Paragraph:
    case BlockKind::Heading:
        break;
    }
    return std::make_unique<TextBlockLayout>(block, style);
}

QString blockText(const Block& block) {
    if (block.kind != BlockKind::Table)
        return block.content.text;
    QString all;
    for (const auto& row : block.table.rows)
        for (std::size_t column = 0; column < row.size(); ++column)
            all += row[column].text + (column + 1 < row.size() ? u'\t' : u'\n');
    all.chop(1);
    return all;
}

int estimateBlockHeight(const Block& block, int width, const ConversationStyle& style) {
    switch (block.kind) {
    case BlockKind::Code: {
        const auto lines = static_cast<int>(block.content.text.count(u'\n')) + 1;
        return lines * style.codeLineHeight + 2 * style.codePadding + style.codeHeaderHeight;
    }
    case BlockKind::Table:
        return static_cast<int>(static_cast<double>(block.table.rows.size())
                                * (style.chatLineHeight + 2 * style.cellPadding));
    case BlockKind::Rule:
        return style.scaled(Metrics::kSpace4) + Metrics::kHair;
    case BlockKind::Paragraph:
    case BlockKind::Heading:
        break;
    }
    const double lettersPerLine = std::max(1.0, width / style.letterWidth);
    const double lines = std::ceil(static_cast<double>(block.content.text.size()) / lettersPerLine)
                         + static_cast<double>(block.content.text.count(QChar(QChar::LineSeparator)));
    return static_cast<int>(std::max(1.0, lines) * style.chatLineHeight);
}

} // namespace hearth::ui
