#pragma once

// Eight numbers of a float type as a register of floats. In an anonymous namespace: see kernel_types.h.

#include "kernels/cpu/simd/registers_avx2.h"

namespace hearth {
namespace {

struct F32 {
    static constexpr int kBytes = 4;
    static __m256 load(const uint8_t* from) { return _mm256_loadu_ps(reinterpret_cast<const float*>(from)); }
};

struct F16 {
    static constexpr int kBytes = 2;
    static __m256 load(const uint8_t* from) {
        return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
    }
};

struct BF16 {
    static constexpr int kBytes = 2;
    static __m256 load(const uint8_t* from) {
        const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
        return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
    }
};

/// The first `count` numbers, zeros after them; reads nothing beyond.
template <typename Type>
inline __m256 loadPart(const uint8_t* from, int32_t count) {
    alignas(32) uint8_t bytes[32] = {};
    __builtin_memcpy(bytes, from, static_cast<size_t>(count) * Type::kBytes);
    return Type::load(bytes);
}

} // namespace
} // namespace hearth
