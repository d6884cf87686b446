#pragma once

// Rows of a key/value cache: where they lie, what their numbers are, how they are written.

#include "kernels/cuda/device_types.h"

#include <cuda_fp16.h>

namespace hearth::cuda {

__device__ inline std::uint8_t* pageOf(const DeviceCache& cache, std::int32_t slot) {
    return cache.data + static_cast<std::size_t>(cache.table[slot / kPageTokens]) * cache.pageBytes;
}

__device__ inline std::uint8_t* keyRow(const DeviceCache& cache, std::int32_t slot, std::int32_t head) {
    const std::size_t row = static_cast<std::size_t>(head) * kPageTokens + slot % kPageTokens;
    return pageOf(cache, slot) + row * cache.keyRowBytes;
}

/// Where values are the first columns of the keys, their row.
__device__ inline std::uint8_t* valueRow(const DeviceCache& cache, std::int32_t slot, std::int32_t head) {
    if (cache.valueColumns == 0)
        return keyRow(cache, slot, head);
    const std::size_t row = static_cast<std::size_t>(head) * kPageTokens + slot % kPageTokens;
    return pageOf(cache, slot) + cache.keyBytesPerPage + row * cache.valueRowBytes;
}

__device__ inline float storedNumber(DType dtype, const std::uint8_t* row, std::int32_t column) {
    switch (dtype) {
    case DType::F32:
        return reinterpret_cast<const float*>(row)[column];
    case DType::F16:
        return __half2float(reinterpret_cast<const __half*>(row)[column]);
    case DType::BF16:
        return __uint_as_float(static_cast<std::uint32_t>(reinterpret_cast<const std::uint16_t*>(row)[column]) << 16);
    case DType::Q8_0: {
        const std::uint8_t* block = row + column / 32 * 34;
        const float scale = __half2float(*reinterpret_cast<const __half*>(block));
        return scale * static_cast<float>(static_cast<std::int8_t>(block[2 + column % 32]));
    }
    default: { // Q4_0
        const std::uint8_t* block = row + column / 32 * 18;
        const float scale = __half2float(*reinterpret_cast<const __half*>(block));
        const int within = column % 32;
        return scale * static_cast<float>(((block[2 + within % 16] >> (within / 16 * 4)) & 15) - 8);
    }
    }
}

__device__ inline bool isFiniteNumber(float value) {
    return fabsf(value) <= 3.402823466e38F;
}

/// The number of largest magnitude, the first of equals; NaN if any is not finite.
__device__ inline float extremeOf(const float* numbers) {
    float extreme = 0.0F;
    for (int j = 0; j < 32; ++j) {
        if (!isFiniteNumber(numbers[j]))
            return __uint_as_float(0x7FC00000U);
        if (fabsf(numbers[j]) > fabsf(extreme))
            extreme = numbers[j];
    }
    return extreme;
}

/// One block of 32 numbers, rounded as kernels/quant does.
__device__ inline void storeBlock(bool isFourBit, const float* numbers, std::uint8_t* block) {
    const float extreme = extremeOf(numbers);
    const int bytes = isFourBit ? 18 : 34;
    for (int j = 2; j < bytes; ++j)
        block[j] = 0;
    auto* stored = reinterpret_cast<std::uint16_t*>(block);
    if (isnan(extreme)) {
        *stored = 0x7E00;
        return;
    }
    const float scale = isFourBit ? extreme / -8.0F : fabsf(extreme) / 127.0F;
    const float inverse = isFiniteNumber(1.0F / scale) ? 1.0F / scale : 0.0F;
    *stored = __half_as_ushort(__float2half_rn(scale));
    for (int j = 0; j < 32; ++j) {
        if (isFourBit) {
            const float shifted = fminf(fmaxf(__fadd_rn(__fmul_rn(numbers[j], inverse), 8.5F), 0.0F), 15.0F);
            const auto quant = static_cast<std::uint32_t>(shifted);
            block[2 + j % 16] = static_cast<std::uint8_t>(block[2 + j % 16] | quant << (j / 16 * 4));
        } else {
            const float rounded = fminf(fmaxf(roundf(__fmul_rn(numbers[j], inverse)), -127.0F), 127.0F);
            block[2 + j] = static_cast<std::uint8_t>(static_cast<std::int8_t>(rounded));
        }
    }
}

} // namespace hearth::cuda
