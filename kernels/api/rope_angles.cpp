#include "kernels/api/rope_angles.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hearth {

namespace {

/// The pair that turns `turns` times within the original context (arXiv 2309.00071, section 3.2).
double correctionPair(const Rope& rope, double turns) {
    const double context = rope.originalContext;
    return rope.dimensions * std::log(context / (turns * 2.0 * std::numbers::pi))
           / (2.0 * std::log(static_cast<double>(rope.base)));
}

/// 1 where YaRN keeps a pair's own frequency, 0 where it is scaled.
double extrapolationShare(const Rope& rope, std::int32_t pair) {
    if (rope.extrapolationFactor == 0.0F)
        return 0.0;
    const double low = std::max(0.0, std::floor(correctionPair(rope, rope.betaFast)));
    const double high = std::min(rope.dimensions - 1.0, std::ceil(correctionPair(rope, rope.betaSlow)));
    const double ramp = (pair - low) / std::max(0.001, high - low);
    return (1.0 - std::clamp(ramp, 0.0, 1.0)) * rope.extrapolationFactor;
}

/// Which of the axes t, h, w, e turns `pair`.
std::uint8_t axisOf(const Rope& rope, std::int32_t pair) {
    const auto& sections = rope.sections;
    const std::int32_t total = sections[0] + sections[1] + sections[2] + sections[3];
    const std::int32_t place = pair % total;
    if (rope.interleaved) {
        constexpr std::uint8_t kExtra = 3;
        const auto axis = static_cast<std::uint8_t>(place % 3);
        return place < 3 * sections[axis] ? axis : kExtra;
    }
    std::int32_t end = 0;
    for (std::uint8_t axis = 0; axis < 4; ++axis) {
        end += sections[axis];
        if (place < end)
            return axis;
    }
    return 3;
}

} // namespace

RopeAngles ropeAngles(const Rope& rope, std::span<const float> factors) {
    RopeAngles angles;
    const bool multiAxis = std::ranges::any_of(rope.sections, [](std::int32_t count) { return count > 0; });
    for (std::int32_t pair = 0; pair < rope.dimensions / 2; ++pair) {
        const double divisor = factors.empty() ? 1.0 : static_cast<double>(factors[static_cast<std::size_t>(pair)]);
        const double own = std::pow(static_cast<double>(rope.base), -2.0 * pair / rope.dimensions) / divisor;
        const double share = extrapolationShare(rope, pair);
        angles.frequencies.push_back(own * rope.frequencyScale * (1.0 - share) + own * share);
        if (multiAxis)
            angles.axes.push_back(axisOf(rope, pair));
    }
    return angles;
}

} // namespace hearth
