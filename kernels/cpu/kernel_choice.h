#pragma once

#include "kernels/api/dtype.h"
#include "kernels/cpu/cpu_isa.h"
#include "kernels/cpu/simd/kernel_types.h"

namespace hearth {

// The lists of implementations, best first: the first whose instruction set is at most `isa` is taken. Thread: any.

[[nodiscard]] const VectorKernels& chooseVectorKernels(CpuIsa isa);
[[nodiscard]] const MatrixKernel& chooseMatrixKernel(DType dtype, CpuIsa isa);
/// Null if caches cannot hold `dtype`.
[[nodiscard]] const CacheKernels* chooseCacheKernels(DType dtype, CpuIsa isa);

} // namespace hearth
