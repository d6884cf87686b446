#pragma once

#include "engine/text/grammar/code_point_ranges.h"
#include "engine/text/tokenizer.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// One token, or any but it.
struct GrammarToken {
    std::optional<TokenId> id; ///< nothing: looked up by its text
    std::string text;
    bool negated = false;
    std::string place; ///< where it stands, for messages

    friend bool operator==(const GrammarToken&, const GrammarToken&) = default;
};

/// A grammar as expressions: what a parser of grammars or schemas makes, and what the automaton is built from.
/// Expressions may be used several times. Thread: one while it is being made, then any.
class GrammarRules {
public:
    using Node = std::int32_t;
    using Rule = std::int32_t;
    static constexpr std::int32_t kUnlimited = -1;

    enum class Kind : std::uint8_t { Text, Characters, Token, Sequence, Choice, Repeat, Call };
    struct Expression {
        Kind kind;
        std::int32_t index = 0; ///< of the text, set or token; the repeated node; the rule; the first child
        std::int32_t count = 0; ///< of children
        std::int32_t least = 0;
        std::int32_t most = 0; ///< kUnlimited
    };
    struct Named {
        std::string name;
        std::string place; ///< where it was first named
        Node body = -1;    ///< -1: not defined
    };

    /// These bytes.
    [[nodiscard]] Node text(std::string_view bytes);
    /// One character of a set.
    [[nodiscard]] Node characters(CodePointRanges set);
    [[nodiscard]] Node token(GrammarToken token);
    /// One after the other; none: nothing at all.
    [[nodiscard]] Node sequence(std::span<const Node> parts);
    [[nodiscard]] Node sequence(std::initializer_list<Node> parts) { return sequence({parts.begin(), parts.size()}); }
    /// One of these; none: cannot be matched.
    [[nodiscard]] Node choice(std::span<const Node> options);
    [[nodiscard]] Node choice(std::initializer_list<Node> options) { return choice({options.begin(), options.size()}); }
    [[nodiscard]] Node repeat(Node part, std::int32_t least, std::int32_t most);
    [[nodiscard]] Node optional(Node part) { return repeat(part, 0, 1); }
    [[nodiscard]] Node call(Rule rule);

    /// A rule by its name; made if there is none yet.
    [[nodiscard]] Rule rule(std::string_view name, std::string_view place = {});
    [[nodiscard]] Rule anonymousRule();
    void define(Rule rule, Node body) { m_rules[static_cast<std::size_t>(rule)].body = body; }
    /// The rules stay; their names may be given again.
    void forgetNames() { m_names.clear(); }
    [[nodiscard]] std::optional<Rule> findRule(std::string_view name) const;

    [[nodiscard]] std::size_t size() const { return m_nodes.size(); }
    [[nodiscard]] const Expression& expression(Node node) const { return m_nodes[static_cast<std::size_t>(node)]; }
    [[nodiscard]] std::span<const Node> children(Node node) const;
    [[nodiscard]] const std::string& textOf(std::int32_t index) const {
        return m_texts[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] const CodePointRanges& setOf(std::int32_t index) const {
        return m_sets[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] const std::vector<GrammarToken>& tokens() const { return m_tokens; }
    [[nodiscard]] const std::vector<Named>& rules() const { return m_rules; }

private:
    [[nodiscard]] Node add(const Expression& expression);
    [[nodiscard]] bool isShort(Node node) const;

    std::vector<Expression> m_nodes;
    std::vector<Node> m_children;
    std::vector<std::string> m_texts;
    std::vector<CodePointRanges> m_sets;
    std::vector<GrammarToken> m_tokens;
    std::vector<Named> m_rules;
    std::map<std::string, Rule, std::less<>> m_names;
};

} // namespace hearth
