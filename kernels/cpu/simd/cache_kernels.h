#pragma once

#include "kernels/cpu/simd/kernel_types.h"

namespace hearth {

// Access to cache pages, one per storage type.
#if defined(__x86_64__)
extern const CacheKernels kF32CacheAvx512;
extern const CacheKernels kF16CacheAvx512;
extern const CacheKernels kBf16CacheAvx512;
extern const CacheKernels kQ8_0CacheAvx512;
extern const CacheKernels kQ4_0CacheAvx512;
#endif

} // namespace hearth
