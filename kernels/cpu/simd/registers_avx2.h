#pragma once

// Register helpers of the AVX2 files. In an anonymous namespace, as all code that is compiled for one instruction set:
// see kernel_types.h.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

namespace hearth {
namespace {

/// All bits set in the first `count` lanes of 8.
inline __m256i tailMask(int32_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/// Sum of the 8 lanes, in an order that does not depend on anything.
inline float sumOf(__m256 v) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

inline float maximumOf(__m256 v) {
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
}

/// The sums of four registers, in their order; each added up as sumOf() does.
inline __m128 sumsOf(__m256 a, __m256 b, __m256 c, __m256 d) {
    const auto half = [](__m256 v) { return _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1)); };
    __m128 rows[4] = {half(a), half(b), half(c), half(d)};
    _MM_TRANSPOSE4_PS(rows[0], rows[1], rows[2], rows[3]);
    return _mm_add_ps(_mm_add_ps(rows[0], rows[2]), _mm_add_ps(rows[1], rows[3]));
}

inline __m256 absOf(__m256 v) {
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), v);
}

/// e^x to about 1e-7 of its value; nearly 0 far below, very large far above, NaN for NaN. Method and constants: Cephes,
/// expf.
inline __m256 expOf(__m256 x) {
    // max and min return their second operand when one is NaN.
    x = _mm256_max_ps(_mm256_set1_ps(-87.0F), x);
    x = _mm256_min_ps(_mm256_set1_ps(88.0F), x);
    const __m256 n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504088896341F)),
                                     _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375F), x);
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4F), r);
    __m256 p = _mm256_set1_ps(1.9875691500e-4F);
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.3981999507e-3F));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(8.3334519073e-3F));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(4.1665795894e-2F));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.6666665459e-1F));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(5.0000001201e-1F));
    p = _mm256_fmadd_ps(_mm256_mul_ps(p, r), r, _mm256_add_ps(r, _mm256_set1_ps(1.0F)));
    // n lies in -126 .. 127, so that 2^n is a normal number.
    const __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(p, _mm256_castsi256_ps(power));
}

/// tanh to about 1e-7 of its value. Method and constants: Cephes, tanhf.
inline __m256 tanhOf(__m256 x) {
    const __m256 magnitude = absOf(x);
    const __m256 e = expOf(_mm256_add_ps(magnitude, magnitude));
    const __m256 one = _mm256_set1_ps(1.0F);
    const __m256 far = _mm256_sub_ps(one, _mm256_div_ps(_mm256_set1_ps(2.0F), _mm256_add_ps(e, one)));
    const __m256 square = _mm256_mul_ps(x, x);
    __m256 p = _mm256_set1_ps(-5.70498872745e-3F);
    p = _mm256_fmadd_ps(p, square, _mm256_set1_ps(2.06390887954e-2F));
    p = _mm256_fmadd_ps(p, square, _mm256_set1_ps(-5.37397155531e-2F));
    p = _mm256_fmadd_ps(p, square, _mm256_set1_ps(1.33314422036e-1F));
    p = _mm256_fmadd_ps(p, square, _mm256_set1_ps(-3.33332819422e-1F));
    const __m256 near = _mm256_fmadd_ps(_mm256_mul_ps(p, square), magnitude, magnitude);
    const __m256 isNear = _mm256_cmp_ps(magnitude, _mm256_set1_ps(0.625F), _CMP_LT_OQ);
    const __m256 sign = _mm256_and_ps(x, _mm256_set1_ps(-0.0F));
    return _mm256_or_ps(_mm256_blendv_ps(far, near, isNear), sign);
}

/// Exchanges rows and columns of an 8 x 8 square of 32-bit numbers.
inline void transpose(__m256i (&rows)[8]) {
    __m256i pairs[8];
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm256_unpacklo_epi32(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) { // per 128-bit lane: column c of rows i .. i + 3
        rows[i] = _mm256_unpacklo_epi64(pairs[i], pairs[i + 2]);
        rows[i + 1] = _mm256_unpackhi_epi64(pairs[i], pairs[i + 2]);
        rows[i + 2] = _mm256_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        rows[i + 3] = _mm256_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    for (int c = 0; c < 4; ++c) {
        const __m256i low = _mm256_permute2x128_si256(rows[c], rows[4 + c], 0x20);
        const __m256i high = _mm256_permute2x128_si256(rows[c], rows[4 + c], 0x31);
        rows[c] = low;
        rows[4 + c] = high;
    }
}

} // namespace
} // namespace hearth
