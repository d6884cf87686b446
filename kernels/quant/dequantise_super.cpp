// Super-blocks of 256 values with plain levels: the K types, IQ4_XS and the ternary types.

#include "kernels/quant/dequantise.h"

#include "kernels/quant/half.h"

namespace hearth {

namespace {

constexpr int kHalf = 128; // values in half a super-block
constexpr int kRun = 32;   // values in a run

/// Two bits of the value `run`, `index` of a half whose 32 bytes start at `quants`.
int twoBits(const std::uint8_t* quants, int run, int index) {
    return (quants[index] >> (2 * run)) & 3;
}

/// A base-3 digit (0, 1 or 2) of a byte that holds a fraction of 256.
int ternaryDigit(std::uint8_t byte, int digit) {
    constexpr int kPowers[5] = {1, 3, 9, 27, 81};
    const int fraction = byte * kPowers[digit] & 0xFF;
    return fraction * 3 >> 8;
}

} // namespace

void expand(const Q2KBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    const float offset = halfToFloat(block.offset);
    for (int group = 0; group < 16; ++group) {
        const std::uint8_t* quants = block.quants + group / 8 * kRun + group % 2 * 16;
        const float groupScale = scale * static_cast<float>(block.scales[group] & 15);
        const float groupOffset = offset * static_cast<float>(block.scales[group] >> 4);
        for (int j = 0; j < 16; ++j)
            *out++ = groupScale * static_cast<float>(twoBits(quants, group / 2 % 4, j)) - groupOffset;
    }
}

void expand(const Q3KBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int group = 0; group < 16; ++group) {
        const std::uint8_t* quants = block.quants + group / 8 * kRun + group % 2 * 16;
        const std::uint8_t* highBits = block.highBits + group % 2 * 16;
        const float groupScale = scale * static_cast<float>(q3KScale(block, group));
        for (int j = 0; j < 16; ++j) {
            const int high = (highBits[j] >> (group / 2)) & 1;
            *out++ = groupScale * static_cast<float>((twoBits(quants, group / 2 % 4, j) | high << 2) - 4);
        }
    }
}

void expand(const Q4KBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    const float offset = halfToFloat(block.offset);
    for (int run = 0; run < 8; ++run) {
        const std::uint8_t* quants = block.quants + run / 2 * kRun;
        const ScaleAndOffset factors = scaleAndOffset(block.scales, run);
        const float runScale = scale * static_cast<float>(factors.scale);
        const float runOffset = offset * static_cast<float>(factors.offset);
        for (int j = 0; j < kRun; ++j)
            *out++ = runScale * static_cast<float>((quants[j] >> (run % 2 * 4)) & 15) - runOffset;
    }
}

void expand(const Q5KBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    const float offset = halfToFloat(block.offset);
    for (int run = 0; run < 8; ++run) {
        const std::uint8_t* quants = block.quants + run / 2 * kRun;
        const ScaleAndOffset factors = scaleAndOffset(block.scales, run);
        const float runScale = scale * static_cast<float>(factors.scale);
        const float runOffset = offset * static_cast<float>(factors.offset);
        for (int j = 0; j < kRun; ++j) {
            const int low = (quants[j] >> (run % 2 * 4)) & 15;
            const int high = (block.highBits[j] >> run) & 1;
            *out++ = runScale * static_cast<float>(low | high << 4) - runOffset;
        }
    }
}

void expand(const Q6KBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int index = 0; index < kSuperBlock; ++index) {
        const int half = index / kHalf;
        const int within = index % kHalf;
        const int low = (block.quants[half * 64 + within % 64] >> (within / 64 * 4)) & 15;
        const int high = twoBits(block.highBits + half * kRun, within / kRun, within % kRun);
        const float groupScale = scale * static_cast<float>(block.scales[index / 16]);
        out[index] = groupScale * static_cast<float>((low | high << 4) - 32);
    }
}

void expand(const Iq4XsBlock& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int run = 0; run < 8; ++run) {
        const int low = (block.scalesLow[run / 2] >> (run % 2 * 4)) & 15;
        const int high = (block.scalesHigh >> (2 * run)) & 3;
        const float runScale = scale * static_cast<float>((low | high << 4) - 32);
        const std::uint8_t* quants = block.quants + run * 16;
        for (int j = 0; j < 16; ++j) {
            out[run * kRun + j] = runScale * static_cast<float>(kIq4Values[quants[j] & 15]);
            out[run * kRun + j + 16] = runScale * static_cast<float>(kIq4Values[quants[j] >> 4]);
        }
    }
}

void expand(const Tq1_0Block& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int index = 0; index < 160; ++index)
        *out++ = static_cast<float>(ternaryDigit(block.quants[index % 32], index / 32) - 1) * scale;
    for (int index = 0; index < 80; ++index)
        *out++ = static_cast<float>(ternaryDigit(block.quants[32 + index % 16], index / 16) - 1) * scale;
    for (int index = 0; index < 16; ++index)
        *out++ = static_cast<float>(ternaryDigit(block.tail[index % 4], index / 4) - 1) * scale;
}

void expand(const Tq2_0Block& block, float* out) {
    const float scale = halfToFloat(block.scale);
    for (int index = 0; index < kSuperBlock; ++index) {
        const std::uint8_t* quants = block.quants + index / kHalf * kRun;
        out[index] = static_cast<float>(twoBits(quants, index / kRun % 4, index % kRun) - 1) * scale;
    }
}

} // namespace hearth
