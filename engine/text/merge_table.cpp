#include "engine/text/merge_table.h"

#include "engine/gguf/gguf_file.h"

#include <limits>

namespace hearth {

namespace {

constexpr std::string_view kMergesKey = "tokenizer.ggml.merges";

} // namespace

MergeTable::MergeTable(const Vocabulary& vocabulary, std::size_t merges) : m_vocabulary(&vocabulary) {
    std::size_t slots = 16;
    while (slots < merges * 2)
        slots *= 2;
    m_slots.resize(slots);
}

Result<MergeTable> MergeTable::read(const GgufFile& file, const Vocabulary& vocabulary, Required required) {
    if (required == Required::No && file.find(kMergesKey) == nullptr)
        return MergeTable(vocabulary, 0);
    HEARTH_TRY(const std::vector<std::string_view> lines, file.strings(kMergesKey));
    if (lines.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()) / 2)
        return Error{ErrorCode::Corrupt, "'" + file.path().string() + "': '" + std::string(kMergesKey) + "' lists "
                                             + std::to_string(lines.size()) + " merges"};
    MergeTable table(vocabulary, lines.size());
    std::string joined;
    for (std::size_t rank = 0; rank < lines.size(); ++rank) {
        // The first text may itself begin with a space.
        const std::size_t space = lines[rank].find(' ', 1);
        if (space == std::string_view::npos || space + 1 == lines[rank].size())
            return Error{ErrorCode::Corrupt, "'" + file.path().string() + "': line " + std::to_string(rank) + " of '"
                                                 + std::string(kMergesKey) + "' is not two texts with a space between"};
        const std::string_view left = lines[rank].substr(0, space);
        const std::string_view right = lines[rank].substr(space + 1);
        joined.assign(left);
        joined += right;
        const std::int32_t leftSymbol = table.makeSymbol(left);
        const std::int32_t rightSymbol = table.makeSymbol(right);
        Slot& slot = table.m_slots[table.slotOf(leftSymbol, rightSymbol)];
        // Of equal lines the first counts.
        if (slot.left == TextSymbol::kNone)
            slot = {leftSymbol, rightSymbol, {static_cast<std::uint32_t>(rank), table.makeSymbol(joined)}};
    }
    return table;
}

std::int32_t MergeTable::makeSymbol(std::string_view text) {
    if (const auto token = m_vocabulary->find(text))
        return *token;
    const auto next = m_vocabulary->size() + static_cast<std::int32_t>(m_otherTexts.size());
    return m_otherTexts.emplace(text, next).first->second;
}

std::int32_t MergeTable::symbolOf(std::string_view text) const {
    if (const auto token = m_vocabulary->find(text))
        return *token;
    if (m_otherTexts.empty())
        return TextSymbol::kNone;
    const auto found = m_otherTexts.find(std::string(text));
    return found == m_otherTexts.end() ? TextSymbol::kNone : found->second;
}

std::size_t MergeTable::slotOf(std::int32_t left, std::int32_t right) const {
    const std::size_t mask = m_slots.size() - 1;
    const std::uint64_t key = static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
    std::size_t slot = static_cast<std::size_t>(key * 0x9e3779b97f4a7c15ULL >> 32) & mask;
    while (m_slots[slot].left != TextSymbol::kNone && (m_slots[slot].left != left || m_slots[slot].right != right))
        slot = (slot + 1) & mask;
    return slot;
}

std::optional<SymbolMerger::Merge> MergeTable::find(std::int32_t left, std::int32_t right) const {
    if (left == TextSymbol::kNone || right == TextSymbol::kNone)
        return std::nullopt;
    const Slot& slot = m_slots[slotOf(left, right)];
    return slot.left == TextSymbol::kNone ? std::nullopt : std::optional(slot.merge);
}

} // namespace hearth
