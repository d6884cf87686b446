#pragma once

#include "engine/text/grammar/grammar.h"
#include "engine/text/grammar/grammar_states.h"
#include "engine/text/grammar/token_trie.h"
#include "engine/text/token_constraint.h"
#include "kernels/base/result.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace hearth {

/// Keeps an answer within a grammar. What may come in a state is found by walking the vocabulary's tree with the
/// grammar's machine, and kept for the next time the state comes: a few milliseconds for a new state of a large
/// vocabulary, a copy for a known one. Memory is bounded by kMostBytes: beyond it, what was kept is forgotten.
/// Thread: one.
class GrammarConstraint final : public TokenConstraint {
public:
    /// The tokenizer outlives this; `trie` is made of it.
    /// Errors: InvalidInput if a token of the grammar is not in the vocabulary, or if no token can begin the answer.
    [[nodiscard]] static Result<std::unique_ptr<GrammarConstraint>>
    create(std::shared_ptr<const Grammar> grammar, const Tokenizer& tokenizer, std::shared_ptr<const TokenTrie> trie);

    /// For another answer; what was worked out stays.
    void restart();

    [[nodiscard]] bool allows(TokenId token) override;
    void restrict(std::span<float> logits) override;
    void accept(TokenId token) override;
    void rewind(std::size_t count) override;
    [[nodiscard]] bool isComplete() const override { return m_states.isComplete(m_history.back()); }
    /// The answer may end here.
    [[nodiscard]] bool allowsEnd() const { return m_states.mayEnd(m_history.back()); }
    [[nodiscard]] const std::optional<Error>& failure() const override { return m_failure; }

    static constexpr std::size_t kMostBytes = std::size_t{64} << 20;

private:
    using State = GrammarStates::State;
    using Mask = std::vector<std::uint64_t>; ///< one bit a token

    GrammarConstraint(std::shared_ptr<const Grammar> grammar, const Tokenizer& tokenizer,
                      std::shared_ptr<const TokenTrie> trie);
    [[nodiscard]] Status resolveTokens();
    [[nodiscard]] State after(State state, TokenId token);
    [[nodiscard]] const Mask& maskOf(State state);
    void walkTrie(State state, Mask& mask);
    [[nodiscard]] bool matches(std::uint32_t grammarToken, TokenId token) const;
    void boundMemory();
    void checkWork();

    std::shared_ptr<const Grammar> m_grammar;
    const Tokenizer& m_tokenizer;
    std::shared_ptr<const TokenTrie> m_trie;
    std::vector<TokenId> m_tokens; ///< ids of the grammar's tokens
    std::vector<TokenId> m_ends;   ///< tokens that end answers
    GrammarStates m_states;
    std::vector<State> m_history; ///< the last is where the answer is
    std::unordered_map<State, Mask> m_masks;
    std::vector<State> m_path; ///< of the walk
    std::optional<Error> m_failure;
};

} // namespace hearth
