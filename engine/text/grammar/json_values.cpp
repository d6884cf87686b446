#include "engine/text/grammar/json_values.h"

#include "engine/text/grammar/string_language.h"

#include <array>

namespace hearth {

namespace {

/// As many digits as a double holds, so that no reader loses the number or calls it infinite.
constexpr std::int32_t kMostDigits = 16;

CodePointRanges digitsFrom(char first, char last) {
    return CodePointRanges::of(static_cast<char32_t>(first), static_cast<char32_t>(last));
}

} // namespace

GrammarRules::Rule JsonValues::named(const char* name, Node (JsonValues::*make)()) {
    // A name that no schema can clash with: its rules have none.
    if (const auto known = m_rules.findRule(name))
        return *known;
    const GrammarRules::Rule rule = m_rules.rule(name);
    m_rules.define(rule, (this->*make)());
    return rule;
}

JsonValues::Node JsonValues::space() {
    return m_rules.call(named("JSON space", &JsonValues::makeSpace));
}
JsonValues::Node JsonValues::comma() {
    return m_rules.call(named("JSON comma", &JsonValues::makeComma));
}
JsonValues::Node JsonValues::any() {
    return m_rules.call(named("JSON value", &JsonValues::makeAny));
}
JsonValues::Node JsonValues::object() {
    return m_rules.call(named("JSON object", &JsonValues::makeObject));
}
JsonValues::Node JsonValues::list() {
    return m_rules.call(named("JSON list", &JsonValues::makeList));
}
JsonValues::Node JsonValues::number() {
    return m_rules.call(named("JSON number", &JsonValues::makeNumber));
}
JsonValues::Node JsonValues::integer() {
    return m_rules.call(named("JSON integer", &JsonValues::makeInteger));
}
JsonValues::Node JsonValues::character() {
    return m_rules.call(named("JSON character", &JsonValues::makeCharacter));
}

JsonValues::Node JsonValues::makeSpace() {
    constexpr std::int32_t kMostIndentation = 40;
    const Node indentation =
        m_rules.repeat(m_rules.characters(CodePointRanges({{U' ', U' '}, {U'\t', U'\t'}})), 0, kMostIndentation);
    const Node line = m_rules.sequence({m_rules.optional(m_rules.text("\r")), m_rules.text("\n"), indentation});
    return m_rules.optional(m_rules.choice({m_rules.text(" "), line}));
}

JsonValues::Node JsonValues::makeComma() {
    return m_rules.sequence({space(), m_rules.text(","), space()});
}

JsonValues::Node JsonValues::boolean() {
    return m_rules.choice({m_rules.text("true"), m_rules.text("false")});
}

JsonValues::Node JsonValues::makeAny() {
    return m_rules.choice({object(), list(), text(0, -1), number(), boolean(), null()});
}

JsonValues::Node JsonValues::makeObject() {
    const GrammarRules::Rule member = m_rules.anonymousRule();
    m_rules.define(member, m_rules.sequence({text(0, -1), space(), m_rules.text(":"), space(), any()}));
    const Node more = m_rules.repeat(m_rules.sequence({comma(), m_rules.call(member)}), 0, GrammarRules::kUnlimited);
    const Node members = m_rules.optional(m_rules.sequence({m_rules.call(member), more}));
    return m_rules.sequence({m_rules.text("{"), space(), members, space(), m_rules.text("}")});
}

JsonValues::Node JsonValues::makeList() {
    const Node more = m_rules.repeat(m_rules.sequence({comma(), any()}), 0, GrammarRules::kUnlimited);
    const Node items = m_rules.optional(m_rules.sequence({any(), more}));
    return m_rules.sequence({m_rules.text("["), space(), items, space(), m_rules.text("]")});
}

JsonValues::Node JsonValues::makeInteger() {
    const Node more = m_rules.repeat(m_rules.characters(digitsFrom('0', '9')), 0, kMostDigits - 1);
    const Node positive = m_rules.sequence({m_rules.characters(digitsFrom('1', '9')), more});
    return m_rules.sequence({m_rules.optional(m_rules.text("-")), m_rules.choice({m_rules.text("0"), positive})});
}

JsonValues::Node JsonValues::makeNumber() {
    const Node digit = m_rules.characters(digitsFrom('0', '9'));
    const Node fraction = m_rules.sequence({m_rules.text("."), m_rules.repeat(digit, 1, kMostDigits)});
    const Node sign = m_rules.optional(m_rules.characters(CodePointRanges({{U'+', U'+'}, {U'-', U'-'}})));
    const Node exponent = m_rules.sequence(
        {m_rules.characters(CodePointRanges({{U'e', U'e'}, {U'E', U'E'}})), sign, m_rules.repeat(digit, 1, 2)});
    return m_rules.sequence({integer(), m_rules.optional(fraction), m_rules.optional(exponent)});
}

JsonValues::Node JsonValues::makeCharacter() {
    const auto hex = [this](std::u32string_view letters) {
        std::vector<CodePointRanges::Range> ranges;
        for (const char32_t letter : letters)
            ranges.push_back({letter, letter});
        return m_rules.characters(CodePointRanges(std::move(ranges)));
    };
    const Node digit = hex(U"0123456789abcdefABCDEF");
    const Node notD = hex(U"0123456789abcefABCEF");
    const Node two = m_rules.sequence({digit, digit});
    // \uD800 to \uDFFF only as pairs, high before low.
    const Node d = hex(U"dD");
    const Node high = m_rules.sequence({d, hex(U"89abAB"), two});
    const Node low = m_rules.sequence({m_rules.text("\\u"), d, hex(U"cdefCDEF"), two});
    const Node unit = m_rules.choice({m_rules.sequence({notD, digit, two}),
                                      m_rules.sequence({d, hex(U"01234567"), two}), m_rules.sequence({high, low})});
    const Node escape = m_rules.choice({hex(U"\"\\/bfnrt"), m_rules.sequence({m_rules.text("u"), unit})});
    const CodePointRanges special({{0, 0x1f}, {U'"', U'"'}, {U'\\', U'\\'}});
    return m_rules.choice({m_rules.characters(special.inverted()), m_rules.sequence({m_rules.text("\\"), escape})});
}

JsonValues::Node JsonValues::text(std::int32_t least, std::int32_t most) {
    const Node inside = m_rules.repeat(character(), least, most < 0 ? GrammarRules::kUnlimited : most);
    return m_rules.sequence({m_rules.text("\""), inside, m_rules.text("\"")});
}

JsonValues::Node JsonValues::literal(const Json& value) {
    if (!value.is_structured() || value.empty())
        return m_rules.text(value.dump(-1, ' ', false, Json::error_handler_t::replace));
    std::vector<Node> parts{m_rules.text(value.is_object() ? "{" : "["), space()};
    bool first = true;
    for (const auto& [key, part] : value.items()) {
        if (!std::exchange(first, false))
            parts.push_back(comma());
        if (value.is_object()) {
            parts.push_back(m_rules.text(Json(key).dump(-1, ' ', false, Json::error_handler_t::replace)));
            parts.insert(parts.end(), {space(), m_rules.text(":"), space()});
        }
        parts.push_back(literal(part));
    }
    parts.insert(parts.end(), {space(), m_rules.text(value.is_object() ? "}" : "]")});
    return m_rules.sequence(parts);
}

} // namespace hearth
