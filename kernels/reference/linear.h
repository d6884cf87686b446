#pragma once

#include "kernels/reference/step.h"

#include <span>

namespace hearth::reference {

/// The sum of products, in four partial sums so that an addition need not wait for the one before it.
[[nodiscard]] double dot(std::span<const double> left, std::span<const double> right);

/// weight . in + bias for every row of `in`, by one of the weight's matrices (an expert's, a head's), whose bias is the
/// row of that number. Each weight row is expanded once and used for all of them.
[[nodiscard]] Matrix applyLinear(const Program& program, const Linear& linear, const Matrix& in,
                                 std::int32_t matrix = 0);

} // namespace hearth::reference
