#pragma once

#include "engine/text/grammar/grammar_rules.h"
#include "kernels/base/result.h"

#include <string_view>

namespace hearth {

/// Reads a grammar in GBNF into `rules`: rules `name ::= …` with "text", [sets], [^sets], `.`, ( ), |, ?, *, +, {m},
/// {m,}, {m,n}, {,n}, names of rules, <token>, <[id]>, !<token>, and comments from # to the end of the line.
/// Every rule that is used is defined afterwards.
/// Errors: InvalidInput with line, column and what was expected there. Source: the GBNF guide of llama.cpp.
[[nodiscard]] Status parseGbnf(std::string_view source, GrammarRules& rules);

} // namespace hearth
