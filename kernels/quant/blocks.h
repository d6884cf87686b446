#pragma once

#include "kernels/api/dtype.h"

#include <bit>
#include <cstdint>

namespace hearth {

// The block layouts of GGUF files. A row of a weight is a run of blocks; a block holds 32 or 256 numbers ("values"),
// numbered below from 0. scale, offset: IEEE half bits (half.h). Bit 0 is the lowest. "Byte j of a 32-value block holds
// values j and j + 16" means: low four bits, high four bits. Structs are packed: blocks lie at any address.

static_assert(std::endian::native == std::endian::little, "GGUF blocks are read as they lie in memory");

inline constexpr std::int32_t kSmallBlock = 32;
inline constexpr std::int32_t kSuperBlock = 256;

#pragma pack(push, 1)

/// value = scale * (q - 8); byte j holds q of values j and j + 16.
struct Q4_0Block {
    std::uint16_t scale;
    std::uint8_t quants[16];
};

/// value = scale * q + offset; byte j holds q of values j and j + 16.
struct Q4_1Block {
    std::uint16_t scale;
    std::uint16_t offset;
    std::uint8_t quants[16];
};

/// value = scale * (q - 16); low four bits as in Q4_0, the fifth bit of value v is bit v of highBits.
struct Q5_0Block {
    std::uint16_t scale;
    std::uint32_t highBits;
    std::uint8_t quants[16];
};

/// value = scale * q + offset; q as in Q5_0.
struct Q5_1Block {
    std::uint16_t scale;
    std::uint16_t offset;
    std::uint32_t highBits;
    std::uint8_t quants[16];
};

/// value = scale * q.
struct Q8_0Block {
    std::uint16_t scale;
    std::int8_t quants[32];
};

/// value = scale * kIq4Values[q]; byte j holds q of values j and j + 16.
struct Iq4NlBlock {
    std::uint16_t scale;
    std::uint8_t quants[16];
};

/// OCP microscaling FP4 (E2M1): value = 2^(exponent - 127) * kMxfp4Values[q] / 2; byte j holds q of values j and j
/// + 16.
struct Mxfp4Block {
    std::uint8_t exponent;
    std::uint8_t quants[16];
};

// Super-blocks of 256 values. The 2, 3, 5 and 6-bit ones are cut in halves of 128, and halves in four runs of 32:
// byte j of a half's 32 bytes holds two bits of values j, 32 + j, 64 + j and 96 + j of that half, lowest bits first.

/// value = scale * s * q - offset * m. Each 16 values have a byte of scales: s in the low, m in the high four bits.
struct Q2KBlock {
    std::uint8_t scales[16];
    std::uint8_t quants[64];
    std::uint16_t scale;
    std::uint16_t offset;
};

/// value = scale * (s - 32) * (q - 4). q: two bits from quants, the third is bit (v / 32) of highBits[v % 32].
/// s of group g of 16 values: low four bits from byte g % 8 (its low half for g < 8), bits 4 and 5 from byte 8 + g % 4
/// at bit 2 * (g / 4).
struct Q3KBlock {
    std::uint8_t highBits[32];
    std::uint8_t quants[64];
    std::uint8_t scales[12];
    std::uint16_t scale;
};

/// value = scale * s * q - offset * m. Run r of 32 values: byte j of the 32 bytes r / 2 holds value j of run r (low
/// half for even r). s and m are six bits each: for r < 4 the low six of bytes r and 4 + r; for r >= 4 their low four
/// bits are the halves of byte 4 + r, their upper two the top of bytes r - 4 and r.
struct Q4KBlock {
    std::uint16_t scale;
    std::uint16_t offset;
    std::uint8_t scales[12];
    std::uint8_t quants[128];
};

/// As Q4_K with a fifth bit of q: bit r of highBits[j] for value j of run r.
struct Q5KBlock {
    std::uint16_t scale;
    std::uint16_t offset;
    std::uint8_t scales[12];
    std::uint8_t highBits[32];
    std::uint8_t quants[128];
};

/// value = scale * s * (q - 32). Per half of 128: low four bits of values j and 64 + j in byte j of its 64 quants,
/// upper two bits from its 32 highBits as described above. s: a signed byte per 16 values.
struct Q6KBlock {
    std::uint8_t quants[128];
    std::uint8_t highBits[64];
    std::int8_t scales[16];
    std::uint16_t scale;
};

/// value = scale * (s - 32) * kIq4Values[q]. Run r of 32 values: 16 bytes as in IQ4_NL; s: low four bits from half r %
/// 2 of scalesLow[r / 2], upper two from bits 2r of scalesHigh.
struct Iq4XsBlock {
    std::uint16_t scale;
    std::uint16_t scalesHigh;
    std::uint8_t scalesLow[4];
    std::uint8_t quants[128];
};

// The IQ1 to IQ3 types pick points of a grid (grids.h): one index gives 8 magnitudes (4 for IQ3), signs come apart.
// "7 sign bits": the eighth makes the number of minus signs even.

/// value = scale * (s + 1/2) / 4 * sign * grid. Run r of 32 values: words 4r .. 4r + 3 are four 8-bit indices, then a
/// 32-bit number: four times 7 sign bits, and s in the top four bits.
struct Iq2XxsBlock {
    std::uint16_t scale;
    std::uint16_t quants[32];
};

/// value = scale * (s + 1/2) / 4 * sign * grid. Word v / 8: index in the low 9 bits, 7 sign bits above. s: four bits
/// per 16 values.
struct Iq2XsBlock {
    std::uint16_t scale;
    std::uint16_t quants[32];
    std::uint8_t scales[8];
};

/// value = scale * (s + 1/2) / 4 * sign * grid. Index of value v: byte v / 8, and two bits of highBits[v / 32] at
/// 2 * (v / 8 % 4). All 8 sign bits in signs[v / 8]. s: four bits per 16 values.
struct Iq2SBlock {
    std::uint16_t scale;
    std::uint8_t quants[32];
    std::uint8_t signs[32];
    std::uint8_t highBits[8];
    std::uint8_t scales[8];
};

/// value = scale * (s + 1/2) / 2 * sign * grid. One index byte per 4 values; per 32 values a 32-bit number: four times
/// 7 sign bits, and s in the top four bits.
struct Iq3XxsBlock {
    std::uint16_t scale;
    std::uint8_t quants[64];
    std::uint32_t signsAndScales[8];
};

/// value = scale * (2 s + 1) * sign * grid. Index of value v: byte v / 4, and bit v / 4 % 8 of highBits[v / 32]. All 8
/// sign bits in signs[v / 8]. s: four bits per 32 values.
struct Iq3SBlock {
    std::uint16_t scale;
    std::uint8_t quants[64];
    std::uint8_t highBits[8];
    std::uint8_t signs[32];
    std::uint8_t scales[4];
};

/// value = scale * (2 s + 1) * (grid +- 1/8). Run r of 32 values: four index bytes, and highBits[r] with three upper
/// bits for each index, s in bits 12 to 14, and in bit 15 the sign of the 1/8 (set: minus).
struct Iq1SBlock {
    std::uint16_t scale;
    std::uint8_t quants[32];
    std::uint16_t highBits[8];
};

/// value = scale * (2 s + 1) * (grid +- 1/8). Index of value v: byte v / 8, and three bits of half v / 8 % 2 of
/// highBits[v / 16], whose fourth bit is the sign of the 1/8. scales: word w has s (three bits) of groups 4w .. 4w + 3
/// of 16 values, and in its top four bits, those of word 3 highest, the half that is the scale.
struct Iq1MBlock {
    std::uint8_t quants[32];
    std::uint8_t highBits[16];
    std::uint16_t scales[4];
};

/// value = scale * (t - 1), t in 0 .. 2. A byte is a fraction of 256: digit n of value t in base 3 is the integer part
/// of 3 * frac(byte * 3^n / 256). quants: 32 bytes, digit n of byte j is value 32 n + j; then 16 bytes, value 160 + 16
/// n + j. tail: four bytes, digit n of byte j is value 240 + 4 n + j.
struct Tq1_0Block {
    std::uint8_t quants[48];
    std::uint8_t tail[4];
    std::uint16_t scale;
};

/// value = scale * (t - 1); two bits as in the halves described above.
struct Tq2_0Block {
    std::uint8_t quants[64];
    std::uint16_t scale;
};

#pragma pack(pop)

static_assert(sizeof(Q4_0Block) == 18);
static_assert(sizeof(Q4_1Block) == 20);
static_assert(sizeof(Q5_0Block) == 22);
static_assert(sizeof(Q5_1Block) == 24);
static_assert(sizeof(Q8_0Block) == 34);
static_assert(sizeof(Iq4NlBlock) == 18);
static_assert(sizeof(Mxfp4Block) == 17);
static_assert(sizeof(Q2KBlock) == 84);
static_assert(sizeof(Q3KBlock) == 110);
static_assert(sizeof(Q4KBlock) == 144);
static_assert(sizeof(Q5KBlock) == 176);
static_assert(sizeof(Q6KBlock) == 210);
static_assert(sizeof(Iq4XsBlock) == 136);
static_assert(sizeof(Iq2XxsBlock) == 66);
static_assert(sizeof(Iq2XsBlock) == 74);
static_assert(sizeof(Iq2SBlock) == 82);
static_assert(sizeof(Iq3XxsBlock) == 98);
static_assert(sizeof(Iq3SBlock) == 110);
static_assert(sizeof(Iq1SBlock) == 50);
static_assert(sizeof(Iq1MBlock) == 56);
static_assert(sizeof(Tq1_0Block) == 54);
static_assert(sizeof(Tq2_0Block) == 66);

/// The levels of IQ4_NL and IQ4_XS.
inline constexpr std::int8_t kIq4Values[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                               1,    13,   25,  38,  53,  69,  89,  113};

/// Twice the sixteen E2M1 numbers of the OCP microscaling formats, specification 1.0.
inline constexpr std::int8_t kMxfp4Values[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/// Half of 2^(exponent - 127): the factor of kMxfp4Values. No exponent means NaN here, as in the files' own writer.
[[nodiscard]] constexpr float mxfp4Scale(std::uint8_t exponent) {
    const std::uint32_t bits = exponent < 2 ? 0x200000U << exponent : (exponent - 1U) << 23;
    return std::bit_cast<float>(bits);
}

/// Eight sign bits (set: minus) from the seven that are stored.
[[nodiscard]] constexpr std::uint8_t evenSigns(std::uint32_t sevenBits) {
    const std::uint32_t low = sevenBits & 127U;
    return static_cast<std::uint8_t>(low | (static_cast<std::uint32_t>(std::popcount(low)) & 1U) << 7);
}

/// The six-bit scale and offset factors of one run of 32 values of a Q4_K or Q5_K block.
struct ScaleAndOffset {
    std::uint8_t scale;
    std::uint8_t offset;
};
[[nodiscard]] constexpr ScaleAndOffset scaleAndOffset(const std::uint8_t (&scales)[12], int run) {
    if (run < 4)
        return {static_cast<std::uint8_t>(scales[run] & 63), static_cast<std::uint8_t>(scales[run + 4] & 63)};
    return {static_cast<std::uint8_t>((scales[run + 4] & 15) | (scales[run - 4] >> 6) << 4),
            static_cast<std::uint8_t>((scales[run + 4] >> 4) | (scales[run] >> 6) << 4)};
}

/// The scale of one group of 16 values of a Q3_K block, -32 to 31.
[[nodiscard]] constexpr int q3KScale(const Q3KBlock& block, int group) {
    const int low = group < 8 ? block.scales[group] & 15 : block.scales[group - 8] >> 4;
    const int high = (block.scales[8 + group % 4] >> (2 * (group / 4))) & 3;
    return (low | high << 4) - 32;
}

} // namespace hearth
