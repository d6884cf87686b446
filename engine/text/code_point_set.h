#pragma once

#include "engine/text/unicode.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace hearth {

/// Code points listed by ranges and Unicode classes, as the brackets of a pattern do.
struct CodePointItems {
    /// One bit for each UnicodeClass.
    std::uint8_t classes = 0;
    bool whiteSpace = false;
    /// Everything that is not white space.
    bool nonSpace = false;
    std::vector<std::pair<char32_t, char32_t>> ranges;

    void add(UnicodeClass kind) { classes |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind)); }
    void add(char32_t first, char32_t last) { ranges.emplace_back(first, last); }

    [[nodiscard]] bool contains(char32_t codePoint) const {
        const std::uint8_t flags = unicode::flagsOf(codePoint);
        if ((classes >> (flags & 0x0f) & 1) != 0 || ((flags & 0x80) != 0 ? whiteSpace : nonSpace))
            return true;
        return std::any_of(ranges.begin(), ranges.end(), [codePoint](const auto& range) {
            return codePoint >= range.first && codePoint <= range.second;
        });
    }
};

/// What is included and not excluded, or everything else if inverted. Immutable. Thread: any.
class CodePointSet {
public:
    enum class Inverted : std::uint8_t { No, Yes };

    CodePointSet(CodePointItems included, CodePointItems excluded, Inverted inverted)
        : m_included(std::move(included)), m_excluded(std::move(excluded)), m_inverted(inverted == Inverted::Yes) {
        for (char32_t codePoint = 0; codePoint < 128; ++codePoint)
            if (evaluate(codePoint))
                m_ascii[codePoint / 64] |= std::uint64_t{1} << (codePoint % 64);
    }

    [[nodiscard]] bool contains(char32_t codePoint) const {
        return codePoint < 128 ? (m_ascii[codePoint / 64] >> (codePoint % 64) & 1) != 0 : evaluate(codePoint);
    }
    /// The members below 128, one bit each.
    [[nodiscard]] const std::array<std::uint64_t, 2>& ascii() const { return m_ascii; }

private:
    [[nodiscard]] bool evaluate(char32_t codePoint) const {
        return (m_included.contains(codePoint) && !m_excluded.contains(codePoint)) != m_inverted;
    }

    CodePointItems m_included;
    CodePointItems m_excluded;
    bool m_inverted;
    std::array<std::uint64_t, 2> m_ascii{};
};

} // namespace hearth
