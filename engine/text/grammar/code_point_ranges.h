#pragma once

#include <cstdint>
#include <vector>

namespace hearth {

/// A set of code points as ranges: sorted, apart from each other, without surrogates. Immutable. Thread: any.
class CodePointRanges {
public:
    struct Range {
        char32_t first;
        char32_t last;
        friend bool operator==(const Range&, const Range&) = default;
    };

    CodePointRanges() = default;
    /// Ranges in any order, overlapping or not; what is no code point is left out.
    explicit CodePointRanges(std::vector<Range> ranges);
    [[nodiscard]] static CodePointRanges all();
    [[nodiscard]] static CodePointRanges of(char32_t codePoint) { return of(codePoint, codePoint); }
    [[nodiscard]] static CodePointRanges of(char32_t first, char32_t last) {
        return CodePointRanges(std::vector<Range>{{first, last}});
    }

    [[nodiscard]] const std::vector<Range>& ranges() const { return m_ranges; }
    [[nodiscard]] bool isEmpty() const { return m_ranges.empty(); }
    [[nodiscard]] bool contains(char32_t codePoint) const;
    [[nodiscard]] CodePointRanges inverted() const;
    [[nodiscard]] CodePointRanges united(const CodePointRanges& other) const;
    [[nodiscard]] CodePointRanges intersected(const CodePointRanges& other) const;
    [[nodiscard]] CodePointRanges without(const CodePointRanges& other) const { return intersected(other.inverted()); }
    friend bool operator==(const CodePointRanges&, const CodePointRanges&) = default;

private:
    std::vector<Range> m_ranges;
};

} // namespace hearth
