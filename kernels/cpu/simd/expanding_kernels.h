#pragma once

#include "kernels/api/dtype.h"
#include "kernels/cpu/simd/kernel_types.h"

namespace hearth {

/// For every storage type: rows of weights are expanded to floats in scratch, then multiplied by the job's
/// VectorKernels. The last entry of the list, and the only one where a type has no kernel of its own.
extern const MatrixKernel kExpandingMatrixKernel;

/// The same for the types that caches use; null for others.
[[nodiscard]] const CacheKernels* expandingCacheKernels(DType dtype);

} // namespace hearth
