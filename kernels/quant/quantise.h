#pragma once

#include "kernels/api/dtype.h"

#include <cstddef>
#include <cstdint>

namespace hearth {

/// Whether quantiseRow() writes `dtype`: the types that caches use, F32, F16, BF16, Q8_0 and Q4_0.
[[nodiscard]] bool canQuantise(DType dtype);

/// Stores numbers[0 .. columns) as one row of `dtype` at `out` (any alignment; rowBytes(dtype, columns) bytes). columns
/// is a multiple of the type's block and canQuantise(dtype) holds. F16, BF16: to nearest, ties to even. Q8_0: scale =
/// largest magnitude / 127, ties away from zero. Q4_0: scale = extreme value / -8, ties up. The scale's own rounding to
/// a half comes after the numbers are divided by it. A block with an infinity or NaN becomes NaN throughout, so that it
/// stays visible. Thread: any.
void quantiseRow(DType dtype, const float* numbers, std::int64_t columns, std::byte* out);

} // namespace hearth
