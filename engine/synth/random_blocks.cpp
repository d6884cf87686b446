#include "engine/synth/random_blocks.h"

#include "kernels/base/assert.h"
#include "kernels/quant/blocks.h"
#include "kernels/quant/half.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace hearth {

namespace {

/// SplitMix64 (Steele, Lea and Flood 2014), started anew for each block.
class BlockRandom {
public:
    BlockRandom(std::uint64_t seed, std::uint64_t block) : m_state(mixed(seed) ^ mixed(block + kStep)) {}

    [[nodiscard]] std::uint64_t next() { return mixed(m_state += kStep); }
    /// 0 to 1.
    [[nodiscard]] float unit() { return static_cast<float>(next() >> 40U) * 0x1p-24F; }
    /// Mean 0 and standard deviation 1: a sum of four uniform numbers (variance 1/12 each), near enough to a normal one
    /// and the same on every machine.
    [[nodiscard]] float bell() {
        const std::uint64_t bits = next();
        std::int32_t sum = 0;
        for (unsigned part = 0; part < 4; ++part)
            sum += static_cast<std::int32_t>((bits >> (16U * part)) & 0xFFFFU);
        return (static_cast<float>(sum) - 131070.0F) * (1.7320508F / 65536.0F);
    }
    void fill(std::byte* out, std::size_t sizeBytes) {
        for (std::size_t at = 0; at < sizeBytes; at += sizeof(std::uint64_t)) {
            const std::uint64_t bits = next();
            std::memcpy(out + at, &bits, std::min(sizeof(bits), sizeBytes - at));
        }
    }

private:
    static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15U;
    [[nodiscard]] static std::uint64_t mixed(std::uint64_t value) {
        value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
        value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
        return value ^ (value >> 31U);
    }
    std::uint64_t m_state;
};

/// The standard deviation of a number that is 0 .. count - 1 with equal chance.
float spreadOfSteps(float count) {
    return std::sqrt((count * count - 1.0F) / 12.0F);
}

/// Scales differ from block to block, as those of real weights do.
float scaleFor(float spread, float spreadOfQuants, BlockRandom& random) {
    return spread / spreadOfQuants * (0.75F + 0.5F * random.unit());
}

// One function a layout: the quants are random already, and the scales are set so that the numbers come out right.

template <typename Block>
void centred(Block& block, float steps, float spread, BlockRandom& random) {
    block.scale = floatToHalf(scaleFor(spread, spreadOfSteps(steps), random));
}

template <typename Block>
void withOffset(Block& block, float steps, float spread, BlockRandom& random) {
    const float scale = scaleFor(spread, spreadOfSteps(steps), random);
    block.scale = floatToHalf(scale);
    block.offset = floatToHalf(-scale * (steps - 1.0F) / 2.0F);
}

/// Q4_K and Q5_K: value = scale * s * q - offset * m. With m = s and offset = scale * (steps - 1) / 2 every run of 32
/// is centred. s and m have six bits each, the middle of their range 20 to 51 is 36.
template <typename Block>
void packedScales(Block& block, float steps, float spread, BlockRandom& random) {
    constexpr float kRootMeanSquareScale = 36.7F;
    const float scale = scaleFor(spread, kRootMeanSquareScale * spreadOfSteps(steps), random);
    block.scale = floatToHalf(scale);
    block.offset = floatToHalf(scale * (steps - 1.0F) / 2.0F);
    std::uint8_t runs[8];
    for (std::uint8_t& run : runs)
        run = static_cast<std::uint8_t>(20U + random.next() % 32U);
    for (std::size_t run = 0; run < 4; ++run) {
        const std::uint8_t high = static_cast<std::uint8_t>((runs[run + 4] >> 4U) << 6U);
        block.scales[run] = runs[run] | high;
        block.scales[run + 4] = runs[run] | high;
        const std::uint8_t low = runs[run + 4] & 15U;
        block.scales[run + 8] = static_cast<std::uint8_t>(low | (low << 4U));
    }
}

/// Q2_K: four bits of scale and four of minimum a group of 16, both the same.
void finish(Q2KBlock& block, float spread, BlockRandom& random) {
    constexpr float kRootMeanSquareScale = 10.1F;
    const float scale = scaleFor(spread, kRootMeanSquareScale * spreadOfSteps(4), random);
    block.scale = floatToHalf(scale);
    block.offset = floatToHalf(scale * 1.5F);
    for (std::uint8_t& group : block.scales) {
        const auto value = static_cast<std::uint8_t>(4U + random.next() % 12U);
        group = static_cast<std::uint8_t>(value | (value << 4U));
    }
}

void finish(Q6KBlock& block, float spread, BlockRandom& random) {
    constexpr float kRootMeanSquareScale = 63.0F;
    for (std::int8_t& scale : block.scales)
        scale = static_cast<std::int8_t>(24U + random.next() % 72U);
    block.scale = floatToHalf(scaleFor(spread, kRootMeanSquareScale * spreadOfSteps(64), random));
}

/// The scale is a power of two: the two nearest to what is asked for, in turn.
void finish(Mxfp4Block& block, float spread, BlockRandom& random) {
    constexpr float kSpreadOfValues = 2.9F; // of 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives
    const auto lower = static_cast<std::int32_t>(std::floor(std::log2(spread / kSpreadOfValues)));
    const std::int32_t exponent = 127 + lower + static_cast<std::int32_t>(random.next() % 2U);
    block.exponent = static_cast<std::uint8_t>(std::clamp(exponent, 1, 250));
}

template <typename Block, typename Finish>
void fillBlocks(std::uint64_t seed, std::uint64_t first, std::span<std::byte> out, Finish finishBlock) {
    for (std::size_t at = 0; at < out.size(); at += sizeof(Block), ++first) {
        BlockRandom random(seed, first);
        Block block;
        random.fill(reinterpret_cast<std::byte*>(&block), sizeof(Block));
        finishBlock(block, random);
        std::memcpy(out.data() + at, &block, sizeof(Block));
    }
}

template <typename Number, typename Convert>
void fillNumbers(std::uint64_t seed, std::uint64_t first, float spread, std::span<std::byte> out, Convert convert) {
    fillBlocks<Number>(seed, first, out,
                       [&](Number& number, BlockRandom& random) { number = convert(spread * random.bell()); });
}

} // namespace

bool canFillRandomly(DType dtype) {
    switch (dtype) {
    case DType::F32:
    case DType::F16:
    case DType::BF16:
    case DType::Q4_0:
    case DType::Q4_1:
    case DType::Q5_0:
    case DType::Q5_1:
    case DType::Q8_0:
    case DType::Q2_K:
    case DType::Q4_K:
    case DType::Q5_K:
    case DType::Q6_K:
    case DType::MXFP4:
        return true;
    default:
        return false;
    }
}

void fillRandomBlocks(DType dtype, std::uint64_t seed, std::uint64_t firstBlock, float spread,
                      std::span<std::byte> out) {
    HEARTH_ASSERT(canFillRandomly(dtype) && out.size() % static_cast<std::size_t>(dtypeInfo(dtype).blockBytes) == 0);
    const auto blocks = [&]<typename Block>(std::type_identity<Block>, auto finishBlock) {
        static_assert(std::is_trivially_copyable_v<Block>);
        fillBlocks<Block>(seed, firstBlock, out, finishBlock);
    };
    switch (dtype) {
    case DType::F16:
        return fillNumbers<std::uint16_t>(seed, firstBlock, spread, out, floatToHalf);
    case DType::BF16:
        return fillNumbers<std::uint16_t>(seed, firstBlock, spread, out, floatToBfloat);
    case DType::Q4_0:
        return blocks(std::type_identity<Q4_0Block>{},
                      [&](auto& block, auto& random) { centred(block, 16, spread, random); });
    case DType::Q5_0:
        return blocks(std::type_identity<Q5_0Block>{},
                      [&](auto& block, auto& random) { centred(block, 32, spread, random); });
    case DType::Q8_0:
        return blocks(std::type_identity<Q8_0Block>{},
                      [&](auto& block, auto& random) { centred(block, 256, spread, random); });
    case DType::Q4_1:
        return blocks(std::type_identity<Q4_1Block>{},
                      [&](auto& block, auto& random) { withOffset(block, 16, spread, random); });
    case DType::Q5_1:
        return blocks(std::type_identity<Q5_1Block>{},
                      [&](auto& block, auto& random) { withOffset(block, 32, spread, random); });
    case DType::Q2_K:
        return blocks(std::type_identity<Q2KBlock>{},
                      [&](auto& block, auto& random) { finish(block, spread, random); });
    case DType::Q4_K:
        return blocks(std::type_identity<Q4KBlock>{},
                      [&](auto& block, auto& random) { packedScales(block, 16, spread, random); });
    case DType::Q5_K:
        return blocks(std::type_identity<Q5KBlock>{},
                      [&](auto& block, auto& random) { packedScales(block, 32, spread, random); });
    case DType::Q6_K:
        return blocks(std::type_identity<Q6KBlock>{},
                      [&](auto& block, auto& random) { finish(block, spread, random); });
    case DType::MXFP4:
        return blocks(std::type_identity<Mxfp4Block>{},
                      [&](auto& block, auto& random) { finish(block, spread, random); });
    default:
        return fillNumbers<float>(seed, firstBlock, spread, out, [](float value) { return value; });
    }
}

} // namespace hearth
