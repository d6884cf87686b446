#include "engine/text/grammar/grammar_rules.h"

#include <utility>

namespace hearth {

GrammarRules::Node GrammarRules::add(const Expression& expression) {
    m_nodes.push_back(expression);
    return static_cast<Node>(m_nodes.size() - 1);
}

GrammarRules::Node GrammarRules::text(std::string_view bytes) {
    m_texts.emplace_back(bytes);
    return add({Kind::Text, static_cast<std::int32_t>(m_texts.size() - 1)});
}

GrammarRules::Node GrammarRules::characters(CodePointRanges set) {
    m_sets.push_back(std::move(set));
    return add({Kind::Characters, static_cast<std::int32_t>(m_sets.size() - 1)});
}

GrammarRules::Node GrammarRules::token(GrammarToken token) {
    m_tokens.push_back(std::move(token));
    return add({Kind::Token, static_cast<std::int32_t>(m_tokens.size() - 1)});
}

GrammarRules::Node GrammarRules::sequence(std::span<const Node> parts) {
    if (parts.size() == 1)
        return parts[0];
    const auto first = static_cast<std::int32_t>(m_children.size());
    m_children.insert(m_children.end(), parts.begin(), parts.end());
    return add({Kind::Sequence, first, static_cast<std::int32_t>(parts.size())});
}

GrammarRules::Node GrammarRules::choice(std::span<const Node> options) {
    if (options.size() == 1)
        return options[0];
    const auto first = static_cast<std::int32_t>(m_children.size());
    m_children.insert(m_children.end(), options.begin(), options.end());
    return add({Kind::Choice, first, static_cast<std::int32_t>(options.size())});
}

bool GrammarRules::isShort(Node node) const {
    const Expression& it = expression(node);
    switch (it.kind) {
    case Kind::Text:
        return textOf(it.index).size() <= 1;
    case Kind::Characters:
        return setOf(it.index).isEmpty()
               || (setOf(it.index).ranges().size() <= 4 && setOf(it.index).ranges().back().last < 0x80);
    case Kind::Token:
    case Kind::Call:
        return true;
    case Kind::Sequence:
    case Kind::Choice:
    case Kind::Repeat:
        return false;
    }
    return false;
}

GrammarRules::Node GrammarRules::repeat(Node part, std::int32_t least, std::int32_t most) {
    // Every copy costs an edge, not the size of what is copied.
    if ((least > 1 || most > 1) && !isShort(part)) {
        const Rule copied = anonymousRule();
        define(copied, part);
        part = call(copied);
    }
    return add({Kind::Repeat, part, 0, least, most});
}

GrammarRules::Node GrammarRules::call(Rule rule) {
    return add({Kind::Call, rule});
}

GrammarRules::Rule GrammarRules::rule(std::string_view name, std::string_view place) {
    if (const auto known = findRule(name))
        return *known;
    m_rules.push_back({std::string(name), std::string(place)});
    const auto made = static_cast<Rule>(m_rules.size() - 1);
    m_names.emplace(name, made);
    return made;
}

GrammarRules::Rule GrammarRules::anonymousRule() {
    m_rules.push_back({});
    return static_cast<Rule>(m_rules.size() - 1);
}

std::optional<GrammarRules::Rule> GrammarRules::findRule(std::string_view name) const {
    const auto found = m_names.find(name);
    return found == m_names.end() ? std::nullopt : std::optional<Rule>(found->second);
}

std::span<const GrammarRules::Node> GrammarRules::children(Node node) const {
    const Expression& it = expression(node);
    return std::span(m_children).subspan(static_cast<std::size_t>(it.index), static_cast<std::size_t>(it.count));
}

} // namespace hearth
