// Blocks of 32 values.

#include "kernels/quant/dequantise.h"

#include "kernels/quant/half.h"

namespace hearth {

namespace {

/// The fifth bit of value `index`, at its place.
int fifthBit(std::uint32_t highBits, int index) {
    return static_cast<int>((highBits >> index) & 1U) << 4;
}

} // namespace

void expand(const Q4_0Block& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int j = 0; j < 16; ++j) {
        out[j] = static_cast<float>((block.quants[j] & 15) - 8) * scale;
        out[j + 16] = static_cast<float>((block.quants[j] >> 4) - 8) * scale;
    }
}

void expand(const Q4_1Block& block, float* out) {
    const float scale = halfToFloat(block.scale);
    const float offset = halfToFloat(block.offset);
    for (int j = 0; j < 16; ++j) {
        out[j] = static_cast<float>(block.quants[j] & 15) * scale + offset;
        out[j + 16] = static_cast<float>(block.quants[j] >> 4) * scale + offset;
    }
}

void expand(const Q5_0Block& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int j = 0; j < 16; ++j) {
        const int low = (block.quants[j] & 15) | fifthBit(block.highBits, j);
        const int high = (block.quants[j] >> 4) | fifthBit(block.highBits, j + 16);
        out[j] = static_cast<float>(low - 16) * scale;
        out[j + 16] = static_cast<float>(high - 16) * scale;
    }
}

void expand(const Q5_1Block& block, float* out) {
    const float scale = halfToFloat(block.scale);
    const float offset = halfToFloat(block.offset);
    for (int j = 0; j < 16; ++j) {
        const int low = (block.quants[j] & 15) | fifthBit(block.highBits, j);
        const int high = (block.quants[j] >> 4) | fifthBit(block.highBits, j + 16);
        out[j] = static_cast<float>(low) * scale + offset;
        out[j + 16] = static_cast<float>(high) * scale + offset;
    }
}

void expand(const Q8_0Block& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int j = 0; j < 32; ++j)
        out[j] = static_cast<float>(block.quants[j]) * scale;
}

void expand(const Iq4NlBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int j = 0; j < 16; ++j) {
        out[j] = scale * static_cast<float>(kIq4Values[block.quants[j] & 15]);
        out[j + 16] = scale * static_cast<float>(kIq4Values[block.quants[j] >> 4]);
    }
}

void expand(const Mxfp4Block& block, float* out) {
    const float scale = mxfp4Scale(block.exponent);
    for (int j = 0; j < 16; ++j) {
        out[j] = static_cast<float>(kMxfp4Values[block.quants[j] & 15]) * scale;
        out[j + 16] = static_cast<float>(kMxfp4Values[block.quants[j] >> 4]) * scale;
    }
}

} // namespace hearth
