#pragma once

// Sixteen numbers of a float type as a register of floats. In an anonymous namespace: see kernel_types.h.

#include "kernels/cpu/simd/registers_avx512.h"

namespace hearth {
namespace {

struct F32 {
    static constexpr int kBytes = 4;
    static __m512 load(const uint8_t* from) { return _mm512_loadu_ps(from); }
    static __m512 load(const uint8_t* from, __mmask16 mask) { return _mm512_maskz_loadu_ps(mask, from); }
};

struct F16 {
    static constexpr int kBytes = 2;
    static __m512 load(const uint8_t* from) {
        return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
    }
    static __m512 load(const uint8_t* from, __mmask16 mask) {
        return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, from));
    }
};

struct BF16 {
    static constexpr int kBytes = 2;
    static __m512 load(const uint8_t* from) {
        return widen(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
    }
    static __m512 load(const uint8_t* from, __mmask16 mask) { return widen(_mm256_maskz_loadu_epi16(mask, from)); }

private:
    static __m512 widen(__m256i numbers) {
        return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(numbers), 16));
    }
};

} // namespace
} // namespace hearth
