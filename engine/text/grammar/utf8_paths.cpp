#include "engine/text/grammar/utf8_paths.h"

#include "engine/text/unicode.h"

#include <algorithm>
#include <string>

namespace hearth {

namespace {

/// Splits a range of code points of one length so that each part is a product of byte ranges: where the bits before the
/// last `group` of six differ, the ends must be whole groups.
void addPaths(char32_t first, char32_t last, std::size_t length, std::vector<Utf8Path>& paths) {
    for (std::size_t group = 1; group < length; ++group) {
        const char32_t mask = (char32_t{1} << (6 * group)) - 1;
        if ((first & ~mask) == (last & ~mask))
            continue;
        if ((first & mask) != 0) {
            addPaths(first, first | mask, length, paths);
            addPaths((first | mask) + 1, last, length, paths);
            return;
        }
        if ((last & mask) != mask) {
            addPaths(first, (last & ~mask) - 1, length, paths);
            addPaths(last & ~mask, last, length, paths);
            return;
        }
    }
    std::string low;
    std::string high;
    appendUtf8(low, first);
    appendUtf8(high, last);
    Utf8Path path{};
    path.length = length;
    for (std::size_t index = 0; index < length; ++index)
        path.bytes[index] = {static_cast<std::uint8_t>(low[index]), static_cast<std::uint8_t>(high[index])};
    paths.push_back(path);
}

} // namespace

std::vector<Utf8Path> utf8PathsOf(const CodePointRanges& set) {
    constexpr std::array<char32_t, 4> kLastOfLength{0x7f, 0x7ff, 0xffff, 0x10ffff};
    std::vector<Utf8Path> paths;
    for (const CodePointRanges::Range& range : set.ranges()) {
        char32_t first = range.first;
        for (std::size_t length = 1; length <= 4 && first <= range.last; ++length) {
            const char32_t last = std::min(range.last, kLastOfLength[length - 1]);
            if (first > last)
                continue;
            addPaths(first, last, length, paths);
            first = last + 1;
        }
    }
    return paths;
}

} // namespace hearth
