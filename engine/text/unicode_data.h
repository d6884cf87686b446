#pragma once

#include <cstdint>
#include <span>

namespace hearth::unicode {

// The generated tables behind unicode.h; nothing else reads them.

constexpr std::uint32_t kCodePoints = 0x110000;
constexpr std::uint32_t kBlockSize = 128;

/// Code points first to last map to base, base + step, base + 2 step, …
struct CodePointRange {
    std::uint32_t first;
    std::uint32_t last;
    std::uint32_t base;
    std::uint32_t step;
};

/// Which block of kBlockFlags holds a code point's flags, by code point / kBlockSize.
extern const std::uint16_t kBlockIndex[kCodePoints / kBlockSize];
/// Low bits: the UnicodeClass; high bit: white space.
extern const std::uint8_t kBlockFlags[];
/// Sorted; a code point in no range maps to itself.
extern const std::span<const CodePointRange> kLowercase;
extern const std::span<const CodePointRange> kFirstOfDecomposition;

} // namespace hearth::unicode
