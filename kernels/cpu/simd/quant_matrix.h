#pragma once

#include "kernels/cpu/simd/kernel_types.h"

namespace hearth {

// Matrix kernels on 8-bit activations, one per storage type.
#if defined(__x86_64__)
extern const MatrixKernel kQ4_0Avx512;
extern const MatrixKernel kQ4_1Avx512;
extern const MatrixKernel kQ5_0Avx512;
extern const MatrixKernel kQ5_1Avx512;
extern const MatrixKernel kQ8_0Avx512;
extern const MatrixKernel kQ2KAvx512;
extern const MatrixKernel kQ3KAvx512;
extern const MatrixKernel kQ4KAvx512;
extern const MatrixKernel kQ5KAvx512;
extern const MatrixKernel kQ6KAvx512;
extern const MatrixKernel kIq4NlAvx512;
extern const MatrixKernel kIq4XsAvx512;
extern const MatrixKernel kMxfp4Avx512;
extern const MatrixKernel kQ4_0Avx2;
extern const MatrixKernel kQ4_1Avx2;
extern const MatrixKernel kQ5_0Avx2;
extern const MatrixKernel kQ5_1Avx2;
extern const MatrixKernel kQ8_0Avx2;
extern const MatrixKernel kQ2KAvx2;
extern const MatrixKernel kQ3KAvx2;
extern const MatrixKernel kQ4KAvx2;
extern const MatrixKernel kQ5KAvx2;
extern const MatrixKernel kQ6KAvx2;
extern const MatrixKernel kIq4NlAvx2;
extern const MatrixKernel kIq4XsAvx2;
extern const MatrixKernel kMxfp4Avx2;
#endif

} // namespace hearth
