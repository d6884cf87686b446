#pragma once

// Register helpers of the AVX-512 files. In an anonymous namespace, as all code that is compiled for one instruction
// set: see kernel_types.h.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

namespace hearth {
namespace {

/// The lanes of a row's last, partial register: count of 1 .. 15.
inline __mmask16 tailMask(int32_t count) {
    return static_cast<__mmask16>((1U << count) - 1U);
}

/// Sum of the 16 lanes, in an order that does not depend on anything.
inline float sumOf(__m512 v) {
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    quarter = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_add_ss(quarter, _mm_movehdup_ps(quarter)));
}

inline float maximumOf(__m512 v) {
    const __m256 half = _mm256_max_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 quarter = _mm_max_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    quarter = _mm_max_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_max_ss(quarter, _mm_movehdup_ps(quarter)));
}

/// The sums of four registers, in their order; each added up as sumOf() does.
inline __m128 sumsOf(__m512 a, __m512 b, __m512 c, __m512 d) {
    const auto quarter = [](__m512 v) {
        const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
        return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    };
    __m128 rows[4] = {quarter(a), quarter(b), quarter(c), quarter(d)};
    _MM_TRANSPOSE4_PS(rows[0], rows[1], rows[2], rows[3]);
    return _mm_add_ps(_mm_add_ps(rows[0], rows[2]), _mm_add_ps(rows[1], rows[3]));
}

/// e^x to about 1e-7 of its value; 0 far below, infinity far above, NaN for NaN. Method and constants: Cephes, expf.
inline __m512 expOf(__m512 x) {
    // max and min return their second operand when one is NaN.
    x = _mm512_max_ps(_mm512_set1_ps(-104.0F), x);
    x = _mm512_min_ps(_mm512_set1_ps(89.0F), x);
    const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504088896341F)),
                                          _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375F), x);
    r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4F), r);
    __m512 p = _mm512_set1_ps(1.9875691500e-4F);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.3981999507e-3F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(8.3334519073e-3F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(4.1665795894e-2F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.6666665459e-1F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.0000001201e-1F));
    p = _mm512_fmadd_ps(_mm512_mul_ps(p, r), r, _mm512_add_ps(r, _mm512_set1_ps(1.0F)));
    return _mm512_scalef_ps(p, n);
}

/// tanh to about 1e-7 of its value. Method and constants: Cephes, tanhf.
inline __m512 tanhOf(__m512 x) {
    const __m512 magnitude = _mm512_abs_ps(x);
    const __m512 e = expOf(_mm512_add_ps(magnitude, magnitude));
    const __m512 one = _mm512_set1_ps(1.0F);
    const __m512 far = _mm512_sub_ps(one, _mm512_div_ps(_mm512_set1_ps(2.0F), _mm512_add_ps(e, one)));
    const __m512 square = _mm512_mul_ps(x, x);
    __m512 p = _mm512_set1_ps(-5.70498872745e-3F);
    p = _mm512_fmadd_ps(p, square, _mm512_set1_ps(2.06390887954e-2F));
    p = _mm512_fmadd_ps(p, square, _mm512_set1_ps(-5.37397155531e-2F));
    p = _mm512_fmadd_ps(p, square, _mm512_set1_ps(1.33314422036e-1F));
    p = _mm512_fmadd_ps(p, square, _mm512_set1_ps(-3.33332819422e-1F));
    const __m512 near = _mm512_fmadd_ps(_mm512_mul_ps(p, square), magnitude, magnitude);
    const __mmask16 isNear = _mm512_cmp_ps_mask(magnitude, _mm512_set1_ps(0.625F), _CMP_LT_OQ);
    const __m512 result = _mm512_mask_blend_ps(isNear, far, near);
    const __m512 sign = _mm512_and_ps(x, _mm512_set1_ps(-0.0F));
    return _mm512_or_ps(result, sign);
}

/// Exchanges rows and columns of a 16 x 16 square of 32-bit numbers.
inline void transpose(__m512i (&rows)[16]) {
    __m512i pairs[16];
    for (int i = 0; i < 16; i += 2) {
        pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    // Within each 128-bit lane: fours[4 g + c] has column 4 lane + c of rows 4 g .. 4 g + 3.
    __m512i fours[16];
    for (int i = 0; i < 16; i += 4) {
        fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    for (int c = 0; c < 4; ++c) {
        const __m512i even02 = _mm512_shuffle_i32x4(fours[c], fours[4 + c], 0x88);
        const __m512i odd02 = _mm512_shuffle_i32x4(fours[c], fours[4 + c], 0xDD);
        const __m512i even13 = _mm512_shuffle_i32x4(fours[8 + c], fours[12 + c], 0x88);
        const __m512i odd13 = _mm512_shuffle_i32x4(fours[8 + c], fours[12 + c], 0xDD);
        rows[c] = _mm512_shuffle_i32x4(even02, even13, 0x88);
        rows[8 + c] = _mm512_shuffle_i32x4(even02, even13, 0xDD);
        rows[4 + c] = _mm512_shuffle_i32x4(odd02, odd13, 0x88);
        rows[12 + c] = _mm512_shuffle_i32x4(odd02, odd13, 0xDD);
    }
}

} // namespace
} // namespace hearth
