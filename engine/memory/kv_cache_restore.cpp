#include "engine/memory/kv_cache.h"

#include <algorithm>

// What saving and restoring a sequence needs of a KvCache.

namespace hearth {

std::vector<std::int32_t> KvCache::tokens() const {
    std::vector<std::int32_t> all;
    all.reserve(static_cast<std::size_t>(m_length));
    for (const std::int32_t page : m_table)
        all.insert(all.end(), pageAt(page).tokens.begin(), pageAt(page).tokens.end());
    return all;
}

std::vector<KvCache::StateCopy> KvCache::stateCopies() const {
    std::vector<StateCopy> copies;
    for (std::size_t index = 0; index < m_states.size(); ++index) {
        const std::vector<std::int32_t>& kept = m_states[index].tokens;
        if (!kept.empty() && kept.size() <= m_tokens.size() && std::equal(kept.begin(), kept.end(), m_tokens.begin()))
            copies.push_back({static_cast<std::int32_t>(kept.size()), static_cast<std::int32_t>(index) + 1});
    }
    std::ranges::sort(copies, std::ranges::greater{}, &StateCopy::tokens);
    return copies;
}

std::int32_t KvCache::restore(std::span<const std::int32_t> tokens, PageSource& source) {
    close();
    ++m_clock;
    const auto count = static_cast<std::int32_t>(tokens.size());
    for (std::int32_t logical = 0; logical * kPageTokens < count; ++logical) {
        const auto held = tokens.subspan(static_cast<std::size_t>(m_length),
                                         static_cast<std::size_t>(std::min(count - m_length, kPageTokens)));
        if (!appendRestored(logical, held, source))
            break;
        m_length += static_cast<std::int32_t>(held.size());
    }
    refreshTables();
    if (m_pool.stateSlotCount() > 0)
        m_tokens.assign(tokens.begin(), tokens.begin() + m_length);
    return m_length;
}

bool KvCache::appendRestored(std::int32_t logical, std::span<const std::int32_t> tokens, PageSource& source) {
    const std::int32_t parent = m_table.empty() ? kNoPage : m_table.back();
    const auto known = std::ranges::find_if(m_pages, [&](const Page& page) {
        return page.inUse && page.parent == parent && std::ranges::equal(page.tokens, tokens);
    });
    auto page = static_cast<std::int32_t>(known - m_pages.begin());
    if (known == m_pages.end()) {
        page = source.has(0, logical) ? takePage() : kNoPage;
        if (page == kNoPage || !source.fill(0, logical, page))
            return false;
        setParent(page, parent);
        pageAt(page).tokens.assign(tokens.begin(), tokens.end());
    }
    append(page);
    for (std::size_t index = 0; index < m_windows.size(); ++index) {
        WindowPages& windows = m_windows[index];
        const auto pageClass = static_cast<std::int32_t>(index) + 1;
        if (windows.of(page) != WindowPages::kNone || !source.has(pageClass, logical) || !takeWindow(windows, page))
            continue;
        if (source.fill(pageClass, logical, windows.of(page)))
            windows.keep(page, m_clock);
        else
            windows.release(page);
    }
    return true;
}

std::int32_t KvCache::takeStateSlot(std::int32_t count) {
    const auto place = std::ranges::min_element(m_states, {}, &KeptState::lastUse);
    *place = {{m_tokens.begin(), m_tokens.begin() + count}, m_clock};
    return static_cast<std::int32_t>(place - m_states.begin()) + 1;
}

void KvCache::dropState(std::int32_t slot) {
    m_states[static_cast<std::size_t>(slot - 1)] = {};
}

} // namespace hearth
