#pragma once

#include <array>
#include <cstdint>

namespace hearth {

/// xoshiro256**, seeded through splitmix64: the same numbers for a seed on every machine. Thread: one.
/// Source: Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators" (2018).
class RandomSource {
public:
    explicit RandomSource(std::uint64_t seed);

    [[nodiscard]] std::uint64_t next();
    /// At least 0 and below 1, in steps of 2^-53.
    [[nodiscard]] double nextUnit();

private:
    std::array<std::uint64_t, 4> m_state{};
};

} // namespace hearth
