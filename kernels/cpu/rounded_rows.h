#pragma once

#include "kernels/cpu/scratch_layout.h"
#include "kernels/cpu/simd/kernel_types.h"

#include <cstddef>
#include <cstdint>

namespace hearth {

/// Rows of 8 bits that stand for one row of activations: what 8 bits can say of it, and what they leave over.
inline constexpr std::int32_t kRoundedParts = 2;

/// The place of rounded rows in a stage's shared scratch.
class RoundedRows {
public:
    /// Room for `rows` rows of 8 bits, of which at most `laneRows` are ever asked for by lanes.
    void layOut(ScratchLayout& layout, std::size_t rows, std::int32_t columns, std::size_t laneRows);

    enum class Scales : std::uint8_t { ByBlock, ByLane };
    /// The rows from `first` on.
    [[nodiscard]] Int8Rows at(std::byte* scratch, Scales scales, std::size_t first) const;

    /// Rounds one row of floats into `row` and what is left over into `leftOverRow`. leftOver (columns): scratch.
    void round(const VectorKernels& vectors, const float* in, const Int8Rows& out, std::int32_t row,
               std::int32_t leftOverRow, float* leftOver) const;

private:
    [[nodiscard]] std::size_t blocks() const { return (static_cast<std::size_t>(m_columns) + 63) / 64 * 2; }

    std::int32_t m_columns = 0;
    std::size_t m_values = 0;
    std::size_t m_scales = 0;
    std::size_t m_sums32 = 0;
    std::size_t m_minus32 = 0;
    std::size_t m_sums16 = 0;
    std::size_t m_minus16 = 0;
    std::size_t m_laneScales = 0;
    std::size_t m_laneSums = 0;
    std::size_t m_laneMinus = 0;
};

/// out (rows, width) = the results of the first `rows` rows plus those of the `rows` left-over rows behind them.
void addLeftOvers(const float* results, std::int32_t rows, std::size_t width, float* out, std::size_t outStride);

} // namespace hearth
