#include "engine/run/sampling/token_penalties.h"

#include <cstddef>

namespace hearth {

TokenPenalties::TokenPenalties(const Settings& settings, std::int32_t vocabularySize)
    : m_settings(settings),
      m_active(settings.window != 0
               && (settings.repetition != 1.0F || settings.frequency != 0.0F || settings.presence != 0.0F)) {
    if (!m_active)
        return;
    const auto size = static_cast<std::size_t>(vocabularySize);
    m_counts.resize(size);
    m_indices.resize(size);
    m_present.reserve(settings.window > 0 ? static_cast<std::size_t>(settings.window) : size);
}

void TokenPenalties::count(TokenId token) {
    const auto index = static_cast<std::size_t>(token);
    if (m_counts[index]++ > 0)
        return;
    m_indices[index] = static_cast<std::int32_t>(m_present.size());
    m_present.push_back(token);
}

void TokenPenalties::discount(TokenId token) {
    const auto index = static_cast<std::size_t>(token);
    if (--m_counts[index] > 0)
        return;
    const TokenId last = m_present.back();
    m_present[static_cast<std::size_t>(m_indices[index])] = last;
    m_indices[static_cast<std::size_t>(last)] = m_indices[index];
    m_present.pop_back();
}

void TokenPenalties::accept(std::span<const TokenId> history) {
    if (!m_active)
        return;
    const auto known = [this](TokenId token) { return static_cast<std::size_t>(token) < m_counts.size(); };
    if (known(history.back()))
        count(history.back());
    const auto window = static_cast<std::size_t>(m_settings.window);
    if (m_settings.window < 0 || history.size() <= window)
        return;
    const TokenId leaving = history[history.size() - 1 - window];
    if (known(leaving))
        discount(leaving);
}

void TokenPenalties::apply(std::span<float> logits) const {
    for (const TokenId token : m_present) {
        const auto index = static_cast<std::size_t>(token);
        if (index >= logits.size())
            continue;
        float& logit = logits[index];
        logit = logit > 0 ? logit / m_settings.repetition : logit * m_settings.repetition;
        logit -= static_cast<float>(m_counts[index]) * m_settings.frequency + m_settings.presence;
    }
}

} // namespace hearth
