#include "engine/memory/checksum.h"

#include <array>
#include <cstring>

namespace hearth {

namespace {

// Odd numbers near 2^64 divided by the golden ratio, and by the square root of 2.
constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15U;
constexpr std::uint64_t kOtherFactor = 0xB504F333F9DE6485U;

std::uint64_t step(std::uint64_t lane, std::uint64_t word) {
    const std::uint64_t product = (lane ^ word) * kFactor;
    return product ^ (product >> 29U);
}

} // namespace

std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t seed) {
    constexpr std::size_t kLanes = 4;
    constexpr std::size_t kStride = kLanes * sizeof(std::uint64_t);
    std::array<std::uint64_t, kLanes> lanes{seed, seed + kFactor, seed + kOtherFactor, ~seed};
    std::size_t at = 0;
    std::array<std::uint64_t, kLanes> words{};
    for (; at + kStride <= bytes.size(); at += kStride) {
        std::memcpy(words.data(), bytes.data() + at, kStride);
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            lanes[lane] = step(lanes[lane], words[lane]);
    }
    if (at < bytes.size()) {
        words = {};
        std::memcpy(words.data(), bytes.data() + at, bytes.size() - at);
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            lanes[lane] = step(lanes[lane], words[lane]);
    }
    std::uint64_t sum = step(seed, bytes.size());
    for (const std::uint64_t lane : lanes)
        sum = step(sum * kOtherFactor, lane);
    return sum;
}

} // namespace hearth
