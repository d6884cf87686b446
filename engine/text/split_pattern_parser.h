#pragma once

#include "engine/text/split_pattern.h"

#include <string_view>
#include <vector>

namespace hearth {

/// Turns one alternative of a SplitPattern into steps. Thread: one.
class SplitPatternParser {
public:
    SplitPatternParser(SplitPattern& pattern, std::u32string_view source) : m_pattern(pattern), m_source(source) {}

    /// The steps of the whole source, ending with Done.
    [[nodiscard]] std::vector<SplitPattern::Step> parse();

private:
    using Step = SplitPattern::Step;
    using Kind = SplitPattern::Kind;
    struct Quantifier {
        std::uint32_t minimum = 1;
        std::uint32_t maximum = 1;
    };
    /// Stands for "any number".
    static constexpr std::uint32_t kUnbounded = 0xffffffff;

    [[nodiscard]] std::vector<Step> parseAlternation();
    [[nodiscard]] std::vector<Step> parseSequence();
    [[nodiscard]] std::vector<Step> parseItem();
    [[nodiscard]] std::vector<Step> parseGroup();
    [[nodiscard]] Quantifier parseQuantifier();
    [[nodiscard]] static std::vector<Step> repeat(const std::vector<Step>& body, Quantifier quantifier);
    [[nodiscard]] Step setStep(CodePointItems included, CodePointItems excluded, CodePointSet::Inverted inverted);
    [[nodiscard]] Step parseBrackets();
    void parseSetItem(CodePointItems& items);
    /// Takes the rest of an escape; true if it was a class such as \s, false if `literal` now is a character.
    [[nodiscard]] bool parseEscape(CodePointItems& items, char32_t& literal);
    [[nodiscard]] std::uint32_t parseNumber();

    [[nodiscard]] bool atEnd() const { return m_position == m_source.size(); }
    [[nodiscard]] bool startsWith(std::u32string_view text) const {
        return m_source.substr(m_position).starts_with(text);
    }
    [[nodiscard]] bool accept(std::u32string_view text);
    [[nodiscard]] char32_t take();

    SplitPattern& m_pattern;
    std::u32string_view m_source;
    std::size_t m_position = 0;
};

} // namespace hearth
