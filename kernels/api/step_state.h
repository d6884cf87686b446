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
    /// Physical page of each logical page of the sequence, in page class 0; covers cacheStart + rows tokens.
    std::span<const std::int32_t> pageTable;
    /// Tokens in the cache before this step: row r is stored at slot cacheStart + r.
    std::int32_t cacheStart = 0;
    /// The rows whose logits are wanted, ascending; at most Program::outputRowLimit() of them.
    std::span<const std::int32_t> outputRows;
    /// The slot of the pool that holds the sequence's recurrent states; read as zero where cacheStart is 0.
    std::int32_t stateSlot = 0;
    /// As pageTable, for the page classes 1 and above, one table each. Pages before the one that holds the slot
    /// cacheStart - window + 1 are not looked at.
    std::span<const std::span<const std::int32_t>> windowTables = {};
    /// How much each of Program::adapters adds; 0 is as if it were not there.
    std::span<const float> adapterScales = {};

    [[nodiscard]] std::span<const std::int32_t> pageTableOf(std::int32_t pageClass) const {
        return pageClass == 0 ? pageTable : windowTables[static_cast<std::size_t>(pageClass - 1)];
    }
};

/// The oldest slot that a step from `cacheStart` on reads in a page class with this window.
[[nodiscard]] constexpr std::int32_t oldestSlot(std::int32_t cacheStart, std::int32_t window) {
    return cacheStart < window ? 0 : cacheStart - window + 1;
}

} // namespace hearth
