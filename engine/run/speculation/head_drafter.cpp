#include "engine/run/speculation/head_drafter.h"

namespace hearth {

Status HeadDrafter::start(std::span<const TokenId> text, std::stop_token) {
    m_last = text.back();
    m_ahead = 0;
    m_chooser.restart();
    return {};
}

Result<std::optional<Guess>> HeadDrafter::next(std::stop_token stop) {
    if (m_decoder.cache().length() + m_ahead >= m_decoder.contextTokens())
        return std::optional<Guess>{};
    HEARTH_CHECK(m_decoder.predict(m_last, m_ahead, std::move(stop)));
    const Guess guess = m_chooser.choose(m_decoder.predictedLogits());
    m_last = guess.token;
    ++m_ahead;
    return std::optional<Guess>(guess);
}

} // namespace hearth
