#include "engine/text/grammar/grammar.h"

#include "engine/text/grammar/gbnf_parser.h"
#include "engine/text/grammar/json_schema.h"

#include <utility>

namespace hearth {

Grammar::Grammar(GrammarRules rules, GrammarRules::Rule root, GrammarAutomaton automaton)
    : m_rules(std::move(rules)), m_root(root), m_automaton(std::move(automaton)) {}

Result<std::shared_ptr<const Grammar>> Grammar::build(GrammarRules rules, GrammarRules::Rule root) {
    HEARTH_TRY(GrammarAutomaton automaton, GrammarAutomaton::build(rules, root));
    return std::shared_ptr<const Grammar>(new Grammar(std::move(rules), root, std::move(automaton)));
}

Result<std::shared_ptr<const Grammar>> Grammar::fromGbnf(std::string_view source) {
    GrammarRules rules;
    HEARTH_CHECK(parseGbnf(source, rules));
    const auto root = rules.findRule("root");
    if (!root)
        return Error{ErrorCode::InvalidInput, "grammar: there is no rule 'root', which says what the whole answer is"};
    return build(std::move(rules), *root);
}

Result<std::shared_ptr<const Grammar>> Grammar::fromJsonSchema(std::string_view source) {
    GrammarRules rules;
    HEARTH_TRY(const GrammarRules::Rule root, readJsonSchema(source, rules));
    return build(std::move(rules), root);
}

Result<std::shared_ptr<const Grammar>> Grammar::after(std::string_view lead) const {
    GrammarRules rules = m_rules;
    rules.forgetNames();
    HEARTH_CHECK(parseGbnf(lead, rules));
    const auto first = rules.findRule("lead");
    if (!first)
        return Error{ErrorCode::InvalidInput, "grammar: there is no rule 'lead'"};
    const GrammarRules::Rule root = rules.anonymousRule();
    rules.define(root, rules.sequence({rules.call(*first), rules.call(m_root)}));
    return build(std::move(rules), root);
}

} // namespace hearth
