#include "kernels/quant/quantise.h"

#include "kernels/base/assert.h"
#include "kernels/quant/blocks.h"
#include "kernels/quant/half.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace hearth {

namespace {

constexpr std::uint16_t kHalfNaN = 0x7E00;

/// The number of largest magnitude (the first of equals), or NaN if any number is not finite.
float extremeOf(const float* numbers) {
    float extreme = 0.0F;
    for (int j = 0; j < kSmallBlock; ++j) {
        if (!std::isfinite(numbers[j]))
            return std::numeric_limits<float>::quiet_NaN();
        if (std::fabs(numbers[j]) > std::fabs(extreme))
            extreme = numbers[j];
    }
    return extreme;
}

/// 1 / scale, 0 where that is no finite number: the block is then too small to tell from zero.
float inverseOf(float scale) {
    const float inverse = 1.0F / scale;
    return std::isfinite(inverse) ? inverse : 0.0F;
}

Q8_0Block q8Block(const float* numbers) {
    Q8_0Block block{};
    const float extreme = extremeOf(numbers);
    if (std::isnan(extreme)) {
        block.scale = kHalfNaN;
        return block;
    }
    const float scale = std::fabs(extreme) / 127.0F;
    const float inverse = inverseOf(scale);
    block.scale = floatToHalf(scale);
    for (int j = 0; j < kSmallBlock; ++j) {
        const float rounded = std::clamp(std::round(numbers[j] * inverse), -127.0F, 127.0F);
        block.quants[j] = static_cast<std::int8_t>(rounded);
    }
    return block;
}

Q4_0Block q4Block(const float* numbers) {
    Q4_0Block block{};
    const float extreme = extremeOf(numbers);
    if (std::isnan(extreme)) {
        block.scale = kHalfNaN;
        return block;
    }
    const float scale = extreme / -8.0F;
    const float inverse = inverseOf(scale);
    block.scale = floatToHalf(scale);
    for (int j = 0; j < kSmallBlock; ++j) {
        const float shifted = std::clamp(numbers[j] * inverse + 8.5F, 0.0F, 15.0F);
        const auto quant = static_cast<std::uint8_t>(shifted);
        block.quants[j % 16] = static_cast<std::uint8_t>(block.quants[j % 16] | quant << (j / 16 * 4));
    }
    return block;
}

template <typename Block, typename Encode>
void encodeBlocks(const float* numbers, std::int64_t columns, std::byte* out, Encode encode) {
    for (std::int64_t column = 0; column < columns; column += kSmallBlock) {
        const Block block = encode(numbers + column);
        std::memcpy(out, &block, sizeof(Block));
        out += sizeof(Block);
    }
}

template <typename Encode>
void encodeNumbers(const float* numbers, std::int64_t columns, std::byte* out, Encode encode) {
    for (std::int64_t column = 0; column < columns; ++column) {
        const std::uint16_t stored = encode(numbers[column]);
        std::memcpy(out + 2 * column, &stored, sizeof(stored));
    }
}

} // namespace

bool canQuantise(DType dtype) {
    return dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16 || dtype == DType::Q8_0
           || dtype == DType::Q4_0;
}

void quantiseRow(DType dtype, const float* numbers, std::int64_t columns, std::byte* out) {
    HEARTH_ASSERT(canQuantise(dtype) && columns >= 0 && columns % dtypeInfo(dtype).blockValues == 0);
    switch (dtype) {
    case DType::F32:
        if (columns > 0)
            std::memcpy(out, numbers, static_cast<std::size_t>(columns) * sizeof(float));
        return;
    case DType::F16:
        return encodeNumbers(numbers, columns, out, floatToHalf);
    case DType::BF16:
        return encodeNumbers(numbers, columns, out, floatToBfloat);
    case DType::Q8_0:
        return encodeBlocks<Q8_0Block>(numbers, columns, out, q8Block);
    case DType::Q4_0:
        return encodeBlocks<Q4_0Block>(numbers, columns, out, q4Block);
    default:
        return;
    }
}

} // namespace hearth
