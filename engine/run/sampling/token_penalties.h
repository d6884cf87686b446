#pragma once

#include "engine/text/tokenizer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// Repetition, frequency and presence penalties on the tokens of a sliding window. Thread: one.
/// A token that occurs c > 0 times in the window: its logit x becomes x / r (or x * r if x <= 0), then
/// x - c * frequency - presence. Source: arXiv 1909.05858 section 4.1; OpenAI's API reference.
class TokenPenalties {
public:
    struct Settings {
        float repetition = 1.0F;
        float frequency = 0.0F;
        float presence = 0.0F;
        std::int32_t window = 64; ///< tokens; -1: all
    };

    TokenPenalties(const Settings& settings, std::int32_t vocabularySize);

    /// False if no setting changes anything.
    [[nodiscard]] bool active() const { return m_active; }
    /// `history` (all tokens so far) has just been given its last one.
    void accept(std::span<const TokenId> history);
    /// logits (vocabulary), changed in place. Time: the distinct tokens of the window.
    void apply(std::span<float> logits) const;

private:
    void count(TokenId token);
    void discount(TokenId token);

    Settings m_settings;
    bool m_active;
    std::vector<std::int32_t> m_counts;  ///< (vocabulary) occurrences in the window
    std::vector<std::int32_t> m_indices; ///< (vocabulary) place in m_present, if counted
    std::vector<TokenId> m_present;      ///< the distinct tokens of the window
};

} // namespace hearth
