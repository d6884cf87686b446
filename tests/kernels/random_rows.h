#pragma once

#include "kernels/api/dtype.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace hearth {

/// (count) normal numbers with the given rms.
[[nodiscard]] std::vector<float> randomFloats(std::size_t count, double rms, std::mt19937& random);

/// Rows of `dtype` whose values have an rms near `rms`. Quants are random bits, so that every pattern occurs; scales
/// differ in size and sign from block to block.
[[nodiscard]] std::vector<std::byte> randomRows(DType dtype, std::int64_t rows, std::int64_t columns, double rms,
                                                std::mt19937& random);

} // namespace hearth
