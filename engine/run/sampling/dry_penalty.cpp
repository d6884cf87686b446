#include "engine/run/sampling/dry_penalty.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace hearth {

DryPenalty::DryPenalty(Settings settings, const Tokenizer& tokenizer)
    : m_settings(std::move(settings)), m_tokenizer(tokenizer) {
    for (const std::string& breaker : m_settings.breakers)
        m_longestBreaker = std::max(m_longestBreaker, breaker.size());
    if (!active())
        return;
    m_tokenLength.resize(static_cast<std::size_t>(tokenizer.vocabularySize()));
    m_touched.reserve(m_tokenLength.size());
}

// Whether a breaker ends within the bytes just added, also one that began in earlier tokens.
bool DryPenalty::completesBreaker(std::string_view added) {
    const std::size_t before = m_tail.size();
    m_tail += added;
    const bool found =
        std::any_of(m_settings.breakers.begin(), m_settings.breakers.end(), [&](const std::string& breaker) {
            const std::size_t start = before >= breaker.size() ? before - breaker.size() + 1 : 0;
            return m_tail.find(breaker, start) != std::string::npos;
        });
    if (m_tail.size() >= m_longestBreaker)
        m_tail.erase(0, m_tail.size() - m_longestBreaker + 1);
    return found;
}

void DryPenalty::accept(TokenId token) {
    if (!active())
        return;
    ++m_sinceBreaker;
    if (m_longestBreaker > 0 && completesBreaker(m_tokenizer.tokenBytes(token)))
        m_sinceBreaker = 0;
}

// The Z algorithm on the history read backwards: m_lengths[i] is how many tokens before position size - i equal those
// at the end, at most `longest`.
void DryPenalty::measureRepetitions(std::span<const TokenId> history, std::int32_t longest) {
    const auto size = static_cast<std::int32_t>(history.size());
    const auto backwards = [&](std::int32_t index) { return history[static_cast<std::size_t>(size - 1 - index)]; };
    m_lengths.resize(history.size());
    std::int32_t left = 0;
    std::int32_t right = 0; // [left, right) is the match seen that reaches farthest
    for (std::int32_t index = 1; index < size; ++index) {
        std::int32_t length = 0;
        if (index < right)
            length = std::min(m_lengths[static_cast<std::size_t>(index - left)], right - index);
        while (index + length < size && length < longest && backwards(length) == backwards(index + length))
            ++length;
        m_lengths[static_cast<std::size_t>(index)] = length;
        if (index + length > right) {
            left = index;
            right = index + length;
        }
    }
}

float DryPenalty::penaltyOf(std::int32_t length) const {
    constexpr double kEnough = 1e30; // beyond any logit
    double penalty = m_settings.multiplier;
    for (std::int32_t power = m_settings.allowedLength; power < length && penalty < kEnough; ++power) {
        if (m_settings.base == 1.0F)
            break;
        penalty *= m_settings.base;
    }
    return static_cast<float>(std::min(penalty, kEnough));
}

void DryPenalty::apply(std::span<const TokenId> history, std::span<float> logits) {
    if (!active() || history.size() <= static_cast<std::size_t>(m_settings.allowedLength)
        || m_sinceBreaker < m_settings.allowedLength)
        return;
    measureRepetitions(history, m_sinceBreaker);
    for (std::size_t index = 1; index < history.size(); ++index) {
        const TokenId next = history[history.size() - index]; // what followed the repetition
        const std::int32_t length = m_lengths[index];
        if (length < m_settings.allowedLength || static_cast<std::size_t>(next) >= m_tokenLength.size())
            continue;
        std::int32_t& known = m_tokenLength[static_cast<std::size_t>(next)];
        if (known == 0)
            m_touched.push_back(next);
        known = std::max(known, length);
    }
    for (const TokenId token : m_touched) {
        const std::int32_t length = std::exchange(m_tokenLength[static_cast<std::size_t>(token)], 0);
        if (static_cast<std::size_t>(token) < logits.size())
            logits[static_cast<std::size_t>(token)] -= penaltyOf(length);
    }
    m_touched.clear();
}

} // namespace hearth
