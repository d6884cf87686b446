#pragma once

#include "engine/text/grammar/code_point_ranges.h"

#include <array>
#include <cstdint>
#include <vector>

namespace hearth {

/// Some code points as bytes: any byte of the first range, then any of the second, …
struct Utf8Path {
    struct Bytes {
        std::uint8_t first;
        std::uint8_t last;
    };
    std::array<Bytes, 4> bytes;
    std::size_t length;
};

/// A set of code points as byte sequences that do not overlap. Thread: any.
[[nodiscard]] std::vector<Utf8Path> utf8PathsOf(const CodePointRanges& set);

} // namespace hearth
