#pragma once

#include "engine/text/tokenizer.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hearth {

/// DRY ("don't repeat yourself"): a token that would prolong a repetition of what stands at the end of the text loses
/// multiplier * base^(length - allowedLength), where length is how many tokens before it repeat, if that is at least
/// allowedLength. Repetitions do not reach across a breaker. Thread: one.
/// Source: github.com/oobabooga/text-generation-webui pull request 5677 (p-e-w).
class DryPenalty {
public:
    struct Settings {
        float multiplier = 0.0F;
        float base = 1.75F;
        std::int32_t allowedLength = 2;
        std::vector<std::string> breakers;
    };

    /// The tokenizer must outlive this.
    DryPenalty(Settings settings, const Tokenizer& tokenizer);

    /// False if the multiplier is 0.
    [[nodiscard]] bool active() const { return m_settings.multiplier > 0; }
    void accept(TokenId token);
    /// logits (vocabulary), changed in place; `history`: all tokens that were accepted. Time: linear in the history.
    void apply(std::span<const TokenId> history, std::span<float> logits);

private:
    [[nodiscard]] bool completesBreaker(std::string_view added);
    [[nodiscard]] float penaltyOf(std::int32_t length) const;
    void measureRepetitions(std::span<const TokenId> history, std::int32_t longest);

    Settings m_settings;
    const Tokenizer& m_tokenizer;
    std::size_t m_longestBreaker = 0;
    std::string m_tail;                      ///< the text's last bytes, one less than the longest breaker
    std::int32_t m_sinceBreaker = 0;         ///< tokens after the last breaker
    std::vector<std::int32_t> m_lengths;     ///< (history) repetition that ends so many tokens before the end
    std::vector<std::int32_t> m_tokenLength; ///< (vocabulary) longest repetition that the token would prolong
    std::vector<TokenId> m_touched;          ///< tokens with an entry in m_tokenLength
};

} // namespace hearth
