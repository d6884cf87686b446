#pragma once

#include "kernels/cpu/simd/kernel_types.h"

namespace hearth {

// Matrix kernels for weights stored as floats of 32 and 16 bits: nothing is rounded but the sums.
#if defined(__x86_64__)
extern const MatrixKernel kF32Avx512;
extern const MatrixKernel kF16Avx512;
extern const MatrixKernel kBf16Avx512;
extern const MatrixKernel kF32Avx2;
extern const MatrixKernel kF16Avx2;
extern const MatrixKernel kBf16Avx2;
#endif

} // namespace hearth
