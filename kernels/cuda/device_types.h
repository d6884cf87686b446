#pragma once

#include "kernels/api/dtype.h"
#include "kernels/api/program.h"

#include <cstddef>
#include <cstdint>

namespace hearth::cuda {

// What kernels see. All pointers are device memory; all of these are passed to kernels by value.

/// A weight as it lies in device memory: matrices follow one another, rows as in the file.
struct Matrices {
    const std::uint8_t* data = nullptr;
    DType dtype = DType::F32;
    std::int32_t columns = 0;
    std::int32_t rows = 0;
    std::int32_t matrices = 0;
    std::size_t rowBytes = 0;
};

/// A normalisation whose vectors were expanded when the program was compiled.
struct DeviceNorm {
    NormKind kind = NormKind::None;
    const float* weight = nullptr;
    const float* bias = nullptr;
    float epsilon = 0;
    std::int32_t width = 0; ///< of the vectors; 0: there are none
};

/// Rows of numbers that lie `stride` apart.
struct Rows {
    float* data = nullptr;
    std::int64_t stride = 0;
    std::int32_t count = 0;
    std::int32_t columns = 0;
};

/// One cache: pages laid out as CacheSpec says, and the sequence's page table.
struct DeviceCache {
    std::uint8_t* data = nullptr;
    const std::int32_t* table = nullptr;
    DType dtype = DType::F16;
    std::int32_t heads = 0;
    std::int32_t keyColumns = 0;
    std::int32_t valueColumns = 0;
    std::size_t keyRowBytes = 0;
    std::size_t valueRowBytes = 0;
    std::size_t keyBytesPerPage = 0;
    std::size_t pageBytes = 0;
};

/// Rotary embedding with its frequencies (radians per position, one a pair) computed beforehand.
struct DeviceRope {
    RopeLayout layout = RopeLayout::None;
    std::int32_t pairs = 0;
    const double* frequencies = nullptr;
    const std::int32_t* axes = nullptr; ///< which position a pair turns by
    float magnitude = 1.0F;
};

/// The parts of a StepState that lie on the device.
struct DeviceStep {
    const std::int32_t* tokens = nullptr;
    const std::int32_t* positions = nullptr;
    const float* embeddings = nullptr;
    const std::int32_t* outputRows = nullptr;
    std::int32_t positionsPerRow = 0;
    std::int32_t rows = 0;
    std::int32_t outputCount = 0;
    std::int32_t cacheStart = 0;
};

} // namespace hearth::cuda
