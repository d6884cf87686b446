#pragma once

#include "kernels/reference/step.h"

#include <span>

namespace hearth::reference {

/// The sum of products, in four partial sums so that an addition need not wait for the one before it.
[[nodiscard]] double dot(std::span<const double> left, std::span<const double> right);

/// weight . in + bias for every row of `in`, by one of the weight's matrices (an expert's, a head's), whose bias is the
/// row of that number, with the weight's low-rank changes. Each weight row is expanded once and used for all of them.
[[nodiscard]] Matrix applyLinear(const Step& step, const Linear& linear, const Matrix& in, std::int32_t matrix = 0);

/// What stands before up (down x) of a low-rank change in this step.
[[nodiscard]] double scaleOf(const Step& step, const LowRank& change);

} // namespace hearth::reference
