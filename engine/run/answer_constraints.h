#pragma once

#include "engine/run/engine.h"
#include "engine/text/grammar/grammar_constraint.h"
#include "kernels/base/result.h"

#include <memory>

namespace hearth {

/// Makes the constraints of answers with one tokenizer. The vocabulary's tree is built for the first one and kept; an
/// answer with the same grammar as the last one goes on with what was worked out for that. Thread: one.
class AnswerConstraints {
public:
    /// The tokenizer outlives this.
    explicit AnswerConstraints(const Tokenizer& tokenizer) : m_tokenizer(tokenizer) {}

    /// The constraint of a request, valid until the next call; null if it has none. Reasoning may come first, as the
    /// request's format says. Errors: GrammarConstraint's.
    [[nodiscard]] Result<TokenConstraint*> of(const GenerationRequest& request);

private:
    const Tokenizer& m_tokenizer;
    std::shared_ptr<const TokenTrie> m_trie;
    std::shared_ptr<const Grammar> m_grammar; ///< of m_constraint, without what may come before it
    std::string m_lead;                       ///< what may
    std::unique_ptr<GrammarConstraint> m_constraint;
};

} // namespace hearth
