#pragma once

#include "kernels/reference/step.h"

#include <span>
#include <vector>

namespace hearth::reference {

/// A causal convolution over time, each channel by itself: weights (channels rows, taps columns), the last tap for now.
class CausalConvolution {
public:
    CausalConvolution(const Program& program, WeightId weights);
    /// The convolved values of the next row; `history` (taps - 1, channels), oldest first, moves on by one row.
    [[nodiscard]] std::vector<double> next(std::span<float> history, std::span<const double> input) const;
    /// Numbers that the history takes.
    [[nodiscard]] std::size_t historySize() const { return (m_taps - 1) * m_channels; }

private:
    std::size_t m_taps;
    std::size_t m_channels;
    std::vector<double> m_weights; ///< (channels, taps)
};

} // namespace hearth::reference
