#include "kernels/cpu/kernel_choice.h"

#include "kernels/cpu/simd/cache_kernels.h"
#include "kernels/cpu/simd/expanding_kernels.h"
#include "kernels/cpu/simd/float_matrix.h"
#include "kernels/cpu/simd/quant_matrix.h"
#include "kernels/cpu/simd/vector_kernels.h"

namespace hearth {

namespace {

struct VectorEntry {
    CpuIsa isa;
    const VectorKernels* kernels;
};

struct MatrixEntry {
    DType dtype;
    CpuIsa isa;
    const MatrixKernel* kernel;
};

struct CacheEntry {
    DType dtype;
    CpuIsa isa;
    const CacheKernels* kernels;
};

constexpr VectorEntry kVectorKernels[] = {
#if defined(__x86_64__)
    {CpuIsa::Avx512, &kVectorKernelsAvx512},
    {CpuIsa::Avx2, &kVectorKernelsAvx2},
#endif
    {CpuIsa::Scalar, &kVectorKernelsScalar},
};

// What is not here is expanded to floats row by row.
constexpr MatrixEntry kMatrixKernels[] = {
#if defined(__x86_64__)
    {DType::F32, CpuIsa::Avx512, &kF32Avx512},
    {DType::F16, CpuIsa::Avx512, &kF16Avx512},
    {DType::BF16, CpuIsa::Avx512, &kBf16Avx512},
    {DType::Q4_0, CpuIsa::Avx512, &kQ4_0Avx512},
    {DType::Q4_1, CpuIsa::Avx512, &kQ4_1Avx512},
    {DType::Q5_0, CpuIsa::Avx512, &kQ5_0Avx512},
    {DType::Q5_1, CpuIsa::Avx512, &kQ5_1Avx512},
    {DType::Q8_0, CpuIsa::Avx512, &kQ8_0Avx512},
    {DType::Q2_K, CpuIsa::Avx512, &kQ2KAvx512},
    {DType::Q3_K, CpuIsa::Avx512, &kQ3KAvx512},
    {DType::Q4_K, CpuIsa::Avx512, &kQ4KAvx512},
    {DType::Q5_K, CpuIsa::Avx512, &kQ5KAvx512},
    {DType::Q6_K, CpuIsa::Avx512, &kQ6KAvx512},
    {DType::IQ4_NL, CpuIsa::Avx512, &kIq4NlAvx512},
    {DType::IQ4_XS, CpuIsa::Avx512, &kIq4XsAvx512},
    {DType::MXFP4, CpuIsa::Avx512, &kMxfp4Avx512},
    {DType::F32, CpuIsa::Avx2, &kF32Avx2},
    {DType::F16, CpuIsa::Avx2, &kF16Avx2},
    {DType::BF16, CpuIsa::Avx2, &kBf16Avx2},
    {DType::Q4_0, CpuIsa::Avx2, &kQ4_0Avx2},
    {DType::Q4_1, CpuIsa::Avx2, &kQ4_1Avx2},
    {DType::Q5_0, CpuIsa::Avx2, &kQ5_0Avx2},
    {DType::Q5_1, CpuIsa::Avx2, &kQ5_1Avx2},
    {DType::Q8_0, CpuIsa::Avx2, &kQ8_0Avx2},
    {DType::Q2_K, CpuIsa::Avx2, &kQ2KAvx2},
    {DType::Q3_K, CpuIsa::Avx2, &kQ3KAvx2},
    {DType::Q4_K, CpuIsa::Avx2, &kQ4KAvx2},
    {DType::Q5_K, CpuIsa::Avx2, &kQ5KAvx2},
    {DType::Q6_K, CpuIsa::Avx2, &kQ6KAvx2},
    {DType::IQ4_NL, CpuIsa::Avx2, &kIq4NlAvx2},
    {DType::IQ4_XS, CpuIsa::Avx2, &kIq4XsAvx2},
    {DType::MXFP4, CpuIsa::Avx2, &kMxfp4Avx2},
#endif
    {DType::F32, CpuIsa::Scalar, &kExpandingMatrixKernel},
};

constexpr CacheEntry kCacheKernels[] = {
#if defined(__x86_64__)
    {DType::F32, CpuIsa::Avx512, &kF32CacheAvx512},
    {DType::F16, CpuIsa::Avx512, &kF16CacheAvx512},
    {DType::BF16, CpuIsa::Avx512, &kBf16CacheAvx512},
    {DType::Q8_0, CpuIsa::Avx512, &kQ8_0CacheAvx512},
    {DType::Q4_0, CpuIsa::Avx512, &kQ4_0CacheAvx512},
    {DType::F32, CpuIsa::Avx2, &kF32CacheAvx2},
    {DType::F16, CpuIsa::Avx2, &kF16CacheAvx2},
    {DType::BF16, CpuIsa::Avx2, &kBf16CacheAvx2},
    {DType::Q8_0, CpuIsa::Avx2, &kQ8_0CacheAvx2},
    {DType::Q4_0, CpuIsa::Avx2, &kQ4_0CacheAvx2},
#endif
    {DType::F32, CpuIsa::Scalar, nullptr},
};

} // namespace

const VectorKernels& chooseVectorKernels(CpuIsa isa) {
    for (const VectorEntry& entry : kVectorKernels)
        if (entry.isa <= isa)
            return *entry.kernels;
    return kVectorKernelsScalar;
}

const MatrixKernel& chooseMatrixKernel(DType dtype, CpuIsa isa) {
    for (const MatrixEntry& entry : kMatrixKernels)
        if (entry.dtype == dtype && entry.isa <= isa)
            return *entry.kernel;
    return kExpandingMatrixKernel;
}

const CacheKernels* chooseCacheKernels(DType dtype, CpuIsa isa) {
    for (const CacheEntry& entry : kCacheKernels)
        if (entry.dtype == dtype && entry.isa <= isa && entry.kernels != nullptr)
            return entry.kernels;
    return expandingCacheKernels(dtype);
}

} // namespace hearth
