#pragma once

// Blocks of GGUF files as bytes for dot products, 32 values a register. A storage type is written as value = scale *
// (q - 2^kOffsetBits) or, where kHasMins, scale * q + min, with q an unsigned byte up to kLargest; where kSigned, as
// scale * q with q a signed byte. scale and min are constant over kSubBlock values; lane i of scales and mins belongs
// to q 4i .. 4i + 3. A type's object stands for one block; at(step) gives values 32 step .. 32 step + 31. Layouts:
// kernels/quant/blocks.h.

#include "kernels/cpu/simd/registers_avx2.h"

namespace hearth {
namespace {

struct Unpacked {
    __m256i quants;
    __m256 scales;
    __m256 mins; ///< set where kHasMins
};

inline uint32_t load32(const uint8_t* from) {
    uint32_t value;
    __builtin_memcpy(&value, from, sizeof(value));
    return value;
}

inline float halfAt(const uint8_t* from) {
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(from[0] | from[1] << 8)));
}

inline __m256 spreadHalf(const uint8_t* from) {
    return _mm256_set1_ps(halfAt(from));
}

inline __m256i loadBytes(const uint8_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

/// Low four bits of 16 bytes, then their high four bits.
inline __m256i nibblesOf(const uint8_t* from) {
    const __m256i twice = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
    return _mm256_and_si256(_mm256_srlv_epi64(twice, _mm256_setr_epi64x(0, 0, 4, 4)), _mm256_set1_epi8(15));
}

/// Adds 16 to number i where bit i is set.
inline __m256i addFifthBits(__m256i quants, const uint8_t* from) {
    const __m256i byteOf = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bitOf = _mm256_set1_epi64x(static_cast<int64_t>(0x8040201008040201ULL));
    const __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(load32(from))), byteOf);
    const __m256i isSet = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bitOf), bitOf);
    return _mm256_or_si256(quants, _mm256_and_si256(isSet, _mm256_set1_epi8(16)));
}

/// Adds `weight` to each number where bit `bit` of the byte in its place is set.
inline __m256i addBits(__m256i quants, __m256i bytes, int bit, int weight) {
    const __m256i mask = _mm256_set1_epi8(static_cast<char>(1 << bit));
    const __m256i isSet = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, mask), mask);
    return _mm256_or_si256(quants, _mm256_and_si256(isSet, _mm256_set1_epi8(static_cast<char>(weight))));
}

inline __m256i lookUp(const int8_t* levels, __m256i quants) {
    const __m128i table = _mm_loadu_si128(reinterpret_cast<const __m128i*>(levels));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), quants);
}

/// Two numbers, each over four lanes.
inline __m256 spreadPair(const float* pair) {
    return _mm256_set_m128(_mm_set1_ps(pair[1]), _mm_set1_ps(pair[0]));
}

alignas(16) constexpr int8_t kIq4Levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                               1,    13,   25,  38,  53,  69,  89,  113};
// Plus 16.
alignas(16) constexpr int8_t kMxfp4Levels[16] = {16, 17, 18, 19, 20, 22, 24, 28, 16, 15, 14, 13, 12, 10, 8, 4};

// Blocks of 32 values.

struct Q4_0 {
    static constexpr int kBlockBytes = 18, kSteps = 1, kSubBlock = 32, kOffsetBits = 3, kLargest = 15;
    static constexpr bool kHasMins = false, kSigned = false;
    const uint8_t* block;
    Unpacked at(int) const { return {nibblesOf(block + 2), spreadHalf(block), _mm256_setzero_ps()}; }
};

struct Q4_1 {
    static constexpr int kBlockBytes = 20, kSteps = 1, kSubBlock = 32, kOffsetBits = 0, kLargest = 15;
    static constexpr bool kHasMins = true, kSigned = false;
    const uint8_t* block;
    Unpacked at(int) const { return {nibblesOf(block + 4), spreadHalf(block), spreadHalf(block + 2)}; }
};

struct Q5_0 {
    static constexpr int kBlockBytes = 22, kSteps = 1, kSubBlock = 32, kOffsetBits = 4, kLargest = 31;
    static constexpr bool kHasMins = false, kSigned = false;
    const uint8_t* block;
    Unpacked at(int) const {
        return {addFifthBits(nibblesOf(block + 6), block + 2), spreadHalf(block), _mm256_setzero_ps()};
    }
};

struct Q5_1 {
    static constexpr int kBlockBytes = 24, kSteps = 1, kSubBlock = 32, kOffsetBits = 0, kLargest = 31;
    static constexpr bool kHasMins = true, kSigned = false;
    const uint8_t* block;
    Unpacked at(int) const {
        return {addFifthBits(nibblesOf(block + 8), block + 4), spreadHalf(block), spreadHalf(block + 2)};
    }
};

struct Q8_0 {
    static constexpr int kBlockBytes = 34, kSteps = 1, kSubBlock = 32, kOffsetBits = 0, kLargest = 128;
    static constexpr bool kHasMins = false, kSigned = true;
    const uint8_t* block;
    Unpacked at(int) const { return {loadBytes(block + 2), spreadHalf(block), _mm256_setzero_ps()}; }
};

struct Iq4Nl {
    static constexpr int kBlockBytes = 18, kSteps = 1, kSubBlock = 32, kOffsetBits = 0, kLargest = 127;
    static constexpr bool kHasMins = false, kSigned = true;
    const uint8_t* block;
    Unpacked at(int) const {
        return {lookUp(kIq4Levels, nibblesOf(block + 2)), spreadHalf(block), _mm256_setzero_ps()};
    }
};

struct Mxfp4 {
    static constexpr int kBlockBytes = 17, kSteps = 1, kSubBlock = 32, kOffsetBits = 4, kLargest = 28;
    static constexpr bool kHasMins = false, kSigned = false;
    const uint8_t* block;
    Unpacked at(int) const {
        // Half of 2^(exponent - 127), subnormal for the two smallest exponents.
        const uint32_t exponent = block[0];
        const uint32_t bits = exponent < 2 ? 0x200000U << exponent : (exponent - 1U) << 23;
        const __m256 scales = _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(bits)));
        return {lookUp(kMxfp4Levels, nibblesOf(block + 1)), scales, _mm256_setzero_ps()};
    }
};

// Super-blocks of 256 values: factors are decoded once a block.

/// 16 unsigned (or signed) bytes times `whole` as floats.
inline void scaledBytes(__m128i bytes, bool isSigned, int offset, float whole, float* out) {
    for (int half = 0; half < 2; ++half) {
        const __m128i part = half == 0 ? bytes : _mm_srli_si128(bytes, 8);
        const __m256i wide = isSigned ? _mm256_cvtepi8_epi32(part) : _mm256_cvtepu8_epi32(part);
        const __m256 numbers = _mm256_cvtepi32_ps(_mm256_sub_epi32(wide, _mm256_set1_epi32(offset)));
        _mm256_storeu_ps(out + 8 * half, _mm256_mul_ps(numbers, _mm256_set1_ps(whole)));
    }
}

/// Scales of the eight runs of a Q4_K or Q5_K block in factors 0 .. 7, their mins (negative) in 8 .. 15.
inline void sixBitFactors(const uint8_t* block, float* out) {
    const uint32_t a = load32(block + 4);
    const uint32_t b = load32(block + 8);
    const uint32_t c = load32(block + 12);
    const __m128i bytes = _mm_setr_epi32(
        static_cast<int>(a & 0x3F3F3F3FU), static_cast<int>((c & 0x0F0F0F0FU) | (a >> 2 & 0x30303030U)),
        static_cast<int>(b & 0x3F3F3F3FU), static_cast<int>((c >> 4 & 0x0F0F0F0FU) | (b >> 2 & 0x30303030U)));
    const __m256 scales = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes));
    const __m256 mins = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8)));
    _mm256_storeu_ps(out, _mm256_mul_ps(scales, spreadHalf(block)));
    _mm256_storeu_ps(out + 8, _mm256_mul_ps(mins, _mm256_set1_ps(-halfAt(block + 2))));
}

/// Four bits of 32 bytes: the low ones for even runs, the high ones for odd runs.
inline __m256i nibbleRun(const uint8_t* bytes, int run) {
    const __m256i all = loadBytes(bytes);
    return _mm256_and_si256(run % 2 == 0 ? all : _mm256_srli_epi16(all, 4), _mm256_set1_epi8(15));
}

/// Bits 2 t and 2 t + 1 of 32 bytes.
inline __m256i twoBitRun(const uint8_t* bytes, int t) {
    return _mm256_and_si256(_mm256_srl_epi16(loadBytes(bytes), _mm_cvtsi32_si128(2 * t)), _mm256_set1_epi8(3));
}

struct Q4K {
    static constexpr int kBlockBytes = 144, kSteps = 8, kSubBlock = 32, kOffsetBits = 0, kLargest = 15;
    static constexpr bool kHasMins = true, kSigned = false;
    const uint8_t* block;
    float factors[16];
    explicit Q4K(const uint8_t* at) : block(at) { sixBitFactors(at, factors); }
    Unpacked at(int step) const {
        return {nibbleRun(block + 16 + 32 * (step / 2), step), _mm256_broadcast_ss(factors + step),
                _mm256_broadcast_ss(factors + 8 + step)};
    }
};

struct Q5K {
    static constexpr int kBlockBytes = 176, kSteps = 8, kSubBlock = 32, kOffsetBits = 0, kLargest = 31;
    static constexpr bool kHasMins = true, kSigned = false;
    const uint8_t* block;
    float factors[16];
    explicit Q5K(const uint8_t* at) : block(at) { sixBitFactors(at, factors); }
    Unpacked at(int step) const {
        const __m256i low = nibbleRun(block + 48 + 32 * (step / 2), step);
        return {addBits(low, loadBytes(block + 16), step, 16), _mm256_broadcast_ss(factors + step),
                _mm256_broadcast_ss(factors + 8 + step)};
    }
};

struct Q6K {
    static constexpr int kBlockBytes = 210, kSteps = 8, kSubBlock = 16, kOffsetBits = 5, kLargest = 63;
    static constexpr bool kHasMins = false, kSigned = false;
    const uint8_t* block;
    float factors[16];
    explicit Q6K(const uint8_t* at) : block(at) {
        scaledBytes(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 192)), true, 0, halfAt(at + 208), factors);
    }
    Unpacked at(int step) const {
        const int half = step / 4;
        const int run = step % 4;
        const __m256i low = nibbleRun(block + 64 * half + 32 * (run % 2), run / 2);
        const __m256i high = _mm256_slli_epi16(twoBitRun(block + 128 + 32 * half, run), 4);
        return {_mm256_or_si256(low, high), spreadPair(factors + 2 * step), _mm256_setzero_ps()};
    }
};

struct Q3K {
    static constexpr int kBlockBytes = 110, kSteps = 8, kSubBlock = 16, kOffsetBits = 2, kLargest = 7;
    static constexpr bool kHasMins = false, kSigned = false;
    const uint8_t* block;
    float factors[16];
    explicit Q3K(const uint8_t* at) : block(at) {
        constexpr uint32_t kLow = 0x0F0F0F0FU;
        constexpr uint32_t kHigh = 0x30303030U;
        const uint32_t a = load32(at + 96);
        const uint32_t b = load32(at + 100);
        const uint32_t high = load32(at + 104);
        const __m128i bytes = _mm_setr_epi32(static_cast<int>((a & kLow) | (high << 4 & kHigh)),
                                             static_cast<int>((b & kLow) | (high << 2 & kHigh)),
                                             static_cast<int>((a >> 4 & kLow) | (high & kHigh)),
                                             static_cast<int>((b >> 4 & kLow) | (high >> 2 & kHigh)));
        scaledBytes(bytes, false, 32, halfAt(at + 108), factors);
    }
    Unpacked at(int step) const {
        const __m256i low = twoBitRun(block + 32 + 32 * (step / 4), step % 4);
        return {addBits(low, loadBytes(block), step, 4), spreadPair(factors + 2 * step), _mm256_setzero_ps()};
    }
};

struct Q2K {
    static constexpr int kBlockBytes = 84, kSteps = 8, kSubBlock = 16, kOffsetBits = 0, kLargest = 3;
    static constexpr bool kHasMins = true, kSigned = false;
    const uint8_t* block;
    float scales[16];
    float mins[16];
    explicit Q2K(const uint8_t* at) : block(at) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i fourBits = _mm_set1_epi8(15);
        scaledBytes(_mm_and_si128(bytes, fourBits), false, 0, halfAt(at + 80), scales);
        scaledBytes(_mm_and_si128(_mm_srli_epi16(bytes, 4), fourBits), false, 0, -halfAt(at + 82), mins);
    }
    Unpacked at(int step) const {
        return {twoBitRun(block + 16 + 32 * (step / 4), step % 4), spreadPair(scales + 2 * step),
                spreadPair(mins + 2 * step)};
    }
};

struct Iq4Xs {
    static constexpr int kBlockBytes = 136, kSteps = 8, kSubBlock = 32, kOffsetBits = 0, kLargest = 127;
    static constexpr bool kHasMins = false, kSigned = true;
    const uint8_t* block;
    float factors[8];
    explicit Iq4Xs(const uint8_t* at) : block(at) {
        const __m256i low = _mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int>(load32(at + 4))),
                                              _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28));
        const __m256i high =
            _mm256_srlv_epi32(_mm256_set1_epi32(at[2] | at[3] << 8), _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14));
        const __m256i sixBits = _mm256_or_si256(_mm256_and_si256(low, _mm256_set1_epi32(15)),
                                                _mm256_slli_epi32(_mm256_and_si256(high, _mm256_set1_epi32(3)), 4));
        const __m256 signedScales = _mm256_cvtepi32_ps(_mm256_sub_epi32(sixBits, _mm256_set1_epi32(32)));
        _mm256_storeu_ps(factors, _mm256_mul_ps(signedScales, spreadHalf(at)));
    }
    Unpacked at(int step) const {
        return {lookUp(kIq4Levels, nibblesOf(block + 8 + 16 * step)), _mm256_broadcast_ss(factors + step),
                _mm256_setzero_ps()};
    }
};

} // namespace
} // namespace hearth
