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
extern const CacheKernels kF32CacheAvx2;
extern const CacheKernels kF16CacheAvx2;
extern const CacheKernels kBf16CacheAvx2;
extern const CacheKernels kQ8_0CacheAvx2;
extern const CacheKernels kQ4_0CacheAvx2;
#endif

} // namespace hearth
