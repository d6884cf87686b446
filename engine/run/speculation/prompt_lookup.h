#pragma once

#include "engine/run/speculation/drafter.h"

#include <cstddef>
#include <vector>

namespace hearth {

/// Guesses that a text goes on as it did before: finds the last tokens further up, at least two of them and as many as
/// agree, and reads on from there. Answers that quote, list or edit repeat their prompt for long stretches.
/// Source: the idea is that of "prompt lookup decoding" (github.com/apoorvumang/prompt-lookup-decoding).
class PromptLookup final : public Drafter {
public:
    PromptLookup();

    void begin(const SamplerSettings& settings, const Sampler& sampler) override;
    [[nodiscard]] Status start(std::span<const TokenId> text, std::stop_token stop) override;
    [[nodiscard]] Result<std::optional<Guess>> next(std::stop_token stop) override;

private:
    void index(std::span<const TokenId> text);
    [[nodiscard]] std::size_t slotOf(TokenId first, TokenId second) const;

    std::vector<std::int32_t> m_latest;   ///< by hash of two tokens: where the second of them stood last; -1: nowhere
    std::vector<std::int32_t> m_previous; ///< (text) the place before with the same hash; -1: none
    std::span<const TokenId> m_text;      ///< of the last start(), until next() is no longer called
    std::vector<TokenId> m_guesses;
    std::int32_t m_source = -1; ///< place of the last token's twin; -1: none
    std::int32_t m_confidence = 0;
};

} // namespace hearth
