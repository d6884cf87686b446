#pragma once

#include "engine/text/grammar/code_point_ranges.h"
#include "engine/text/grammar/grammar_rules.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace hearth {

/// A regular set of strings, as a complete deterministic machine over code points. A value. Thread: any.
class StringLanguage {
public:
    /// A regular expression of ECMA-262 as JSON schemas use it: it is looked for anywhere in the string unless ^ and $
    /// bind it. Without look-around, back references and word boundaries, and with ^ and $ at the ends only.
    /// Errors: InvalidInput with the position in the pattern: what is wrong or cannot be enforced.
    [[nodiscard]] static Result<StringLanguage> fromPattern(std::string_view pattern);
    /// Exactly these strings.
    [[nodiscard]] static StringLanguage ofTexts(const std::vector<std::string>& texts);
    /// Strings of `least` to `most` code points. most < 0: no limit.
    [[nodiscard]] static StringLanguage ofLength(std::int32_t least, std::int32_t most);

    [[nodiscard]] StringLanguage complement() const;
    /// Errors: InvalidInput if the result would have more than kMostStates states.
    [[nodiscard]] Result<StringLanguage> intersected(const StringLanguage& other) const;
    [[nodiscard]] bool matches(std::string_view text) const;

    /// The strings between the quotation marks of JSON: quotation marks, backslashes and control characters escaped,
    /// everything else as it is.
    [[nodiscard]] GrammarRules::Node asJson(GrammarRules& rules) const;

    static constexpr std::size_t kMostStates = 20'000;

private:
    friend class PatternReader;
    using State = std::uint32_t;

    [[nodiscard]] std::size_t classCount() const { return m_starts.size(); }
    [[nodiscard]] std::size_t classOf(char32_t codePoint) const;
    [[nodiscard]] std::vector<bool> alive() const;
    State addState(bool accepts);

    std::vector<char32_t> m_starts{0}; ///< first code points of the classes
    std::vector<State> m_next;         ///< (states, classes); state 0 is the first
    std::vector<bool> m_accepts;
};

/// The way JSON writes one character of a set inside of a string.
[[nodiscard]] GrammarRules::Node jsonCharacters(GrammarRules& rules, const CodePointRanges& set);

} // namespace hearth
