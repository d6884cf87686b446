#pragma once

#include "kernels/api/program.h"
#include "kernels/api/step_state.h"
#include "kernels/reference/cache_pool.h"

#include <span>
#include <vector>

namespace hearth::reference {

/// Rows of numbers inside one op: sums and intermediate values stay in double until the op stores its result.
struct Matrix {
    std::int32_t rows = 0;
    std::int32_t columns = 0;
    std::vector<double> values;

    Matrix(std::int32_t rowCount, std::int32_t columnCount)
        : rows(rowCount), columns(columnCount),
          values(static_cast<std::size_t>(rowCount) * static_cast<std::size_t>(columnCount)) {}
    [[nodiscard]] std::span<double> row(std::int32_t index) {
        return std::span(values).subspan(offset(index), static_cast<std::size_t>(columns));
    }
    [[nodiscard]] std::span<const double> row(std::int32_t index) const {
        return std::span(values).subspan(offset(index), static_cast<std::size_t>(columns));
    }

private:
    [[nodiscard]] std::size_t offset(std::int32_t index) const {
        return static_cast<std::size_t>(index) * static_cast<std::size_t>(columns);
    }
};

/// What the ops of one step work on. The program and the state have been checked.
struct Step {
    const Program& program;
    const StepState& state;
    std::byte* arena;         ///< program.plan.sizeBytes
    ReferenceCachePool* pool; ///< null if the program has no caches

    [[nodiscard]] std::int32_t rows() const { return static_cast<std::int32_t>(state.tokens.size()); }
    [[nodiscard]] std::int32_t columns(BufferId buffer) const;
    /// One row of an activation.
    [[nodiscard]] std::span<float> row(BufferId buffer, std::int32_t row) const;
    /// One row of expert ids.
    [[nodiscard]] std::span<std::int32_t> ids(BufferId buffer, std::int32_t row) const;
    /// All rows of an activation.
    [[nodiscard]] Matrix load(BufferId buffer) const;
    /// Stores `result` as the first rows of an activation.
    void store(const Matrix& result, BufferId buffer) const;

    /// Physical page of a slot of the sequence in a cache.
    [[nodiscard]] std::int32_t pageOf(CacheId cache, std::int32_t slot) const {
        const std::int32_t pageClass = program.caches[static_cast<std::size_t>(cache)].pageClass;
        return state.pageTableOf(pageClass)[static_cast<std::size_t>(slot / kPageTokens)];
    }
};

/// The positions of one row: one number, or one an axis.
[[nodiscard]] std::span<const std::int32_t> positionsOf(const StepState& state, std::int32_t row);

/// One row of a weight as doubles; `absent` values of 1 or 0 where there is no weight.
[[nodiscard]] std::vector<double> vectorOr(const Program& program, WeightId id, std::int32_t columns, double absent,
                                           std::int32_t row = 0);

} // namespace hearth::reference
