#include "engine/text/grammar/grammar_constraint.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace hearth {

namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

void setBit(std::vector<std::uint64_t>& mask, TokenId token) {
    mask[static_cast<std::size_t>(token) / 64] |= std::uint64_t{1} << (static_cast<std::size_t>(token) % 64);
}

} // namespace

GrammarConstraint::GrammarConstraint(std::shared_ptr<const Grammar> grammar, const Tokenizer& tokenizer,
                                     std::shared_ptr<const TokenTrie> trie)
    : m_grammar(std::move(grammar)), m_tokenizer(tokenizer), m_trie(std::move(trie)), m_states(m_grammar->automaton()) {
    for (TokenId id = 0; id < m_trie->vocabularySize(); ++id)
        if (m_tokenizer.endsGeneration(id))
            m_ends.push_back(id);
    m_path.resize(m_trie->longestBytes() + 1);
    m_history.push_back(m_states.start());
}

Result<std::unique_ptr<GrammarConstraint>> GrammarConstraint::create(std::shared_ptr<const Grammar> grammar,
                                                                     const Tokenizer& tokenizer,
                                                                     std::shared_ptr<const TokenTrie> trie) {
    std::unique_ptr<GrammarConstraint> constraint(
        new GrammarConstraint(std::move(grammar), tokenizer, std::move(trie)));
    HEARTH_CHECK(constraint->resolveTokens());
    // A grammar that is hopeless shows it here, before a prompt is read for it.
    const Mask& first = constraint->maskOf(constraint->m_history.back());
    const bool any = std::any_of(first.begin(), first.end(), [](std::uint64_t bits) { return bits != 0; });
    if (!any && !constraint->m_failure && !constraint->isComplete())
        return Error{ErrorCode::InvalidInput, "grammar: no token of this model can begin the answer"};
    if (constraint->m_failure)
        return *constraint->m_failure;
    return constraint;
}

Status GrammarConstraint::resolveTokens() {
    for (const GrammarToken& token : m_grammar->automaton().tokens()) {
        const std::optional<TokenId> id = token.id ? token.id : m_tokenizer.findToken(token.text);
        if (!id)
            return Error{ErrorCode::InvalidInput, "grammar: " + token.place + ": this model has no token '" + token.text
                                                      + "'; to match these characters write them in quotation marks"};
        if (*id >= m_trie->vocabularySize())
            return Error{ErrorCode::InvalidInput, "grammar: " + token.place + ": token " + std::to_string(*id)
                                                      + " of a vocabulary that ends at "
                                                      + std::to_string(m_trie->vocabularySize())};
        m_tokens.push_back(*id);
    }
    return {};
}

bool GrammarConstraint::matches(std::uint32_t grammarToken, TokenId token) const {
    return (m_tokens[grammarToken] == token) != m_grammar->automaton().tokens()[grammarToken].negated;
}

void GrammarConstraint::restart() {
    m_history.assign(1, m_states.start());
    if (!m_states.exhausted())
        m_failure.reset();
}

GrammarConstraint::State GrammarConstraint::after(State state, TokenId token) {
    const std::string bytes = m_tokenizer.tokenBytes(token);
    State next = bytes.empty() ? GrammarStates::kDead : m_states.stepAll(state, bytes);
    for (const auto& [grammarToken, target] : m_states.tokens(state))
        if (matches(grammarToken, token))
            next = m_states.unite(next, target);
    return next;
}

bool GrammarConstraint::allows(TokenId token) {
    if (token < 0 || token >= m_trie->vocabularySize())
        return false;
    const State state = m_history.back();
    if (m_tokenizer.endsGeneration(token))
        return m_states.mayEnd(state);
    if (const auto known = m_masks.find(state); known != m_masks.end())
        return (known->second[static_cast<std::size_t>(token) / 64] >> (static_cast<std::size_t>(token) % 64) & 1) != 0;
    const bool allowed = after(state, token) != GrammarStates::kDead;
    checkWork();
    return allowed && !m_failure;
}

void GrammarConstraint::walkTrie(State state, Mask& mask) {
    const std::vector<TokenTrie::Node>& nodes = m_trie->nodes();
    m_path[0] = state;
    for (std::size_t index = 0; index < nodes.size();) {
        const TokenTrie::Node& node = nodes[index];
        const State next = m_states.step(m_path[node.depth - 1U], node.byte);
        if (next == GrammarStates::kDead) {
            index = node.behind;
            continue;
        }
        m_path[node.depth] = next;
        for (const TokenId token : m_trie->tokensAt(index))
            setBit(mask, token);
        ++index;
    }
}

const GrammarConstraint::Mask& GrammarConstraint::maskOf(State state) {
    const auto [found, isNew] = m_masks.try_emplace(state);
    Mask& mask = found->second;
    if (!isNew)
        return mask;
    mask.resize((static_cast<std::size_t>(m_trie->vocabularySize()) + 63) / 64);
    walkTrie(state, mask);
    for (const auto& [grammarToken, target] : m_states.tokens(state)) {
        if (target == GrammarStates::kDead)
            continue;
        if (!m_grammar->automaton().tokens()[grammarToken].negated) {
            setBit(mask, m_tokens[grammarToken]);
            continue;
        }
        for (TokenId token = 0; token < m_trie->vocabularySize(); ++token)
            if (token != m_tokens[grammarToken] && !m_tokenizer.endsGeneration(token))
                setBit(mask, token);
    }
    if (m_states.mayEnd(state))
        for (const TokenId token : m_ends)
            setBit(mask, token);
    checkWork();
    return mask;
}

void GrammarConstraint::restrict(std::span<float> logits) {
    boundMemory();
    const Mask& mask = maskOf(m_history.back());
    bool any = false;
    for (std::size_t word = 0; word * 64 < logits.size(); ++word) {
        const std::uint64_t bits = word < mask.size() ? mask[word] : 0;
        const std::size_t end = std::min(logits.size(), word * 64 + 64);
        any |= bits != 0;
        if (bits == ~std::uint64_t{0})
            continue;
        for (std::size_t token = word * 64; token < end; ++token)
            if ((bits >> (token % 64) & 1) == 0)
                logits[token] = kNever;
    }
    if (!any && !m_failure)
        m_failure = Error{ErrorCode::Unsupported,
                          "the grammar cannot go on here: no token of this model is text that may follow"};
}

void GrammarConstraint::accept(TokenId token) {
    if (m_tokenizer.endsGeneration(token))
        return;
    const State next = after(m_history.back(), token);
    checkWork();
    if (next == GrammarStates::kDead && !m_failure)
        m_failure = Error{ErrorCode::Internal,
                          "token " + std::to_string(token) + " was drawn, which the grammar does not allow here"};
    m_history.push_back(next);
    if (m_history.size() > 2 * kMostRewind)
        m_history.erase(m_history.begin(), m_history.end() - static_cast<std::ptrdiff_t>(kMostRewind + 1));
    boundMemory();
}

void GrammarConstraint::rewind(std::size_t count) {
    HEARTH_ASSERT(count <= kMostRewind && count < m_history.size());
    m_history.resize(m_history.size() - count);
    m_failure.reset();
}

void GrammarConstraint::checkWork() {
    (void)m_states.takeWork();
    if (m_states.exhausted() && !m_failure)
        m_failure =
            Error{ErrorCode::InvalidInput, "the grammar is too ambiguous: after " + std::to_string(m_history.size() - 1)
                                               + " tokens there are too many ways to read the answer"};
}

void GrammarConstraint::boundMemory() {
    const std::size_t maskBytes = m_masks.size() * (static_cast<std::size_t>(m_trie->vocabularySize()) / 8 + 64);
    if (m_states.sizeBytes() + maskBytes <= kMostBytes)
        return;
    m_masks.clear();
    m_states.compact(m_history);
}

} // namespace hearth
