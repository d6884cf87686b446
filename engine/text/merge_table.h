#pragma once

#include "engine/text/symbol_merger.h"
#include "engine/text/vocabulary.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hearth {

/// Which two symbols a byte-pair vocabulary merges, in which order, and into what. Symbols are numbers: those of tokens
/// and, above them, those of texts that only occur on the way to a token. The vocabulary must outlive the table.
/// Immutable once read. Thread: any.
class MergeTable {
public:
    /// Whether the file need not have merges.
    enum class Required : std::uint8_t { No, Yes };

    /// Reads `tokenizer.ggml.merges`.
    /// Errors: NotFound, Corrupt (a line that is not two texts with a space between; its number is named).
    [[nodiscard]] static Result<MergeTable> read(const GgufFile& file, const Vocabulary& vocabulary, Required required);

    /// The symbol of a text, or TextSymbol::kNone if no merge and no token knows it.
    [[nodiscard]] std::int32_t symbolOf(std::string_view text) const;
    [[nodiscard]] std::optional<SymbolMerger::Merge> find(std::int32_t left, std::int32_t right) const;
    /// Whether some merges lead to texts that are no tokens.
    [[nodiscard]] bool hasOtherTexts() const { return !m_otherTexts.empty(); }

private:
    struct Slot {
        std::int32_t left = TextSymbol::kNone;
        std::int32_t right = TextSymbol::kNone;
        SymbolMerger::Merge merge{};
    };

    MergeTable(const Vocabulary& vocabulary, std::size_t merges);

    [[nodiscard]] std::int32_t makeSymbol(std::string_view text);
    [[nodiscard]] std::size_t slotOf(std::int32_t left, std::int32_t right) const;

    const Vocabulary* m_vocabulary;
    std::unordered_map<std::string, std::int32_t> m_otherTexts;
    std::vector<Slot> m_slots;
};

} // namespace hearth
