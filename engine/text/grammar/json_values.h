#pragma once

#include "engine/text/grammar/grammar_rules.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace hearth {

/// The parts of JSON as grammar: what schemas share. Every rule is made when it is first asked for. Thread: one.
class JsonValues {
public:
    using Json = nlohmann::ordered_json;
    using Node = GrammarRules::Node;

    explicit JsonValues(GrammarRules& rules) : m_rules(rules) {}

    /// Nothing, a space, or a line feed with indentation.
    [[nodiscard]] Node space();
    /// A comma with space around it.
    [[nodiscard]] Node comma();
    /// Any value; objects and lists nest as deep as they like.
    [[nodiscard]] Node any();
    [[nodiscard]] Node object();
    [[nodiscard]] Node list();
    [[nodiscard]] Node boolean();
    [[nodiscard]] Node null() { return m_rules.text("null"); }
    [[nodiscard]] Node number();
    [[nodiscard]] Node integer();
    /// A text of so many characters; most < 0: no limit.
    [[nodiscard]] Node text(std::int32_t least, std::int32_t most);
    /// Exactly this value, with space where JSON allows it.
    [[nodiscard]] Node literal(const Json& value);

    /// Bounds as decimal numbers; none: open.
    struct Bounds {
        std::optional<Json> least;
        std::optional<Json> most;
        bool leastExcluded = false;
        bool mostExcluded = false;
    };
    [[nodiscard]] Node integerWithin(const Bounds& bounds);
    [[nodiscard]] Node numberWithin(const Bounds& bounds);

private:
    [[nodiscard]] Node character();
    [[nodiscard]] GrammarRules::Rule named(const char* name, Node (JsonValues::*make)());
    Node makeSpace();
    Node makeComma();
    Node makeAny();
    Node makeObject();
    Node makeList();
    Node makeNumber();
    Node makeInteger();
    Node makeCharacter();

    GrammarRules& m_rules;
};

} // namespace hearth
