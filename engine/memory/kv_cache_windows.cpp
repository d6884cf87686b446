#include "engine/memory/kv_cache.h"

#include <algorithm>

// The windowed page classes of a KvCache.

namespace hearth {

std::int32_t KvCache::firstNeeded(const WindowPages& windows) const {
    // A page more than is looked at: a prompt that is asked again goes on one token before its end.
    return std::max(0, oldestSlot(m_length, windows.window()) - kPageTokens) / kPageTokens;
}

bool KvCache::takeWindow(WindowPages& windows, std::int32_t page, std::int32_t other) {
    const auto first = std::min(static_cast<std::size_t>(firstNeeded(windows)), m_table.size());
    m_needed.assign(m_table.begin() + static_cast<std::ptrdiff_t>(first), m_table.end());
    if (other != kNoPage)
        m_needed.push_back(other);
    return windows.take(page, m_clock, m_needed).page != WindowPages::kNone;
}

void KvCache::keepWindows() {
    for (WindowPages& windows : m_windows)
        for (auto logical = static_cast<std::size_t>(firstNeeded(windows)); logical < m_table.size(); ++logical)
            if (!pageAt(m_table[logical]).tokens.empty())
                windows.keep(m_table[logical], m_clock);
}

void KvCache::refreshTables() {
    m_tableSpans.clear();
    for (std::size_t index = 0; index < m_windows.size(); ++index) {
        std::vector<std::int32_t>& table = m_windowTables[index];
        table.resize(m_table.size());
        std::ranges::transform(m_table, table.begin(), [&](std::int32_t page) { return m_windows[index].of(page); });
        m_tableSpans.emplace_back(table);
    }
}

bool KvCache::isWindowKept(std::int32_t pageClass, std::int32_t logical) const {
    const WindowPages& windows = m_windows[static_cast<std::size_t>(pageClass - 1)];
    const std::int32_t page = m_table[static_cast<std::size_t>(logical)];
    return windows.isKept(page) || (logical >= firstNeeded(windows) && windows.of(page) != WindowPages::kNone);
}

} // namespace hearth
