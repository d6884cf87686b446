#include "app/engine_service/token_ring.h"

#include <utility>

namespace hearth {

bool TokenRing::write(AnswerPart part, std::string_view text, int generatedTokens, std::stop_token stop) {
    std::unique_lock lock(m_mutex);
    const bool room = m_taken.wait(lock, stop, [this, text] {
        const std::size_t held = m_content.text.size() + m_content.reasoning.size();
        return held == 0 || held + text.size() <= kCapacityBytes;
    });
    if (!room)
        return false;
    (part == AnswerPart::Text ? m_content.text : m_content.reasoning) += text;
    m_content.generatedTokens = generatedTokens;
    return true;
}

TokenRing::Content TokenRing::take() {
    Content content;
    {
        const std::lock_guard lock(m_mutex);
        content.generatedTokens = m_content.generatedTokens;
        content.text = std::exchange(m_content.text, {});
        content.reasoning = std::exchange(m_content.reasoning, {});
    }
    m_taken.notify_all();
    return content;
}

} // namespace hearth
