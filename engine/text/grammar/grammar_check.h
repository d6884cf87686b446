#pragma once

#include "engine/text/grammar/grammar_rules.h"
#include "kernels/base/result.h"

#include <vector>

namespace hearth {

/// What is known of each expression of a grammar. Both by node.
struct GrammarFacts {
    std::vector<bool> canEnd;     ///< some finite text matches
    std::vector<bool> canBeEmpty; ///< the empty text matches
};

/// Time and memory: linear in the grammar.
[[nodiscard]] GrammarFacts factsOf(const GrammarRules& rules);

/// Errors: InvalidInput that names a rule which calls itself before it has read anything, and the way it does.
[[nodiscard]] Status checkLeftRecursion(const GrammarRules& rules, const GrammarFacts& facts);

/// How a message calls a rule.
[[nodiscard]] std::string nameOfRule(const GrammarRules& rules, GrammarRules::Rule rule);

} // namespace hearth
