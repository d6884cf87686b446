#include "app/engine_service/token_ring.h"

#include <utility>

namespace hearth {

bool TokenRing::write(std::string_view text, int generatedTokens, std::stop_token stop) {
    std::unique_lock lock(m_mutex);
    const bool room = m_taken.wait(lock, stop, [this, text] {
        return m_content.text.empty() || m_content.text.size() + text.size() <= kCapacityBytes;
    });
    if (!room)
        return false;
    m_content.text += text;
    m_content.generatedTokens = generatedTokens;
    return true;
}

TokenRing::Content TokenRing::take() {
    Content content;
    {
        const std::lock_guard lock(m_mutex);
        content.generatedTokens = m_content.generatedTokens;
        content.text = std::exchange(m_content.text, {});
    }
    m_taken.notify_all();
    return content;
}

} // namespace hearth
