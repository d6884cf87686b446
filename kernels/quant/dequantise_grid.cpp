// Super-blocks of 256 values whose levels are points of a grid: the IQ1, IQ2 and IQ3 types.

#include "kernels/quant/dequantise.h"

#include "kernels/quant/grids.h"
#include "kernels/quant/half.h"

namespace hearth {

namespace {

constexpr float kIq1Shift = 0.125F;

float coordinate(std::uint64_t entry, int index) {
    return static_cast<float>((entry >> (8 * index)) & 0xFFU);
}

float signedCoordinate(std::uint64_t entry, int index) {
    return static_cast<float>(static_cast<std::int8_t>((entry >> (8 * index)) & 0xFFU));
}

/// Eight values: scale * magnitude * sign.
void writeEight(float scale, std::uint64_t magnitudes, std::uint32_t signs, float* out) {
    for (int j = 0; j < 8; ++j)
        out[j] = scale * coordinate(magnitudes, j) * ((signs >> j & 1U) != 0 ? -1.0F : 1.0F);
}

std::uint64_t joined(std::uint32_t first, std::uint32_t second) {
    return first | static_cast<std::uint64_t>(second) << 32;
}

/// Eight values of an IQ1 type.
void writeShifted(float scale, std::uint64_t point, float shift, float* out) {
    for (int j = 0; j < 8; ++j)
        out[j] = scale * (signedCoordinate(point, j) + shift);
}

} // namespace

void expand(const Iq2XxsBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int run = 0; run < 8; ++run) {
        const std::uint16_t* words = block.quants + 4 * run;
        const std::uint32_t indices = words[0] | static_cast<std::uint32_t>(words[1]) << 16;
        const std::uint32_t signs = words[2] | static_cast<std::uint32_t>(words[3]) << 16;
        const float runScale = scale * (0.5F + static_cast<float>(signs >> 28)) * 0.25F;
        for (int eight = 0; eight < 4; ++eight)
            writeEight(runScale, kIq2XxsGrid[indices >> (8 * eight) & 0xFFU], evenSigns(signs >> (7 * eight)),
                       out + run * 32 + eight * 8);
    }
}

void expand(const Iq2XsBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int eight = 0; eight < 32; ++eight) {
        const int factor = block.scales[eight / 4] >> (eight / 2 % 2 * 4) & 15;
        const float groupScale = scale * (0.5F + static_cast<float>(factor)) * 0.25F;
        const std::uint32_t word = block.quants[eight];
        writeEight(groupScale, kIq2XsGrid[word & 511U], evenSigns(word >> 9), out + eight * 8);
    }
}

void expand(const Iq2SBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int eight = 0; eight < 32; ++eight) {
        const int factor = block.scales[eight / 4] >> (eight / 2 % 2 * 4) & 15;
        const float groupScale = scale * (0.5F + static_cast<float>(factor)) * 0.25F;
        const std::uint32_t high = block.highBits[eight / 4] >> (eight % 4 * 2) & 3U;
        writeEight(groupScale, kIq2SGrid[block.quants[eight] | high << 8], block.signs[eight], out + eight * 8);
    }
}

void expand(const Iq3XxsBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int run = 0; run < 8; ++run) {
        const std::uint32_t signs = block.signsAndScales[run];
        const float runScale = scale * (0.5F + static_cast<float>(signs >> 28)) * 0.5F;
        for (int eight = 0; eight < 4; ++eight) {
            const std::uint8_t* indices = block.quants + run * 8 + eight * 2;
            writeEight(runScale, joined(kIq3XxsGrid[indices[0]], kIq3XxsGrid[indices[1]]),
                       evenSigns(signs >> (7 * eight)), out + run * 32 + eight * 8);
        }
    }
}

void expand(const Iq3SBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int eight = 0; eight < 32; ++eight) {
        const int factor = block.scales[eight / 8] >> (eight / 4 % 2 * 4) & 15;
        const float runScale = scale * static_cast<float>(1 + 2 * factor);
        const std::uint32_t high = static_cast<std::uint32_t>(block.highBits[eight / 4]) >> (eight % 4 * 2);
        const std::uint8_t* indices = block.quants + eight * 2;
        const std::uint32_t first = kIq3SGrid[indices[0] | (high & 1U) << 8];
        const std::uint32_t second = kIq3SGrid[indices[1] | (high >> 1 & 1U) << 8];
        writeEight(runScale, joined(first, second), block.signs[eight], out + eight * 8);
    }
}

void expand(const Iq1SBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int eight = 0; eight < 32; ++eight) {
        const std::uint32_t high = block.highBits[eight / 4];
        const float runScale = scale * static_cast<float>(2 * (high >> 12 & 7U) + 1);
        const std::uint32_t index = block.quants[eight] | (high >> (eight % 4 * 3) & 7U) << 8;
        writeShifted(runScale, kIq1Grid[index], (high & 0x8000U) != 0 ? -kIq1Shift : kIq1Shift, out + eight * 8);
    }
}

void expand(const Iq1MBlock& block, float* out) {
    std::uint32_t scaleBits = 0;
    for (int word = 0; word < 4; ++word)
        scaleBits |= static_cast<std::uint32_t>(block.scales[word] >> 12) << (4 * word);
    const float scale = halfToFloat(static_cast<std::uint16_t>(scaleBits));
    for (int eight = 0; eight < 32; ++eight) {
        const int group = eight / 2;
        const int factor = block.scales[group / 4] >> (group % 4 * 3) & 7;
        const float groupScale = scale * static_cast<float>(2 * factor + 1);
        const std::uint32_t high = block.highBits[group] >> (eight % 2 * 4) & 15U;
        const std::uint32_t index = block.quants[eight] | (high & 7U) << 8;
        writeShifted(groupScale, kIq1Grid[index], (high & 8U) != 0 ? -kIq1Shift : kIq1Shift, out + eight * 8);
    }
}

} // namespace hearth
