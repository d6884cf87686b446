#pragma once

#include "engine/run/decoder.h"
#include "engine/run/speculation/draft_chooser.h"

namespace hearth {

/// Guesses by the model's own head for multi-token prediction, which goes on from its last guess for the next one.
class HeadDrafter final : public Drafter {
public:
    /// The decoder can predict (see canPredict()) and outlives this; its sequence is the text without its last token.
    explicit HeadDrafter(Decoder& decoder) : m_decoder(decoder) {}

    void begin(const SamplerSettings& settings, const Sampler& sampler) override { m_chooser.begin(settings, sampler); }
    [[nodiscard]] Status start(std::span<const TokenId> text, std::stop_token stop) override;
    [[nodiscard]] Result<std::optional<Guess>> next(std::stop_token stop) override;

private:
    Decoder& m_decoder;
    DraftChooser m_chooser;
    TokenId m_last = 0;
    std::int32_t m_ahead = 0;
};

} // namespace hearth
