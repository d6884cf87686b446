#pragma once

#include "engine/text/grammar/grammar_automaton.h"
#include "engine/text/grammar/grammar_rules.h"
#include "kernels/base/result.h"

#include <memory>
#include <string_view>

namespace hearth {

/// What an answer must be: a GBNF grammar, or the documents of a JSON schema. Immutable. Thread: any.
class Grammar {
public:
    /// `source`: rules in GBNF, of which `root` is the whole answer.
    /// Errors: InvalidInput with line and column: what cannot be parsed, rules that are missing, left-recursive or
    /// endless, a grammar that is too big.
    [[nodiscard]] static Result<std::shared_ptr<const Grammar>> fromGbnf(std::string_view source);
    /// `source`: a JSON schema; see json_schema.h for what it may hold. Every text of the grammar is a valid document.
    /// Errors: InvalidInput with the place in the schema (#/properties/…): what is wrong or cannot be enforced.
    [[nodiscard]] static Result<std::shared_ptr<const Grammar>> fromJsonSchema(std::string_view source);

    /// The same after what a GBNF rule `lead` allows: reasoning before the answer.
    [[nodiscard]] Result<std::shared_ptr<const Grammar>> after(std::string_view lead) const;

    [[nodiscard]] const GrammarAutomaton& automaton() const { return m_automaton; }

private:
    Grammar(GrammarRules rules, GrammarRules::Rule root, GrammarAutomaton automaton);
    [[nodiscard]] static Result<std::shared_ptr<const Grammar>> build(GrammarRules rules, GrammarRules::Rule root);

    GrammarRules m_rules;
    GrammarRules::Rule m_root;
    GrammarAutomaton m_automaton;
};

} // namespace hearth
