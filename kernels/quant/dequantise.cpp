#include "kernels/quant/dequantise.h"

#include "kernels/base/assert.h"
#include "kernels/quant/half.h"

#include <cstring>

namespace hearth {

namespace {

template <typename Block, std::int64_t Values>
void expandRow(const std::byte* blocks, std::int64_t columns, float* out) {
    for (std::int64_t column = 0; column < columns; column += Values) {
        Block block;
        std::memcpy(&block, blocks, sizeof(Block));
        expand(block, out + column);
        blocks += sizeof(Block);
    }
}

/// Number by number, for the types without blocks.
template <typename Stored, typename Convert>
void convertRow(const std::byte* numbers, std::int64_t columns, float* out, Convert convert) {
    for (std::int64_t column = 0; column < columns; ++column) {
        Stored stored;
        std::memcpy(&stored, numbers + column * static_cast<std::int64_t>(sizeof(Stored)), sizeof(Stored));
        out[column] = convert(stored);
    }
}

} // namespace

void dequantiseRow(DType dtype, const std::byte* blocks, std::int64_t columns, float* out) {
    HEARTH_ASSERT(columns >= 0 && columns % dtypeInfo(dtype).blockValues == 0);
    // clang-format off
    switch (dtype) {
    case DType::F32:     return convertRow<float>(blocks, columns, out, [](float value) { return value; });
    case DType::F16:     return convertRow<std::uint16_t>(blocks, columns, out, halfToFloat);
    case DType::BF16:    return convertRow<std::uint16_t>(blocks, columns, out, bfloatToFloat);
    case DType::I32:     return convertRow<std::int32_t>(blocks, columns, out,
                                                         [](std::int32_t value) { return static_cast<float>(value); });
    case DType::Q4_0:    return expandRow<Q4_0Block, kSmallBlock>(blocks, columns, out);
    case DType::Q4_1:    return expandRow<Q4_1Block, kSmallBlock>(blocks, columns, out);
    case DType::Q5_0:    return expandRow<Q5_0Block, kSmallBlock>(blocks, columns, out);
    case DType::Q5_1:    return expandRow<Q5_1Block, kSmallBlock>(blocks, columns, out);
    case DType::Q8_0:    return expandRow<Q8_0Block, kSmallBlock>(blocks, columns, out);
    case DType::Q2_K:    return expandRow<Q2KBlock, kSuperBlock>(blocks, columns, out);
    case DType::Q3_K:    return expandRow<Q3KBlock, kSuperBlock>(blocks, columns, out);
    case DType::Q4_K:    return expandRow<Q4KBlock, kSuperBlock>(blocks, columns, out);
    case DType::Q5_K:    return expandRow<Q5KBlock, kSuperBlock>(blocks, columns, out);
    case DType::Q6_K:    return expandRow<Q6KBlock, kSuperBlock>(blocks, columns, out);
    case DType::IQ4_NL:  return expandRow<Iq4NlBlock, kSmallBlock>(blocks, columns, out);
    case DType::IQ4_XS:  return expandRow<Iq4XsBlock, kSuperBlock>(blocks, columns, out);
    case DType::MXFP4:   return expandRow<Mxfp4Block, kSmallBlock>(blocks, columns, out);
    case DType::IQ1_S:   return expandRow<Iq1SBlock, kSuperBlock>(blocks, columns, out);
    case DType::IQ1_M:   return expandRow<Iq1MBlock, kSuperBlock>(blocks, columns, out);
    case DType::IQ2_XXS: return expandRow<Iq2XxsBlock, kSuperBlock>(blocks, columns, out);
    case DType::IQ2_XS:  return expandRow<Iq2XsBlock, kSuperBlock>(blocks, columns, out);
    case DType::IQ2_S:   return expandRow<Iq2SBlock, kSuperBlock>(blocks, columns, out);
    case DType::IQ3_XXS: return expandRow<Iq3XxsBlock, kSuperBlock>(blocks, columns, out);
    case DType::IQ3_S:   return expandRow<Iq3SBlock, kSuperBlock>(blocks, columns, out);
    case DType::TQ1_0:   return expandRow<Tq1_0Block, kSuperBlock>(blocks, columns, out);
    case DType::TQ2_0:   return expandRow<Tq2_0Block, kSuperBlock>(blocks, columns, out);
    }
    // clang-format on
}

} // namespace hearth
