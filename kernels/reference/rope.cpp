#include "kernels/reference/rope.h"

#include "kernels/reference/step.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace hearth::reference {

namespace {

/// The pair (a real number) that makes `turns` full turns over the original context: arXiv 2309.00071, equation 17 ff.
double pairOfTurns(const Rope& rope, double turns) {
    const double wavelengths = rope.originalContext / (turns * 2.0 * std::numbers::pi);
    return rope.dimensions * std::log(wavelengths) / (2.0 * std::log(static_cast<double>(rope.base)));
}

/// How much of pair i keeps its own frequency: 1 below the correction range (fast pairs), 0 above it, linear between.
double extrapolatedShare(const Rope& rope, std::int32_t pair) {
    const double low = std::max(0.0, std::floor(pairOfTurns(rope, rope.betaFast)));
    const double high = std::min(rope.dimensions - 1.0, std::ceil(pairOfTurns(rope, rope.betaSlow)));
    const double ramp = (pair - low) / std::max(0.001, high - low);
    return 1.0 - std::clamp(ramp, 0.0, 1.0);
}

} // namespace

Rotation::Rotation(const Program& program, const Rope& rope) : m_rope(rope) {
    if (rope.layout == RopeLayout::None)
        return;
    const std::int32_t pairs = rope.dimensions / 2;
    const std::vector<double> factors = vectorOr(program, rope.factors, pairs, 1.0);
    for (std::int32_t pair = 0; pair < pairs; ++pair) {
        const double own = std::pow(static_cast<double>(rope.base), -2.0 * pair / rope.dimensions)
                           / factors[static_cast<std::size_t>(pair)];
        const double interpolated = own * rope.frequencyScale;
        const double share =
            rope.extrapolationFactor == 0.0F ? 0.0 : extrapolatedShare(rope, pair) * rope.extrapolationFactor;
        m_frequencies.push_back(interpolated * (1.0 - share) + own * share);
    }
}

std::size_t Rotation::axisOf(std::int32_t pair) const {
    const auto& [t, h, w, e] = m_rope.sections;
    const std::int32_t all = t + h + w + e;
    if (all == 0)
        return 0;
    const std::int32_t place = pair % all;
    if (m_rope.interleaved) {
        const std::array<std::int32_t, 3> limits{3 * t, 3 * h, 3 * w};
        const auto axis = static_cast<std::size_t>(place % 3);
        return place < limits[axis] ? axis : 3;
    }
    if (place < t)
        return 0;
    if (place < t + h)
        return 1;
    return place < t + h + w ? 2 : 3;
}

void Rotation::apply(std::span<double> head, std::span<const std::int32_t> positions) const {
    const auto pairs = static_cast<std::int32_t>(m_frequencies.size());
    const bool oneAxis = std::accumulate(m_rope.sections.begin(), m_rope.sections.end(), 0) == 0;
    for (std::int32_t pair = 0; pair < pairs; ++pair) {
        const std::int32_t position = positions[oneAxis ? 0 : axisOf(pair)];
        const double angle = position * m_frequencies[static_cast<std::size_t>(pair)];
        const double cosine = std::cos(angle) * m_rope.magnitude;
        const double sine = std::sin(angle) * m_rope.magnitude;
        const bool neighbours = m_rope.layout == RopeLayout::Neighbours;
        const auto first = static_cast<std::size_t>(neighbours ? 2 * pair : pair);
        const auto second = static_cast<std::size_t>(neighbours ? 2 * pair + 1 : pair + pairs);
        const double x = head[first];
        const double y = head[second];
        head[first] = x * cosine - y * sine;
        head[second] = x * sine + y * cosine;
    }
}

} // namespace hearth::reference
