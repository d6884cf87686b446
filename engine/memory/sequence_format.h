#pragma once

#include "engine/memory/sequence_file.h"

#include <array>
#include <cstdint>
#include <span>

// What the reader and the writer of saved sequences share; the format is described in sequence_file.h.

namespace hearth::sequence_format {

inline constexpr std::array<char, 8> kMagic{'H', 'E', 'A', 'R', 'T', 'H', 'K', 'V'};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint64_t kAlignment = 64;
/// Where the header's checksum stands.
inline constexpr std::size_t kChecksumPlace = 8 + 2 * 4 + 3 * 8 + 6 * 4;
inline constexpr std::size_t kCountsEnd = kChecksumPlace + 8;
inline constexpr std::uint64_t kCacheBytes = 5 * 4;
inline constexpr std::uint64_t kRecordBytes = 2 * 4 + 2 * 8;

[[nodiscard]] constexpr std::uint64_t aligned(std::uint64_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// Bytes of one page of every cache of a class.
[[nodiscard]] inline std::uint64_t pageBytes(std::span<const CacheSpec> caches, std::int32_t pageClass) {
    std::uint64_t bytes = 0;
    for (const CacheSpec& cache : caches)
        bytes += cache.pageClass == pageClass ? cache.pageSizeBytes() : 0;
    return bytes;
}

/// Bytes of one copy of every state.
[[nodiscard]] inline std::uint64_t stateBytes(std::span<const StateSpec> states) {
    std::uint64_t bytes = 0;
    for (const StateSpec& state : states)
        bytes += static_cast<std::uint64_t>(state.values) * sizeof(float);
    return bytes;
}

} // namespace hearth::sequence_format
