#pragma once

// Blocks of GGUF files as bytes for dot products. A storage type is written as value = scale * (q - 2^kOffsetBits), or,
// where kHasMins, value = scale * q + min, with q an unsigned byte and scale and min constant over kSubBlock values.
// unpack() gives kSteps registers of 64 consecutive q; lane i of scales and mins belongs to q 4i .. 4i + 3.
// Layouts: kernels/quant/blocks.h.

#include "kernels/cpu/simd/registers_avx512.h"

namespace hearth {
namespace {

struct Unpacked {
    __m512i quants;
    __m512 scales;
    __m512 mins; ///< set where kHasMins
};

inline int32_t load32(const uint8_t* from) {
    int32_t value;
    __builtin_memcpy(&value, from, sizeof(value));
    return value;
}

inline uint32_t loadUnsigned32(const uint8_t* from) {
    return static_cast<uint32_t>(load32(from));
}

inline float halfAt(const uint8_t* from) {
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(from[0] | from[1] << 8)));
}

/// The pair of halves at `first` in each two lanes of the lower half, those at `second` in the upper half.
inline __m512 halvesOf(const uint8_t* first, const uint8_t* second) {
    const __m256i lower = _mm256_set1_epi32(load32(first));
    return _mm512_cvtph_ps(_mm256_mask_set1_epi32(lower, 0xF0, load32(second)));
}

/// Four bits each: low halves of 16 bytes at `first`, their high halves, then the same of `second`.
inline __m512i nibblesOf(const uint8_t* first, const uint8_t* second) {
    const __m512i lower = _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(first)));
    const __m512i both =
        _mm512_mask_broadcast_i32x4(lower, 0xFF00, _mm_loadu_si128(reinterpret_cast<const __m128i*>(second)));
    const __m512i shifted = _mm512_srlv_epi64(both, _mm512_setr_epi64(0, 0, 4, 4, 0, 0, 4, 4));
    return _mm512_and_si512(shifted, _mm512_set1_epi8(15));
}

inline __m512i addFifthBits(__m512i quants, const uint8_t* first, const uint8_t* second) {
    const uint64_t bits = loadUnsigned32(first) | static_cast<uint64_t>(loadUnsigned32(second)) << 32;
    return _mm512_mask_add_epi8(quants, _cvtu64_mask64(bits), quants, _mm512_set1_epi8(16));
}

inline __m512i lookUp(const int8_t* levels, __m512i quants) {
    const __m128i table = _mm_loadu_si128(reinterpret_cast<const __m128i*>(levels));
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(table), quants);
}

// Blocks of 32 values: two of them give one register. A row with an odd number of blocks passes its last one twice.

struct Q4_0 {
    static constexpr int kBlockBytes = 18, kBlockValues = 32, kSteps = 1, kSubBlock = 32, kOffsetBits = 3;
    static constexpr bool kHasMins = false;
    static void unpack(const uint8_t* first, const uint8_t* second, Unpacked (&out)[kSteps]) {
        out[0].quants = nibblesOf(first + 2, second + 2);
        out[0].scales = _mm512_moveldup_ps(halvesOf(first, second));
    }
};

struct Q4_1 {
    static constexpr int kBlockBytes = 20, kBlockValues = 32, kSteps = 1, kSubBlock = 32, kOffsetBits = 0;
    static constexpr bool kHasMins = true;
    static void unpack(const uint8_t* first, const uint8_t* second, Unpacked (&out)[kSteps]) {
        out[0].quants = nibblesOf(first + 4, second + 4);
        const __m512 halves = halvesOf(first, second);
        out[0].scales = _mm512_moveldup_ps(halves);
        out[0].mins = _mm512_movehdup_ps(halves);
    }
};

struct Q5_0 {
    static constexpr int kBlockBytes = 22, kBlockValues = 32, kSteps = 1, kSubBlock = 32, kOffsetBits = 4;
    static constexpr bool kHasMins = false;
    static void unpack(const uint8_t* first, const uint8_t* second, Unpacked (&out)[kSteps]) {
        out[0].quants = addFifthBits(nibblesOf(first + 6, second + 6), first + 2, second + 2);
        out[0].scales = _mm512_moveldup_ps(halvesOf(first, second));
    }
};

struct Q5_1 {
    static constexpr int kBlockBytes = 24, kBlockValues = 32, kSteps = 1, kSubBlock = 32, kOffsetBits = 0;
    static constexpr bool kHasMins = true;
    static void unpack(const uint8_t* first, const uint8_t* second, Unpacked (&out)[kSteps]) {
        out[0].quants = addFifthBits(nibblesOf(first + 8, second + 8), first + 4, second + 4);
        const __m512 halves = halvesOf(first, second);
        out[0].scales = _mm512_moveldup_ps(halves);
        out[0].mins = _mm512_movehdup_ps(halves);
    }
};

struct Q8_0 {
    static constexpr int kBlockBytes = 34, kBlockValues = 32, kSteps = 1, kSubBlock = 32, kOffsetBits = 7;
    static constexpr bool kHasMins = false;
    static void unpack(const uint8_t* first, const uint8_t* second, Unpacked (&out)[kSteps]) {
        const __m256i lower = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(first + 2));
        const __m256i upper = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(second + 2));
        const __m512i quants = _mm512_inserti64x4(_mm512_castsi256_si512(lower), upper, 1);
        out[0].quants = _mm512_xor_si512(quants, _mm512_set1_epi8(-128));
        out[0].scales = _mm512_moveldup_ps(halvesOf(first, second));
    }
};

// The levels of IQ4_NL and IQ4_XS plus 128, those of MXFP4 plus 16.
alignas(16) constexpr int8_t kIq4Levels[16] = {1,    24,   45,   63,  79,  93,  106, 118,
                                               -127, -115, -103, -90, -75, -59, -39, -15};
alignas(16) constexpr int8_t kMxfp4Levels[16] = {16, 17, 18, 19, 20, 22, 24, 28, 16, 15, 14, 13, 12, 10, 8, 4};

struct Iq4Nl {
    static constexpr int kBlockBytes = 18, kBlockValues = 32, kSteps = 1, kSubBlock = 32, kOffsetBits = 7;
    static constexpr bool kHasMins = false;
    static void unpack(const uint8_t* first, const uint8_t* second, Unpacked (&out)[kSteps]) {
        out[0].quants = lookUp(kIq4Levels, nibblesOf(first + 2, second + 2));
        out[0].scales = _mm512_moveldup_ps(halvesOf(first, second));
    }
};

struct Mxfp4 {
    static constexpr int kBlockBytes = 17, kBlockValues = 32, kSteps = 1, kSubBlock = 32, kOffsetBits = 4;
    static constexpr bool kHasMins = false;
    static void unpack(const uint8_t* first, const uint8_t* second, Unpacked (&out)[kSteps]) {
        out[0].quants = lookUp(kMxfp4Levels, nibblesOf(first + 1, second + 1));
        // Half of 2^(exponent - 127), subnormal for the two smallest exponents.
        const __m512i exponent = _mm512_mask_set1_epi32(_mm512_set1_epi32(first[0]), 0xFF00, second[0]);
        const __m512i normal = _mm512_slli_epi32(_mm512_sub_epi32(exponent, _mm512_set1_epi32(1)), 23);
        const __mmask16 tiny = _mm512_cmplt_epi32_mask(exponent, _mm512_set1_epi32(2));
        out[0].scales =
            _mm512_castsi512_ps(_mm512_mask_sllv_epi32(normal, tiny, _mm512_set1_epi32(0x200000), exponent));
    }
};

// Super-blocks of 256 values: four registers.

/// Lanes first .. of `numbers`, each over four (or eight) neighbouring lanes.
inline __m512 spreadOverFour(__m512 numbers, int first) {
    const __m512i lanes = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    return _mm512_permutexvar_ps(_mm512_add_epi32(lanes, _mm512_set1_epi32(first)), numbers);
}
inline __m512 spreadOverEight(__m512 numbers, int first) {
    const __m512i lanes = _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
    return _mm512_permutexvar_ps(_mm512_add_epi32(lanes, _mm512_set1_epi32(first)), numbers);
}

inline __m512i twiceAt(const uint8_t* bytes) {
    return _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes)));
}

/// Low four bits of 32 bytes, then their high four bits.
inline __m512i nibbleRuns(const uint8_t* bytes) {
    const __m512i shifted = _mm512_srlv_epi64(twiceAt(bytes), _mm512_setr_epi64(0, 0, 0, 0, 4, 4, 4, 4));
    return _mm512_and_si512(shifted, _mm512_set1_epi8(15));
}

/// Bits 2 t and 2 t + 1 of 32 bytes, then the next two.
inline __m512i twoBitRuns(const uint8_t* bytes, int t) {
    const __m512i counts = _mm512_setr_epi64(0, 0, 0, 0, 2, 2, 2, 2);
    const __m512i shifted = _mm512_srlv_epi64(twiceAt(bytes), _mm512_add_epi64(counts, _mm512_set1_epi64(2 * t)));
    return _mm512_and_si512(shifted, _mm512_set1_epi8(3));
}

/// Adds `weight` to the first 32 numbers where bit `bit` of the byte is set, and to the others by the next bit.
inline __m512i addBits(__m512i quants, __m512i bytes, int bit, int weight) {
    const __m256i lower = _mm256_set1_epi8(static_cast<char>(1 << bit));
    const __m256i upper = _mm256_set1_epi8(static_cast<char>(2 << bit));
    const __m512i bits = _mm512_inserti64x4(_mm512_castsi256_si512(lower), upper, 1);
    const __mmask64 set = _mm512_test_epi8_mask(bytes, bits);
    return _mm512_mask_add_epi8(quants, set, quants, _mm512_set1_epi8(static_cast<char>(weight)));
}

/// Scales of the eight runs of a Q4_K or Q5_K block in lanes 0 .. 7, their mins (negative) in lanes 8 .. 15.
inline __m512 sixBitFactors(const uint8_t* block) {
    const uint32_t a = loadUnsigned32(block + 4);
    const uint32_t b = loadUnsigned32(block + 8);
    const uint32_t c = loadUnsigned32(block + 12);
    const uint32_t scalesLow = a & 0x3F3F3F3FU;
    const uint32_t scalesHigh = (c & 0x0F0F0F0FU) | (a >> 2 & 0x30303030U);
    const uint32_t minsLow = b & 0x3F3F3F3FU;
    const uint32_t minsHigh = (c >> 4 & 0x0F0F0F0FU) | (b >> 2 & 0x30303030U);
    const __m128i bytes = _mm_setr_epi32(static_cast<int>(scalesLow), static_cast<int>(scalesHigh),
                                         static_cast<int>(minsLow), static_cast<int>(minsHigh));
    const __m512 factors = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes));
    const __m512 whole =
        _mm512_mask_blend_ps(0xFF00, _mm512_set1_ps(halfAt(block)), _mm512_set1_ps(-halfAt(block + 2)));
    return _mm512_mul_ps(factors, whole);
}

/// The mins of four steps, from lanes 8 .. 15.
inline void spreadMins(__m512 factors, Unpacked (&out)[4]) {
    for (int step = 0; step < 4; ++step)
        out[step].mins = spreadOverEight(factors, 8 + 2 * step);
}

struct Q4K {
    static constexpr int kBlockBytes = 144, kBlockValues = 256, kSteps = 4, kSubBlock = 32, kOffsetBits = 0;
    static constexpr bool kHasMins = true;
    static void unpack(const uint8_t* block, const uint8_t*, Unpacked (&out)[kSteps]) {
        spreadMins(unpackScaled(block, out), out);
    }
    /// All but the mins, which are lanes 8 .. 15 of the result.
    static __m512 unpackScaled(const uint8_t* block, Unpacked (&out)[kSteps]) {
        const __m512 factors = sixBitFactors(block);
        for (int step = 0; step < kSteps; ++step) {
            out[step].quants = nibbleRuns(block + 16 + 32 * step);
            out[step].scales = spreadOverEight(factors, 2 * step);
        }
        return factors;
    }
};

struct Q5K {
    static constexpr int kBlockBytes = 176, kBlockValues = 256, kSteps = 4, kSubBlock = 32, kOffsetBits = 0;
    static constexpr bool kHasMins = true;
    static void unpack(const uint8_t* block, const uint8_t*, Unpacked (&out)[kSteps]) {
        spreadMins(unpackScaled(block, out), out);
    }
    /// All but the mins, which are lanes 8 .. 15 of the result.
    static __m512 unpackScaled(const uint8_t* block, Unpacked (&out)[kSteps]) {
        const __m512 factors = sixBitFactors(block);
        const __m512i highBits = twiceAt(block + 16);
        for (int step = 0; step < kSteps; ++step) {
            out[step].quants = addBits(nibbleRuns(block + 48 + 32 * step), highBits, 2 * step, 16);
            out[step].scales = spreadOverEight(factors, 2 * step);
        }
        return factors;
    }
};

struct Q6K {
    static constexpr int kBlockBytes = 210, kBlockValues = 256, kSteps = 4, kSubBlock = 16, kOffsetBits = 5;
    static constexpr bool kHasMins = false;
    static void unpack(const uint8_t* block, const uint8_t*, Unpacked (&out)[kSteps]) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 192));
        const __m512 factors =
            _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes)), _mm512_set1_ps(halfAt(block + 208)));
        const __m512i fourBits = _mm512_set1_epi8(15);
        const __m512i highPlace = _mm512_set1_epi8(0x30);
        for (int half = 0; half < 2; ++half) {
            const __m512i low = _mm512_loadu_si512(block + 64 * half);
            const __m512i high = twiceAt(block + 128 + 32 * half);
            // Two bits of each byte go to bits 4 and 5: bits 0-1 and 2-3 for the first 64 values, 4-5 and 6-7 then.
            const __m512i first = _mm512_sllv_epi64(high, _mm512_setr_epi64(4, 4, 4, 4, 2, 2, 2, 2));
            const __m512i second = _mm512_srlv_epi64(high, _mm512_setr_epi64(0, 0, 0, 0, 2, 2, 2, 2));
            out[2 * half].quants = _mm512_or_si512(_mm512_and_si512(low, fourBits), _mm512_and_si512(first, highPlace));
            out[2 * half + 1].quants = _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi64(low, 4), fourBits),
                                                       _mm512_and_si512(second, highPlace));
        }
        for (int step = 0; step < kSteps; ++step)
            out[step].scales = spreadOverFour(factors, 4 * step);
    }
};

struct Q3K {
    static constexpr int kBlockBytes = 110, kBlockValues = 256, kSteps = 4, kSubBlock = 16, kOffsetBits = 2;
    static constexpr bool kHasMins = false;
    static void unpack(const uint8_t* block, const uint8_t*, Unpacked (&out)[kSteps]) {
        const uint32_t a = loadUnsigned32(block + 96);
        const uint32_t b = loadUnsigned32(block + 100);
        const uint32_t high = loadUnsigned32(block + 104);
        constexpr uint32_t kLow = 0x0F0F0F0FU;
        constexpr uint32_t kHigh = 0x30303030U;
        const __m128i bytes = _mm_setr_epi32(static_cast<int>((a & kLow) | (high << 4 & kHigh)),
                                             static_cast<int>((b & kLow) | (high << 2 & kHigh)),
                                             static_cast<int>((a >> 4 & kLow) | (high & kHigh)),
                                             static_cast<int>((b >> 4 & kLow) | (high >> 2 & kHigh)));
        const __m512i signedScales = _mm512_sub_epi32(_mm512_cvtepu8_epi32(bytes), _mm512_set1_epi32(32));
        const __m512 factors = _mm512_mul_ps(_mm512_cvtepi32_ps(signedScales), _mm512_set1_ps(halfAt(block + 108)));
        const __m512i highBits = twiceAt(block);
        for (int step = 0; step < kSteps; ++step) {
            const __m512i low = twoBitRuns(block + 32 + 32 * (step / 2), 2 * (step % 2));
            out[step].quants = addBits(low, highBits, 2 * step, 4);
            out[step].scales = spreadOverFour(factors, 4 * step);
        }
    }
};

struct Q2K {
    static constexpr int kBlockBytes = 84, kBlockValues = 256, kSteps = 4, kSubBlock = 16, kOffsetBits = 0;
    static constexpr bool kHasMins = true;
    static void unpack(const uint8_t* block, const uint8_t*, Unpacked (&out)[kSteps]) {
        const __m512i bytes = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block)));
        const __m512i low = _mm512_and_si512(bytes, _mm512_set1_epi32(15));
        const __m512 scales = _mm512_mul_ps(_mm512_cvtepi32_ps(low), _mm512_set1_ps(halfAt(block + 80)));
        const __m512 mins =
            _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_srli_epi32(bytes, 4)), _mm512_set1_ps(-halfAt(block + 82)));
        for (int step = 0; step < kSteps; ++step) {
            out[step].quants = twoBitRuns(block + 16 + 32 * (step / 2), 2 * (step % 2));
            out[step].scales = spreadOverFour(scales, 4 * step);
            out[step].mins = spreadOverFour(mins, 4 * step);
        }
    }
};

struct Iq4Xs {
    static constexpr int kBlockBytes = 136, kBlockValues = 256, kSteps = 4, kSubBlock = 32, kOffsetBits = 7;
    static constexpr bool kHasMins = false;
    static void unpack(const uint8_t* block, const uint8_t*, Unpacked (&out)[kSteps]) {
        const __m256i low =
            _mm256_srlv_epi32(_mm256_set1_epi32(load32(block + 4)), _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28));
        const __m256i high = _mm256_srlv_epi32(_mm256_set1_epi32(block[2] | block[3] << 8),
                                               _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14));
        const __m256i sixBits = _mm256_or_si256(_mm256_and_si256(low, _mm256_set1_epi32(15)),
                                                _mm256_slli_epi32(_mm256_and_si256(high, _mm256_set1_epi32(3)), 4));
        const __m256 signedScales = _mm256_cvtepi32_ps(_mm256_sub_epi32(sixBits, _mm256_set1_epi32(32)));
        const __m512 factors = _mm512_castps256_ps512(_mm256_mul_ps(signedScales, _mm256_set1_ps(halfAt(block))));
        for (int step = 0; step < kSteps; ++step) {
            const uint8_t* runs = block + 8 + 32 * step;
            out[step].quants = lookUp(kIq4Levels, nibblesOf(runs, runs + 16));
            out[step].scales = spreadOverEight(factors, 2 * step);
        }
    }
};

} // namespace
} // namespace hearth
