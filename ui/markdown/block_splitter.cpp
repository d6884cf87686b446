#include "ui/markdown/block_splitter.h"

#include <algorithm>
#include <iterator>

namespace hearth::ui {
namespace {

bool isLong(const Block& block) {
    if (block.kind == BlockKind::Paragraph)
        return block.content.text.size() > kLongestParagraph;
    return block.kind == BlockKind::Table && block.table.rows.size() > kMostTableRows;
}

/// A block for what comes behind `block`, still empty.
Block continuation(const Block& block) {
    Block next;
    next.kind = block.kind;
    next.containers = block.containers;
    for (Container& container : next.containers)
        container.opensHere = false;
    next.goesOn = true;
    return next;
}

/// Where to cut from `begin` on: behind the last blank or line break in reach, else at the limit, never in a pair.
qsizetype cutPosition(QStringView text, qsizetype begin) {
    const qsizetype limit = begin + kLongestParagraph;
    if (limit >= text.size())
        return text.size();
    for (qsizetype cut = limit; cut > begin + kLongestParagraph / 2; --cut)
        if (text[cut - 1].isSpace())
            return cut;
    return text[limit].isLowSurrogate() ? limit - 1 : limit;
}

void splitParagraph(const Block& block, std::vector<Block>* out) {
    const RichText& whole = block.content;
    auto span = whole.spans.begin();
    for (qsizetype begin = 0; begin < whole.text.size();) {
        const qsizetype end = cutPosition(whole.text, begin);
        Block part = begin == 0 ? block : continuation(block);
        part.content = {whole.text.sliced(begin, end - begin), {}, whole.links};
        for (; span != whole.spans.end() && span->start < end; ++span) {
            const auto from = std::max<qsizetype>(span->start, begin);
            const auto to = std::min<qsizetype>(span->start + span->length, end);
            part.content.spans.push_back(
                {static_cast<int>(from - begin), static_cast<int>(to - from), span->styles, span->link});
            // One that reaches over the cut is looked at again from the other side.
            if (span->start + span->length > end)
                break;
        }
        out->push_back(std::move(part));
        begin = end;
    }
}

void splitTable(Block block, std::vector<Block>* out) {
    std::vector<std::vector<RichText>> rows = std::move(block.table.rows);
    for (std::size_t begin = 0; begin < rows.size(); begin += kMostTableRows) {
        const auto from = rows.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto to = rows.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kMostTableRows, rows.size()));
        Block part = begin == 0 ? block : continuation(block);
        part.table.columns = block.table.columns;
        part.table.rows.assign(std::make_move_iterator(from), std::make_move_iterator(to));
        out->push_back(std::move(part));
    }
}

} // namespace

std::vector<Block> splitLongBlocks(std::vector<Block> blocks) {
    if (std::none_of(blocks.begin(), blocks.end(), isLong))
        return blocks;
    std::vector<Block> out;
    for (Block& block : blocks) {
        if (!isLong(block))
            out.push_back(std::move(block));
        else if (block.kind == BlockKind::Table)
            splitTable(std::move(block), &out);
        else
            splitParagraph(block, &out);
    }
    return out;
}

} // namespace hearth::ui
