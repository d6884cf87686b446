#include "tests/kernels/random_rows.h"

#include "kernels/quant/blocks.h"
#include "kernels/quant/dequantise.h"
#include "kernels/quant/half.h"
#include "kernels/quant/quantise.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace hearth {

namespace {

/// Where the half floats of a block lie, by byte (-1: none), and how many scales the offset is, so that the values of
/// random quants have a mean near zero. IQ1_M scatters its half, MXFP4 has an exponent.
struct Halves {
    int scale;
    int offset = -1;
    double offsetPerScale = 0;
};

Halves halvesOf(DType dtype) {
    switch (dtype) {
    case DType::Q4_1:
        return {0, 2, -7.5};
    case DType::Q5_1:
        return {0, 2, -15.5};
    case DType::Q2_K:
        return {80, 82, 1.5};
    case DType::Q4_K:
        return {0, 2, 7.5};
    case DType::Q5_K:
        return {0, 2, 15.5};
    case DType::Q3_K:
        return {108};
    case DType::Q6_K:
        return {208};
    case DType::TQ1_0:
        return {52};
    case DType::TQ2_0:
        return {64};
    case DType::IQ1_M:
    case DType::MXFP4:
        return {-1};
    default:
        return {0};
    }
}

void putHalf(std::byte* block, int offset, double value) {
    const std::uint16_t half = floatToHalf(static_cast<float>(value));
    if (offset >= 0)
        std::memcpy(block + offset, &half, sizeof(half));
}

void setScale(DType dtype, std::byte* block, double scale) {
    if (dtype == DType::MXFP4) {
        block[0] = static_cast<std::byte>(127 + std::ilogb(std::fabs(scale)));
        return;
    }
    if (dtype == DType::IQ1_M) {
        const std::uint16_t half = floatToHalf(static_cast<float>(scale));
        Iq1MBlock typed;
        std::memcpy(&typed, block, sizeof(typed));
        for (int word = 0; word < 4; ++word)
            typed.scales[word] =
                static_cast<std::uint16_t>((typed.scales[word] & 0x0FFF) | ((half >> (4 * word)) & 15) << 12);
        std::memcpy(block, &typed, sizeof(typed));
        return;
    }
    const Halves halves = halvesOf(dtype);
    putHalf(block, halves.scale, scale);
    putHalf(block, halves.offset, scale * halves.offsetPerScale);
}

double rmsOf(const std::vector<float>& values) {
    double sum = 0;
    for (const float value : values)
        sum += static_cast<double>(value) * value;
    return std::sqrt(sum / static_cast<double>(values.size()));
}

} // namespace

std::vector<float> randomFloats(std::size_t count, double rms, std::mt19937& random) {
    std::normal_distribution<double> normal(0.0, rms);
    std::vector<float> values(count);
    for (float& value : values)
        value = static_cast<float>(normal(random));
    return values;
}

std::vector<std::byte> randomRows(DType dtype, std::int64_t rows, std::int64_t columns, double rms,
                                  std::mt19937& random) {
    const DTypeInfo& info = dtypeInfo(dtype);
    const auto count = static_cast<std::size_t>(rows * columns);
    std::vector<std::byte> bytes(static_cast<std::size_t>(rows) * rowBytes(dtype, columns));
    if (info.blockValues == 1) {
        quantiseRow(dtype, randomFloats(count, rms, random).data(), rows * columns, bytes.data());
        return bytes;
    }
    const std::size_t blocks = bytes.size() / static_cast<std::size_t>(info.blockBytes);
    std::uniform_real_distribution<double> size(0.5, 1.5);
    std::vector<double> scales(blocks);
    for (std::byte& byte : bytes)
        byte = static_cast<std::byte>(random() & 0xFFU);
    // What the values are with scales near 1 tells what the scales must be. Two passes: MXFP4 rounds them.
    double factor = 1.0;
    for (double& scale : scales)
        scale = random() % 4 == 0 ? -size(random) : size(random);
    std::vector<float> values(count);
    for (int pass = 0; pass < 2; ++pass) {
        for (std::size_t block = 0; block < blocks; ++block)
            setScale(dtype, bytes.data() + block * static_cast<std::size_t>(info.blockBytes), scales[block] * factor);
        dequantiseRow(dtype, bytes.data(), rows * columns, values.data());
        if (pass == 0)
            factor = rms / rmsOf(values);
    }
    return bytes;
}

} // namespace hearth
