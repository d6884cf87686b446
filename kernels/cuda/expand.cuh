#pragma once

// Block types expanded on the device, eight numbers at a time: expandEight<T>(row, eight, out) writes numbers
// 8 * eight .. 8 * eight + 7 of a row. The formulas are those of kernels/quant.

#include "kernels/api/dtype.h"
#include "kernels/cuda/expand_grids.h"
#include "kernels/quant/blocks.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

namespace hearth::cuda {

static __device__ __constant__ const std::int8_t kDeviceIq4Values[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                                         1,    13,   25,  38,  53,  69,  89,  113};
static __device__ __constant__ const std::int8_t kDeviceMxfp4Values[16] = {0, 1,  2,  3,  4,  6,  8,  12,
                                                                           0, -1, -2, -3, -4, -6, -8, -12};

__device__ inline float halfOf(std::uint16_t bits) {
    return __half2float(__ushort_as_half(bits));
}

__device__ inline float bfloatOf(std::uint16_t bits) {
    return __uint_as_float(static_cast<std::uint32_t>(bits) << 16);
}

/// A number of two bytes at any even address.
__device__ inline std::uint16_t wordAt(const std::uint8_t* at) {
    return static_cast<std::uint16_t>(at[0] | at[1] << 8);
}

/// Blocks of 32 values whose byte j holds values j and j + 16: the four bits of value `index`.
__device__ inline int nibbleOf(const std::uint8_t* quants, int index) {
    return (quants[index % 16] >> (index / 16 * 4)) & 15;
}

__device__ inline void writeEight(float scale, std::uint64_t magnitudes, std::uint32_t signs, float* out) {
#pragma unroll
    for (int j = 0; j < 8; ++j) {
        const float value = scale * static_cast<float>((magnitudes >> (8 * j)) & 0xFFU);
        out[j] = (signs >> j & 1U) != 0 ? -value : value;
    }
}

__device__ inline void writeShifted(float scale, std::uint64_t point, float shift, float* out) {
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = scale * (static_cast<float>(static_cast<std::int8_t>((point >> (8 * j)) & 0xFFU)) + shift);
}

__device__ inline std::uint32_t evenSignsOf(std::uint32_t sevenBits) {
    const std::uint32_t low = sevenBits & 127U;
    return low | (static_cast<std::uint32_t>(__popc(low)) & 1U) << 7;
}

/// eight: counted within the block.
__device__ inline void expandBlock(const Grids&, const Q4_0Block& block, int eight, float* out) {
    const float scale = halfOf(block.scale);
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = static_cast<float>(nibbleOf(block.quants, 8 * eight + j) - 8) * scale;
}

__device__ inline void expandBlock(const Grids&, const Q4_1Block& block, int eight, float* out) {
    const float scale = halfOf(block.scale);
    const float offset = halfOf(block.offset);
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = static_cast<float>(nibbleOf(block.quants, 8 * eight + j)) * scale + offset;
}

__device__ inline int fiveBits(std::uint32_t highBits, const std::uint8_t* quants, int index) {
    return nibbleOf(quants, index) | static_cast<int>((highBits >> index) & 1U) << 4;
}

__device__ inline void expandBlock(const Grids&, const Q5_0Block& block, int eight, float* out) {
    const float scale = halfOf(block.scale);
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = static_cast<float>(fiveBits(block.highBits, block.quants, 8 * eight + j) - 16) * scale;
}

__device__ inline void expandBlock(const Grids&, const Q5_1Block& block, int eight, float* out) {
    const float scale = halfOf(block.scale);
    const float offset = halfOf(block.offset);
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = static_cast<float>(fiveBits(block.highBits, block.quants, 8 * eight + j)) * scale + offset;
}

__device__ inline void expandBlock(const Grids&, const Q8_0Block& block, int eight, float* out) {
    const float scale = halfOf(block.scale);
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = static_cast<float>(block.quants[8 * eight + j]) * scale;
}

__device__ inline void expandBlock(const Grids&, const Iq4NlBlock& block, int eight, float* out) {
    const float scale = halfOf(block.scale);
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = scale * static_cast<float>(kDeviceIq4Values[nibbleOf(block.quants, 8 * eight + j)]);
}

__device__ inline void expandBlock(const Grids&, const Mxfp4Block& block, int eight, float* out) {
    const std::uint32_t bits =
        block.exponent < 2 ? 0x200000U << block.exponent : (static_cast<std::uint32_t>(block.exponent) - 1U) << 23;
    const float scale = __uint_as_float(bits);
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = static_cast<float>(kDeviceMxfp4Values[nibbleOf(block.quants, 8 * eight + j)]) * scale;
}

/// Halves of 128 values, four runs of 32: two bits of the eight values from 8 * eight on begin at these bytes.
__device__ inline const std::uint8_t* pairsOf(const std::uint8_t* quants, int eight) {
    return quants + eight / 16 * 32 + eight % 4 * 8;
}

__device__ inline void expandBlock(const Grids&, const Q2KBlock& block, int eight, float* out) {
    const int factors = block.scales[eight / 2];
    const float scale = halfOf(block.scale) * static_cast<float>(factors & 15);
    const float offset = halfOf(block.offset) * static_cast<float>(factors >> 4);
    const std::uint8_t* quants = pairsOf(block.quants, eight);
    const int shift = eight / 4 % 4 * 2;
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = scale * static_cast<float>((quants[j] >> shift) & 3) - offset;
}

__device__ inline void expandBlock(const Grids&, const Q3KBlock& block, int eight, float* out) {
    const float scale = halfOf(block.scale) * static_cast<float>(q3KScale(block, eight / 2));
    const std::uint8_t* quants = pairsOf(block.quants, eight);
    const std::uint8_t* highBits = block.highBits + eight % 4 * 8;
    const int shift = eight / 4 % 4 * 2;
#pragma unroll
    for (int j = 0; j < 8; ++j) {
        const int high = (highBits[j] >> (eight / 4)) & 1;
        out[j] = scale * static_cast<float>((((quants[j] >> shift) & 3) | high << 2) - 4);
    }
}

__device__ inline void expandBlock(const Grids&, const Q4KBlock& block, int eight, float* out) {
    const int run = eight / 4;
    const ScaleAndOffset factors = scaleAndOffset(block.scales, run);
    const float scale = halfOf(block.scale) * static_cast<float>(factors.scale);
    const float offset = halfOf(block.offset) * static_cast<float>(factors.offset);
    const std::uint8_t* quants = block.quants + run / 2 * 32 + eight % 4 * 8;
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = scale * static_cast<float>((quants[j] >> (run % 2 * 4)) & 15) - offset;
}

__device__ inline void expandBlock(const Grids&, const Q5KBlock& block, int eight, float* out) {
    const int run = eight / 4;
    const ScaleAndOffset factors = scaleAndOffset(block.scales, run);
    const float scale = halfOf(block.scale) * static_cast<float>(factors.scale);
    const float offset = halfOf(block.offset) * static_cast<float>(factors.offset);
    const std::uint8_t* quants = block.quants + run / 2 * 32 + eight % 4 * 8;
    const std::uint8_t* highBits = block.highBits + eight % 4 * 8;
#pragma unroll
    for (int j = 0; j < 8; ++j) {
        const int low = (quants[j] >> (run % 2 * 4)) & 15;
        out[j] = scale * static_cast<float>(low | ((highBits[j] >> run) & 1) << 4) - offset;
    }
}

__device__ inline void expandBlock(const Grids&, const Q6KBlock& block, int eight, float* out) {
    const float scale = halfOf(block.scale) * static_cast<float>(block.scales[eight / 2]);
    const int half = eight / 16;
    const int within = eight % 16 * 8;
    const std::uint8_t* quants = block.quants + half * 64 + within % 64;
    const std::uint8_t* highBits = block.highBits + half * 32 + within % 32;
#pragma unroll
    for (int j = 0; j < 8; ++j) {
        const int low = (quants[j] >> (within / 64 * 4)) & 15;
        const int high = (highBits[j] >> (within / 32 * 2)) & 3;
        out[j] = scale * static_cast<float>((low | high << 4) - 32);
    }
}

__device__ inline void expandBlock(const Grids&, const Iq4XsBlock& block, int eight, float* out) {
    const int run = eight / 4;
    const int low = (block.scalesLow[run / 2] >> (run % 2 * 4)) & 15;
    const int high = (block.scalesHigh >> (2 * run)) & 3;
    const float scale = halfOf(block.scale) * static_cast<float>((low | high << 4) - 32);
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = scale * static_cast<float>(kDeviceIq4Values[nibbleOf(block.quants + run * 16, eight % 4 * 8 + j)]);
}

__device__ inline void expandBlock(const Grids& grids, const Iq2XxsBlock& block, int eight, float* out) {
    const std::uint16_t* words = block.quants + eight / 4 * 4;
    const std::uint32_t indices = words[0] | static_cast<std::uint32_t>(words[1]) << 16;
    const std::uint32_t signs = words[2] | static_cast<std::uint32_t>(words[3]) << 16;
    const float scale = halfOf(block.scale) * (0.5F + static_cast<float>(signs >> 28)) * 0.25F;
    writeEight(scale, grids.iq2Xxs[indices >> (8 * (eight % 4)) & 0xFFU], evenSignsOf(signs >> (7 * (eight % 4))), out);
}

__device__ inline float fourBitFactor(const std::uint8_t* scales, int eight) {
    return 0.5F + static_cast<float>(scales[eight / 4] >> (eight / 2 % 2 * 4) & 15);
}

__device__ inline void expandBlock(const Grids& grids, const Iq2XsBlock& block, int eight, float* out) {
    const std::uint32_t word = block.quants[eight];
    writeEight(halfOf(block.scale) * fourBitFactor(block.scales, eight) * 0.25F, grids.iq2Xs[word & 511U],
               evenSignsOf(word >> 9), out);
}

__device__ inline void expandBlock(const Grids& grids, const Iq2SBlock& block, int eight, float* out) {
    const std::uint32_t high = block.highBits[eight / 4] >> (eight % 4 * 2) & 3U;
    writeEight(halfOf(block.scale) * fourBitFactor(block.scales, eight) * 0.25F,
               grids.iq2S[block.quants[eight] | high << 8], block.signs[eight], out);
}

__device__ inline std::uint64_t joinedPoints(std::uint32_t first, std::uint32_t second) {
    return first | static_cast<std::uint64_t>(second) << 32;
}

__device__ inline void expandBlock(const Grids& grids, const Iq3XxsBlock& block, int eight, float* out) {
    const std::uint32_t signs = block.signsAndScales[eight / 4];
    const float scale = halfOf(block.scale) * (0.5F + static_cast<float>(signs >> 28)) * 0.5F;
    const std::uint8_t* indices = block.quants + eight * 2;
    writeEight(scale, joinedPoints(grids.iq3Xxs[indices[0]], grids.iq3Xxs[indices[1]]),
               evenSignsOf(signs >> (7 * (eight % 4))), out);
}

__device__ inline void expandBlock(const Grids& grids, const Iq3SBlock& block, int eight, float* out) {
    const int factor = block.scales[eight / 8] >> (eight / 4 % 2 * 4) & 15;
    const std::uint32_t high = static_cast<std::uint32_t>(block.highBits[eight / 4]) >> (eight % 4 * 2);
    const std::uint8_t* indices = block.quants + eight * 2;
    const std::uint32_t first = grids.iq3S[indices[0] | (high & 1U) << 8];
    const std::uint32_t second = grids.iq3S[indices[1] | (high >> 1 & 1U) << 8];
    writeEight(halfOf(block.scale) * static_cast<float>(1 + 2 * factor), joinedPoints(first, second),
               block.signs[eight], out);
}

__device__ inline void expandBlock(const Grids& grids, const Iq1SBlock& block, int eight, float* out) {
    const std::uint32_t high = block.highBits[eight / 4];
    const float scale = halfOf(block.scale) * static_cast<float>(2 * (high >> 12 & 7U) + 1);
    const std::uint32_t index = block.quants[eight] | (high >> (eight % 4 * 3) & 7U) << 8;
    writeShifted(scale, grids.iq1[index], (high & 0x8000U) != 0 ? -0.125F : 0.125F, out);
}

__device__ inline void expandBlock(const Grids& grids, const Iq1MBlock& block, int eight, float* out) {
    std::uint32_t scaleBits = 0;
    for (int word = 0; word < 4; ++word)
        scaleBits |= static_cast<std::uint32_t>(block.scales[word] >> 12) << (4 * word);
    const int group = eight / 2;
    const int factor = block.scales[group / 4] >> (group % 4 * 3) & 7;
    const std::uint32_t high = block.highBits[group] >> (eight % 2 * 4) & 15U;
    const std::uint32_t index = block.quants[eight] | (high & 7U) << 8;
    writeShifted(halfOf(static_cast<std::uint16_t>(scaleBits)) * static_cast<float>(2 * factor + 1), grids.iq1[index],
                 (high & 8U) != 0 ? -0.125F : 0.125F, out);
}

__device__ inline void expandBlock(const Grids&, const Tq1_0Block& block, int eight, float* out) {
    const float scale = halfOf(block.scale);
    for (int j = 0; j < 8; ++j) {
        const int index = 8 * eight + j;
        const int place = index < 160 ? index : index < 240 ? index - 160 : index - 240;
        const int run = index < 160 ? 32 : index < 240 ? 16 : 4;
        const std::uint8_t byte = index < 160   ? block.quants[place % run]
                                  : index < 240 ? block.quants[32 + place % run]
                                                : block.tail[place % run];
        int power = 1;
        for (int digit = 0; digit < place / run; ++digit)
            power *= 3;
        out[j] = static_cast<float>((((byte * power) & 0xFF) * 3 >> 8) - 1) * scale;
    }
}

__device__ inline void expandBlock(const Grids&, const Tq2_0Block& block, int eight, float* out) {
    const float scale = halfOf(block.scale);
    const std::uint8_t* quants = pairsOf(block.quants, eight);
#pragma unroll
    for (int j = 0; j < 8; ++j)
        out[j] = static_cast<float>(((quants[j] >> (eight / 4 % 4 * 2)) & 3) - 1) * scale;
}

template <DType T>
struct BlockOf;
#define HEARTH_BLOCK(TYPE, BLOCK, VALUES)                                                                              \
    template <>                                                                                                        \
    struct BlockOf<DType::TYPE> {                                                                                      \
        using Type = BLOCK;                                                                                            \
        static constexpr int kEights = (VALUES) / 8;                                                                   \
    };
HEARTH_BLOCK(Q4_0, Q4_0Block, 32)
HEARTH_BLOCK(Q4_1, Q4_1Block, 32)
HEARTH_BLOCK(Q5_0, Q5_0Block, 32)
HEARTH_BLOCK(Q5_1, Q5_1Block, 32)
HEARTH_BLOCK(Q8_0, Q8_0Block, 32)
HEARTH_BLOCK(IQ4_NL, Iq4NlBlock, 32)
HEARTH_BLOCK(MXFP4, Mxfp4Block, 32)
HEARTH_BLOCK(Q2_K, Q2KBlock, 256)
HEARTH_BLOCK(Q3_K, Q3KBlock, 256)
HEARTH_BLOCK(Q4_K, Q4KBlock, 256)
HEARTH_BLOCK(Q5_K, Q5KBlock, 256)
HEARTH_BLOCK(Q6_K, Q6KBlock, 256)
HEARTH_BLOCK(IQ4_XS, Iq4XsBlock, 256)
HEARTH_BLOCK(IQ2_XXS, Iq2XxsBlock, 256)
HEARTH_BLOCK(IQ2_XS, Iq2XsBlock, 256)
HEARTH_BLOCK(IQ2_S, Iq2SBlock, 256)
HEARTH_BLOCK(IQ3_XXS, Iq3XxsBlock, 256)
HEARTH_BLOCK(IQ3_S, Iq3SBlock, 256)
HEARTH_BLOCK(IQ1_S, Iq1SBlock, 256)
HEARTH_BLOCK(IQ1_M, Iq1MBlock, 256)
HEARTH_BLOCK(TQ1_0, Tq1_0Block, 256)
HEARTH_BLOCK(TQ2_0, Tq2_0Block, 256)
#undef HEARTH_BLOCK

template <DType T>
inline constexpr bool kIsPlain = T == DType::F32 || T == DType::F16 || T == DType::BF16;

/// One number of a plain type.
template <DType T>
__device__ inline float plainAt(const std::uint8_t* row, std::int64_t column) {
    if constexpr (T == DType::F32)
        return reinterpret_cast<const float*>(row)[column];
    else if constexpr (T == DType::F16)
        return halfOf(reinterpret_cast<const std::uint16_t*>(row)[column]);
    else
        return bfloatOf(reinterpret_cast<const std::uint16_t*>(row)[column]);
}

/// Numbers 8 * eight .. of a row of `columns`; beyond its end zeros, which only plain types can reach.
template <DType T>
__device__ inline void expandEight(const Grids& grids, const std::uint8_t* row, std::int32_t eight,
                                   std::int32_t columns, float* out) {
    if constexpr (kIsPlain<T>) {
#pragma unroll
        for (int j = 0; j < 8; ++j)
            out[j] = 8 * eight + j < columns ? plainAt<T>(row, 8 * eight + j) : 0.0F;
    } else {
        using Block = BlockOf<T>;
        const auto* blocks = reinterpret_cast<const typename Block::Type*>(row);
        expandBlock(grids, blocks[eight / Block::kEights], eight % Block::kEights, out);
    }
}

/// The cases of a switch over all types of weights; HEARTH_WEIGHT_CASE(TYPE) is defined where this stands.
#define HEARTH_WEIGHT_CASES                                                                                            \
    HEARTH_WEIGHT_CASE(F32)                                                                                            \
    HEARTH_WEIGHT_CASE(F16)                                                                                            \
    HEARTH_WEIGHT_CASE(BF16)                                                                                           \
    HEARTH_WEIGHT_CASE(Q4_0)                                                                                           \
    HEARTH_WEIGHT_CASE(Q4_1)                                                                                           \
    HEARTH_WEIGHT_CASE(Q5_0)                                                                                           \
    HEARTH_WEIGHT_CASE(Q5_1)                                                                                           \
    HEARTH_WEIGHT_CASE(Q8_0)                                                                                           \
    HEARTH_WEIGHT_CASE(Q2_K)                                                                                           \
    HEARTH_WEIGHT_CASE(Q3_K)                                                                                           \
    HEARTH_WEIGHT_CASE(Q4_K)                                                                                           \
    HEARTH_WEIGHT_CASE(Q5_K)                                                                                           \
    HEARTH_WEIGHT_CASE(Q6_K)                                                                                           \
    HEARTH_WEIGHT_CASE(IQ4_NL)                                                                                         \
    HEARTH_WEIGHT_CASE(IQ4_XS)                                                                                         \
    HEARTH_WEIGHT_CASE(MXFP4)                                                                                          \
    HEARTH_WEIGHT_CASE(IQ1_S)                                                                                          \
    HEARTH_WEIGHT_CASE(IQ1_M)                                                                                          \
    HEARTH_WEIGHT_CASE(IQ2_XXS)                                                                                        \
    HEARTH_WEIGHT_CASE(IQ2_XS)                                                                                         \
    HEARTH_WEIGHT_CASE(IQ2_S)                                                                                          \
    HEARTH_WEIGHT_CASE(IQ3_XXS)                                                                                        \
    HEARTH_WEIGHT_CASE(IQ3_S)                                                                                          \
    HEARTH_WEIGHT_CASE(TQ1_0)                                                                                          \
    HEARTH_WEIGHT_CASE(TQ2_0)

} // namespace hearth::cuda
