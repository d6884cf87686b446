#pragma once

#include "kernels/api/op.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// How fast each pair of a rope turns, and by which of a row's positions.
struct RopeAngles {
    std::vector<double> frequencies; ///< radians per position, one a pair
    std::vector<std::uint8_t> axes;  ///< 0 .. 3 for t, h, w, e, one a pair; empty: one axis
};

/// For backends that compute; the reference has its own. factors: the numbers of rope.factors, or empty.
[[nodiscard]] RopeAngles ropeAngles(const Rope& rope, std::span<const float> factors);

} // namespace hearth
