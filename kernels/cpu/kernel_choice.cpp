#include "kernels/cpu/kernel_choice.h"

#include "kernels/cpu/simd/expanding_kernels.h"
#include "kernels/cpu/simd/vector_kernels.h"

#include <array>

namespace hearth {

namespace {

struct VectorEntry {
    CpuIsa isa;
    const VectorKernels* kernels;
};

constexpr std::array kVectorKernels{
    VectorEntry{CpuIsa::Scalar, &kVectorKernelsScalar},
};

} // namespace

const VectorKernels& chooseVectorKernels(CpuIsa isa) {
    for (const VectorEntry& entry : kVectorKernels)
        if (entry.isa <= isa)
            return *entry.kernels;
    return kVectorKernelsScalar;
}

const MatrixKernel& chooseMatrixKernel(DType, CpuIsa) {
    return kExpandingMatrixKernel;
}

const CacheKernels* chooseCacheKernels(DType dtype, CpuIsa) {
    return expandingCacheKernels(dtype);
}

} // namespace hearth
