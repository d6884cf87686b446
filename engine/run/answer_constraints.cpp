#include "engine/run/answer_constraints.h"

namespace hearth {

Result<TokenConstraint*> AnswerConstraints::of(const GenerationRequest& request) {
    if (request.grammar == nullptr)
        return static_cast<TokenConstraint*>(nullptr);
    std::string lead;
    if (request.answerStart != AnswerStart::InText)
        lead = leadGrammar(request.answerFormat, request.answerStart, m_tokenizer);
    if (m_constraint != nullptr && request.grammar == m_grammar && lead == m_lead) {
        m_constraint->restart();
        return static_cast<TokenConstraint*>(m_constraint.get());
    }
    if (m_trie == nullptr)
        m_trie = std::make_shared<const TokenTrie>(m_tokenizer);
    std::shared_ptr<const Grammar> whole = request.grammar;
    if (!lead.empty()) {
        HEARTH_TRY(whole, whole->after(lead));
    }
    m_constraint.reset();
    HEARTH_TRY(m_constraint, GrammarConstraint::create(std::move(whole), m_tokenizer, m_trie));
    m_grammar = request.grammar;
    m_lead = std::move(lead);
    return static_cast<TokenConstraint*>(m_constraint.get());
}

} // namespace hearth
