#pragma once

#include "engine/text/tokenizer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// Rows whose logits are wanted, from an empty cache: for comparing with other engines and for perplexity. Borrowed
/// for the call.
struct ScoreRequest {
    /// One a row; negative where `embeddings` holds the row instead.
    std::span<const TokenId> tokens;
    /// (rows, Program::embeddingParts * hidden), or empty.
    std::span<const float> embeddings;
    /// (rows, 4): places on the axes t, h, w, e; empty: those of text. Models with one axis use the first.
    std::span<const std::int32_t> positions;
    /// How many rows are computed at once, piece by piece; the rest in chunks of a prompt's size, as are pieces beyond
    /// that size.
    std::span<const std::int32_t> pieces;
    /// The rows whose logits are wanted, ascending.
    std::span<const std::int32_t> shown;
};

/// What a head for multi-token prediction said of the last rows of a text.
struct PredictionScore {
    std::vector<float> logits; ///< (rows, vocabulary)
    std::vector<float> states; ///< (rows, hidden): the decoder's final state of the token before each row
};

} // namespace hearth
