#include "engine/run/decoder.h"
#include "kernels/base/assert.h"

#include <algorithm>
#include <numeric>
#include <string>

// Tokens that are only guesses: computed into slots behind the sequence, which nothing reads until they are kept.

namespace hearth {

Status Decoder::tryTokens(std::span<const TokenId> tokens, std::stop_token stop) {
    const auto count = static_cast<std::int32_t>(tokens.size());
    const std::int32_t first = m_cache.length() + static_cast<std::int32_t>(m_tried.size());
    if (count < 1 || count > tryRows() || count > m_options.contextTokens - first)
        return Error{ErrorCode::InvalidInput, "cannot try " + std::to_string(count) + " tokens at place "
                                                  + std::to_string(first) + " of " + std::to_string(contextTokens())
                                                  + "; at most " + std::to_string(tryRows()) + " go at once"};
    HEARTH_ASSERT(m_tried.empty() || !canPredict()); // its head reads what the last step computed
    if (m_tried.empty()) {
        m_cache.markState();
        if (canPredict())
            keepLastState();
    }
    m_shownRows.resize(tokens.size());
    std::iota(m_shownRows.begin(), m_shownRows.end(), 0);
    const Status status = runRows(m_decode, {tokens}, first, m_shownRows, std::move(stop));
    if (!status)
        dropTried();
    HEARTH_CHECK(status);
    m_tried.insert(m_tried.end(), tokens.begin(), tokens.end());
    return {};
}

std::span<const float> Decoder::triedLogits(std::int32_t row) const {
    const auto vocabulary = static_cast<std::size_t>(m_spec.vocabulary);
    return logits().subspan(static_cast<std::size_t>(row) * vocabulary, vocabulary);
}

Status Decoder::keepTried(std::int32_t count, std::stop_token stop) {
    HEARTH_ASSERT(count >= (canPredict() ? 1 : 0) && count <= static_cast<std::int32_t>(m_tried.size()));
    const auto kept = std::span<const TokenId>(m_tried).first(static_cast<std::size_t>(count));
    if (kept.size() < m_tried.size() && m_cache.hasStates()) {
        m_cache.goBackToMark();
        for (std::size_t done = 0; done < kept.size();) {
            const std::size_t rows = std::min(kept.size() - done, static_cast<std::size_t>(tryRows()));
            const std::int32_t first = m_cache.length() + static_cast<std::int32_t>(done);
            const Status status = runRows(m_decode, {kept.subspan(done, rows)}, first, {}, stop);
            if (!status)
                dropTried();
            HEARTH_CHECK(status);
            done += rows;
        }
    }
    m_cache.commit(kept);
    const Status status = canPredict() ? followWithHead(kept, std::move(stop)) : Status{};
    m_tried.clear();
    return status;
}

void Decoder::dropTried() {
    m_cache.goBackToMark();
    m_tried.clear();
    forgetResults();
}

} // namespace hearth
