#include "kernels/reference/convolution.h"

#include <algorithm>

namespace hearth::reference {

CausalConvolution::CausalConvolution(const Program& program, WeightId weights)
    : m_taps(static_cast<std::size_t>(program.weight(weights)->columns)),
      m_channels(static_cast<std::size_t>(program.weight(weights)->rows)) {
    for (std::size_t channel = 0; channel < m_channels; ++channel) {
        const std::vector<double> row =
            vectorOr(program, weights, static_cast<std::int32_t>(m_taps), 0.0, static_cast<std::int32_t>(channel));
        m_weights.insert(m_weights.end(), row.begin(), row.end());
    }
}

std::vector<double> CausalConvolution::next(std::span<float> history, std::span<const double> input) const {
    std::vector<double> out(m_channels);
    for (std::size_t channel = 0; channel < m_channels; ++channel) {
        const double* taps = &m_weights[channel * m_taps];
        double sum = taps[m_taps - 1] * input[channel];
        for (std::size_t tap = 0; tap + 1 < m_taps; ++tap)
            sum += taps[tap] * history[tap * m_channels + channel];
        out[channel] = sum;
    }
    const std::span<float> past = history.first(historySize());
    if (past.empty())
        return out;
    std::copy(past.begin() + static_cast<std::ptrdiff_t>(m_channels), past.end(), past.begin());
    std::ranges::transform(input, past.last(m_channels).begin(),
                           [](double value) { return static_cast<float>(value); });
    return out;
}

} // namespace hearth::reference
