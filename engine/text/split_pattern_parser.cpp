#include "engine/text/split_pattern_parser.h"

#include "kernels/base/assert.h"

#include <utility>

namespace hearth {

namespace {

void append(auto& steps, const auto& more) {
    steps.insert(steps.end(), more.begin(), more.end());
}

std::int32_t distance(std::size_t steps) {
    return static_cast<std::int32_t>(steps);
}

} // namespace

bool SplitPatternParser::accept(std::u32string_view text) {
    if (!startsWith(text))
        return false;
    m_position += text.size();
    return true;
}

char32_t SplitPatternParser::take() {
    HEARTH_ASSERT(!atEnd());
    return m_source[m_position++];
}

std::vector<SplitPattern::Step> SplitPatternParser::parse() {
    std::vector<Step> steps = parseAlternation();
    HEARTH_ASSERT(atEnd());
    steps.push_back(Step{});
    return steps;
}

std::vector<SplitPattern::Step> SplitPatternParser::parseAlternation() {
    std::vector<Step> first = parseSequence();
    if (!accept(U"|"))
        return first;
    // Fork to the rest; first; Jump behind the rest; rest.
    const std::vector<Step> rest = parseAlternation();
    std::vector<Step> steps{Step{.kind = Kind::Fork, .target = distance(first.size() + 2)}};
    append(steps, first);
    steps.push_back(Step{.kind = Kind::Jump, .target = distance(rest.size() + 1)});
    append(steps, rest);
    return steps;
}

std::vector<SplitPattern::Step> SplitPatternParser::parseSequence() {
    std::vector<Step> steps;
    while (!atEnd() && !startsWith(U"|") && !startsWith(U")")) {
        const std::vector<Step> item = parseItem();
        append(steps, repeat(item, parseQuantifier()));
    }
    return steps;
}

std::vector<SplitPattern::Step> SplitPatternParser::parseItem() {
    if (accept(U"("))
        return parseGroup();
    if (accept(U"["))
        return {parseBrackets()};
    if (accept(U"$"))
        return {Step{.kind = Kind::TextEnd}};
    CodePointItems items;
    char32_t literal = 0;
    if (accept(U"\\")) {
        if (parseEscape(items, literal))
            return {setStep(std::move(items), {}, CodePointSet::Inverted::No)};
    } else {
        literal = take();
    }
    items.add(literal, literal);
    return {setStep(std::move(items), {}, CodePointSet::Inverted::No)};
}

std::vector<SplitPattern::Step> SplitPatternParser::parseGroup() {
    const bool ahead = accept(U"?=");
    const bool notAhead = !ahead && accept(U"?!");
    HEARTH_ASSERT(ahead || notAhead || accept(U"?:"));
    const std::vector<Step> body = parseAlternation();
    HEARTH_ASSERT(accept(U")"));
    if (!ahead && !notAhead)
        return body;
    std::vector<Step> steps{Step{.kind = Kind::Ahead, .negative = notAhead, .target = distance(body.size() + 2)}};
    append(steps, body);
    steps.push_back(Step{.kind = Kind::Done});
    return steps;
}

SplitPatternParser::Quantifier SplitPatternParser::parseQuantifier() {
    if (accept(U"?"))
        return {0, 1};
    if (accept(U"*"))
        return {0, kUnbounded};
    if (accept(U"+"))
        return {1, kUnbounded};
    if (!accept(U"{"))
        return {};
    Quantifier quantifier;
    quantifier.minimum = parseNumber();
    quantifier.maximum = accept(U",") ? parseNumber() : quantifier.minimum;
    HEARTH_ASSERT(accept(U"}") && quantifier.minimum <= quantifier.maximum);
    return quantifier;
}

std::vector<SplitPattern::Step> SplitPatternParser::repeat(const std::vector<Step>& body, Quantifier quantifier) {
    if (quantifier.minimum == 1 && quantifier.maximum == 1)
        return body;
    if (body.size() == 1 && body.front().kind == Kind::One) {
        Step step = body.front();
        step.kind = Kind::Run;
        step.minimum = quantifier.minimum;
        step.maximum = quantifier.maximum;
        return {step};
    }
    std::vector<Step> steps;
    for (std::uint32_t time = 0; time < quantifier.minimum; ++time)
        append(steps, body);
    if (quantifier.maximum == kUnbounded) {
        // Fork behind the loop; body; Jump back.
        steps.push_back(Step{.kind = Kind::Fork, .target = distance(body.size() + 2)});
        append(steps, body);
        steps.push_back(Step{.kind = Kind::Jump, .target = -distance(body.size() + 1)});
        return steps;
    }
    for (std::uint32_t time = quantifier.minimum; time < quantifier.maximum; ++time) {
        const std::size_t left = quantifier.maximum - time;
        steps.push_back(Step{.kind = Kind::Fork, .target = distance(left * (body.size() + 1))});
        append(steps, body);
    }
    return steps;
}

SplitPattern::Step SplitPatternParser::setStep(CodePointItems included, CodePointItems excluded,
                                               CodePointSet::Inverted inverted) {
    m_pattern.m_sets.emplace_back(std::move(included), std::move(excluded), inverted);
    return Step{.kind = Kind::One, .set = static_cast<std::uint16_t>(m_pattern.m_sets.size() - 1)};
}

SplitPattern::Step SplitPatternParser::parseBrackets() {
    const auto inverted = accept(U"^") ? CodePointSet::Inverted::Yes : CodePointSet::Inverted::No;
    CodePointItems included;
    CodePointItems excluded;
    bool excluding = false;
    while (!accept(U"]")) {
        if (accept(U"--"))
            excluding = true;
        else
            parseSetItem(excluding ? excluded : included);
    }
    return setStep(std::move(included), std::move(excluded), inverted);
}

void SplitPatternParser::parseSetItem(CodePointItems& items) {
    const auto literalOrClass = [this, &items](char32_t& literal) {
        literal = take();
        return literal == U'\\' && parseEscape(items, literal);
    };
    char32_t first = 0;
    if (literalOrClass(first))
        return;
    char32_t last = first;
    // A hyphen before the end of the set, or before another hyphen, is no range.
    if (startsWith(U"-") && !startsWith(U"-]") && !startsWith(U"--")) {
        ++m_position;
        HEARTH_ASSERT(!literalOrClass(last));
    }
    HEARTH_ASSERT(first <= last);
    items.add(first, last);
}

bool SplitPatternParser::parseEscape(CodePointItems& items, char32_t& literal) {
    const char32_t letter = take();
    switch (letter) {
    case U'r':
        literal = U'\r';
        return false;
    case U'n':
        literal = U'\n';
        return false;
    case U't':
        literal = U'\t';
        return false;
    case U's':
        items.whiteSpace = true;
        return true;
    case U'S':
        items.nonSpace = true;
        return true;
    case U'd':
        items.add(U'0', U'9');
        return true;
    case U'p':
        break;
    default:
        literal = letter;
        return false;
    }
    constexpr std::pair<std::u32string_view, UnicodeClass> kClasses[] = {{U"{L}", UnicodeClass::Letter},
                                                                         {U"{N}", UnicodeClass::Number},
                                                                         {U"{P}", UnicodeClass::Punctuation},
                                                                         {U"{S}", UnicodeClass::Symbol},
                                                                         {U"{M}", UnicodeClass::Mark}};
    for (const auto& [name, kind] : kClasses) {
        if (accept(name)) {
            items.add(kind);
            return true;
        }
    }
    HEARTH_ASSERT(!"a class that patterns know");
    return false;
}

std::uint32_t SplitPatternParser::parseNumber() {
    std::uint32_t number = 0;
    HEARTH_ASSERT(!atEnd() && m_source[m_position] >= U'0' && m_source[m_position] <= U'9');
    while (!atEnd() && m_source[m_position] >= U'0' && m_source[m_position] <= U'9')
        number = number * 10 + (take() - U'0');
    return number;
}

} // namespace hearth
