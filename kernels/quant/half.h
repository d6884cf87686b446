#pragma once

#include <bit>
#include <cstdint>

namespace hearth {

// 16-bit floats as files and caches hold them. Every function is exact or rounds to nearest, ties to even, and does not
// depend on the thread's floating point mode (subnormal flushing). Thread: any.

/// IEEE 754 binary16 to float: exact, infinities and NaN included.
[[nodiscard]] constexpr float halfToFloat(std::uint16_t half) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
    const std::uint32_t exponent = (half >> 10) & 0x1FU;
    const std::uint32_t mantissa = half & 0x3FFU;
    if (exponent == 0) {
        const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
        return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
    }
    // The bias of a half is 15, that of a float 127; 31 marks infinity and NaN.
    const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
    return std::bit_cast<float>(sign | wide << 23 | mantissa << 13);
}

/// Float to IEEE 754 binary16; beyond 65519.996 becomes infinity, NaN stays NaN.
[[nodiscard]] constexpr std::uint16_t floatToHalf(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (bits >> 16) & 0x8000U;
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    if (magnitude > 0x7F800000U)
        return static_cast<std::uint16_t>(sign | 0x7E00U);
    if (magnitude >= 0x477FF000U) // 65520: the tie between the largest half and the next power of two
        return static_cast<std::uint16_t>(sign | 0x7C00U);
    const std::uint32_t exponent = magnitude >> 23;
    if (exponent < 102) // below 2^-25, half of the smallest subnormal
        return static_cast<std::uint16_t>(sign);
    // Drop `shift` bits of the number's integer form; a carry out of the mantissa raises the exponent, as it should.
    const bool subnormal = exponent < 113;
    const std::uint32_t whole = subnormal ? (magnitude & 0x7FFFFFU) | 0x800000U : magnitude - (112U << 23);
    const std::uint32_t shift = subnormal ? 126 - exponent : 13;
    const std::uint32_t kept = whole >> shift;
    const std::uint32_t dropped = whole & ((1U << shift) - 1);
    const std::uint32_t tie = 1U << (shift - 1);
    const std::uint32_t up = dropped > tie || (dropped == tie && (kept & 1U) != 0) ? 1 : 0;
    return static_cast<std::uint16_t>(sign | (kept + up));
}

/// bfloat16 (the upper half of a float) to float: exact.
[[nodiscard]] constexpr float bfloatToFloat(std::uint16_t bfloat) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bfloat) << 16);
}

/// Float to bfloat16; NaN stays NaN (made quiet).
[[nodiscard]] constexpr std::uint16_t floatToBfloat(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7FFFFFFFU) > 0x7F800000U)
        return static_cast<std::uint16_t>(bits >> 16 | 0x40U);
    return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

} // namespace hearth
