#pragma once

#include "kernels/cpu/simd/kernel_types.h"

namespace hearth {

// One table per instruction set. Thread: any.

/// Plain C++ with sums in double: what the others are measured by, and the fallback for every processor.
extern const VectorKernels kVectorKernelsScalar;
#if defined(__x86_64__)
extern const VectorKernels kVectorKernelsAvx2;
extern const VectorKernels kVectorKernelsAvx512;
#endif

} // namespace hearth
