#pragma once

#include <cstdint>
#include <span>

namespace hearth {

/// Everything that changes from step to step; nothing else does. Borrowed until Executable::wait() returns.
struct StepState {
    /// Token ids, one a row; negative where `embeddings` holds the row instead. Its size is the number of rows.
    std::span<const std::int32_t> tokens;
    /// (rows, Program::embeddingParts * hidden) F32, or empty if no row has one.
    std::span<const float> embeddings;
    /// Rope positions: (rows) or, for multi-axis rope, (rows, 4) as t, h, w, e.
    std::span<const std::int32_t> positions;
    /// Physical page of each logical page of the sequence; covers cacheStart + rows tokens.
    std::span<const std::int32_t> pageTable;
    /// Tokens in the cache before this step: row r is stored at slot cacheStart + r.
    std::int32_t cacheStart = 0;
    /// The rows whose logits are wanted, ascending; at most Program::outputRowLimit() of them.
    std::span<const std::int32_t> outputRows;
    /// The slot of the pool that holds the sequence's recurrent states; read as zero where cacheStart is 0.
    std::int32_t stateSlot = 0;
};

} // namespace hearth
