#pragma once

#include "kernels/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hearth {

/// The vocabulary of a BERT model as GGUF files spell it: U+2581 begins a word, what goes on with one has no mark.
struct WordPieceVocabulary {
    std::vector<std::string> tokens;
    std::vector<std::int32_t> types; ///< tokenizer.ggml.token_type: 1 plain, 3 control
    std::uint32_t classId = 0;
    std::uint32_t separatorId = 0;
    std::uint32_t unknownId = 0;
    std::uint32_t paddingId = 0;
    std::optional<std::uint32_t> maskId;
    bool lowercases = true;
    std::optional<bool> stripsAccents; ///< none: as lowercases

    /// Reads tokenizer.json, or vocab.txt with tokenizer_config.json where there is none.
    /// Errors: NotFound (neither), Corrupt (bytes that are no UTF-8, ids twice or missing, no such special token),
    /// Unsupported (a tokenizer that is no WordPiece).
    [[nodiscard]] static Result<WordPieceVocabulary> read(const std::filesystem::path& folder);
};

} // namespace hearth
