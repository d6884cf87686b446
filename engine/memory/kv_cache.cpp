#include "engine/memory/kv_cache.h"

#include "kernels/base/assert.h"

#include <algorithm>
#include <string>

namespace hearth {

KvCache::KvCache(CachePool& pool)
    : m_pool(pool), m_pages(static_cast<std::size_t>(pool.pageCount(0))),
      m_states(static_cast<std::size_t>(std::max(0, pool.stateSlotCount() - 1))) {}

std::int32_t KvCache::open(std::span<const std::int32_t> tokens, Reuse reuse) {
    close();
    ++m_clock;
    if (reuse == Reuse::Yes && m_pool.stateSlotCount() > 0)
        takeSharedWithState(tokens);
    else if (reuse == Reuse::Yes)
        takeShared(tokens, static_cast<std::int32_t>(tokens.size()) - 1);
    if (m_pool.stateSlotCount() > 0)
        m_tokens.assign(tokens.begin(), tokens.begin() + m_length);
    return m_length;
}

void KvCache::takeSharedWithState(std::span<const std::int32_t> tokens) {
    std::vector<std::size_t> fitting;
    for (std::size_t index = 0; index < m_states.size(); ++index) {
        const std::vector<std::int32_t>& kept = m_states[index].tokens;
        if (!kept.empty() && kept.size() < tokens.size() && std::equal(kept.begin(), kept.end(), tokens.begin()))
            fitting.push_back(index);
    }
    std::ranges::sort(
        fitting, [&](std::size_t a, std::size_t b) { return m_states[a].tokens.size() > m_states[b].tokens.size(); });
    for (const std::size_t index : fitting) {
        const auto length = static_cast<std::int32_t>(m_states[index].tokens.size());
        takeShared(tokens, length);
        if (m_length == length) {
            m_states[index].lastUse = m_clock;
            m_pool.copyState(static_cast<std::int32_t>(index) + 1, 0);
            return;
        }
        close(); // its pages have made room for others
    }
}

void KvCache::keepState() {
    if (m_states.empty() || m_length == 0)
        return;
    const auto known = std::ranges::find(m_states, m_tokens, &KeptState::tokens);
    const auto place = known != m_states.end() ? known : std::ranges::min_element(m_states, {}, &KeptState::lastUse);
    m_pool.copyState(0, static_cast<std::int32_t>(place - m_states.begin()) + 1);
    *place = {m_tokens, m_clock};
}

void KvCache::takeShared(std::span<const std::int32_t> tokens, std::int32_t most) {
    std::int32_t parent = kNoPage;
    while (m_length < most) {
        const auto wanted = tokens.subspan(static_cast<std::size_t>(m_length),
                                           static_cast<std::size_t>(std::min(most - m_length, kPageTokens)));
        const Match match = longestMatch(parent, wanted);
        if (match.tokens == 0)
            break;
        const auto held = static_cast<std::int32_t>(m_pages[static_cast<std::size_t>(match.page)].tokens.size());
        if (match.tokens == held) {
            append(match.page);
            m_length += held;
            parent = match.page;
            if (held < kPageTokens)
                break;
            continue;
        }
        // The page goes on with other tokens: another sequence's. Its beginning is copied, the page stays as it is.
        m_pages[static_cast<std::size_t>(match.page)].isOpen = true;
        const std::int32_t copy = takePage();
        m_pages[static_cast<std::size_t>(match.page)].isOpen = false;
        if (copy == kNoPage)
            break;
        m_pool.copyPage(0, match.page, copy);
        Page& page = m_pages[static_cast<std::size_t>(copy)];
        page.parent = parent;
        page.tokens.assign(wanted.begin(), wanted.begin() + match.tokens);
        append(copy);
        m_length += match.tokens;
        break;
    }
}

Status KvCache::reserve(std::int32_t count) {
    const std::int32_t needed = (m_length + count + kPageTokens - 1) / kPageTokens;
    while (static_cast<std::int32_t>(m_table.size()) < needed) {
        const std::int32_t page = takePage();
        if (page == kNoPage)
            return Error{ErrorCode::OutOfMemory, "the context cache has " + std::to_string(m_pages.size())
                                                     + " pages of " + std::to_string(kPageTokens)
                                                     + " tokens, and this text needs " + std::to_string(needed)};
        m_pages[static_cast<std::size_t>(page)].parent = m_table.empty() ? kNoPage : m_table.back();
        append(page);
    }
    return {};
}

void KvCache::commit(std::span<const std::int32_t> tokens) {
    for (const std::int32_t token : tokens) {
        const auto logical = static_cast<std::size_t>(m_length / kPageTokens);
        HEARTH_ASSERT(logical < m_table.size());
        m_pages[static_cast<std::size_t>(m_table[logical])].tokens.push_back(token);
        ++m_length;
    }
    if (m_pool.stateSlotCount() > 0)
        m_tokens.insert(m_tokens.end(), tokens.begin(), tokens.end());
}

void KvCache::clear() {
    close();
    std::fill(m_pages.begin(), m_pages.end(), Page{});
    std::fill(m_states.begin(), m_states.end(), KeptState{});
}

void KvCache::close() {
    for (const std::int32_t index : m_table) {
        Page& page = m_pages[static_cast<std::size_t>(index)];
        page.isOpen = false;
        if (page.tokens.empty())
            page = Page{};
    }
    m_table.clear();
    m_tokens.clear();
    m_length = 0;
}

KvCache::Match KvCache::longestMatch(std::int32_t parent, std::span<const std::int32_t> tokens) const {
    Match best;
    for (std::size_t index = 0; index < m_pages.size(); ++index) {
        const Page& page = m_pages[index];
        if (!page.inUse || page.parent != parent)
            continue;
        const auto end = std::mismatch(page.tokens.begin(), page.tokens.end(), tokens.begin(), tokens.end()).first;
        const auto length = static_cast<std::int32_t>(end - page.tokens.begin());
        // Among equals the page that ends there is taken: it needs no copy.
        const bool endsThere = length == static_cast<std::int32_t>(page.tokens.size());
        if (length > best.tokens || (length == best.tokens && length > 0 && endsThere))
            best = {static_cast<std::int32_t>(index), length};
    }
    return best;
}

std::int32_t KvCache::takePage() {
    std::vector<bool> hasChildren(m_pages.size(), false);
    for (const Page& page : m_pages)
        if (page.inUse && page.parent != kNoPage)
            hasChildren[static_cast<std::size_t>(page.parent)] = true;

    std::int32_t oldest = kNoPage;
    for (std::size_t index = 0; index < m_pages.size(); ++index) {
        const Page& page = m_pages[index];
        if (!page.inUse)
            return static_cast<std::int32_t>(index);
        if (page.isOpen || hasChildren[index])
            continue;
        if (oldest == kNoPage || page.lastUse < m_pages[static_cast<std::size_t>(oldest)].lastUse)
            oldest = static_cast<std::int32_t>(index);
    }
    if (oldest != kNoPage)
        m_pages[static_cast<std::size_t>(oldest)] = Page{};
    return oldest;
}

void KvCache::append(std::int32_t page) {
    Page& entry = m_pages[static_cast<std::size_t>(page)];
    entry.inUse = true;
    entry.tokens.reserve(kPageTokens);
    entry.isOpen = true;
    entry.lastUse = m_clock;
    m_table.push_back(page);
}

} // namespace hearth
