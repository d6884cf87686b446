#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hearth {

/// A number that tells damaged bytes: every single word that differs changes it. Not made against forgery. As fast as
/// memory is read: four lanes of 64-bit words, each a chain of xor and multiplication by an odd number, as FNV-1a's.
[[nodiscard]] std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t seed = 0);

} // namespace hearth
