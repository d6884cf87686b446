#include "engine/memory/kv_cache.h"

#include "kernels/base/assert.h"

#include <algorithm>
#include <string>

namespace hearth {

KvCache::KvCache(CachePool& pool) : m_pool(pool), m_pages(static_cast<std::size_t>(pool.pageCount())) {}

std::int32_t KvCache::open(std::span<const std::int32_t> tokens, Reuse reuse) {
    close();
    ++m_clock;
    const std::int32_t most = static_cast<std::int32_t>(tokens.size()) - 1;
    std::int32_t parent = kNoPage;
    while (reuse == Reuse::Yes && m_length < most) {
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
        m_pool.copyPage(match.page, copy);
        Page& page = m_pages[static_cast<std::size_t>(copy)];
        page.parent = parent;
        page.tokens.assign(wanted.begin(), wanted.begin() + match.tokens);
        append(copy);
        m_length += match.tokens;
        break;
    }
    return m_length;
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
}

void KvCache::clear() {
    close();
    std::fill(m_pages.begin(), m_pages.end(), Page{});
}

void KvCache::close() {
    for (const std::int32_t index : m_table) {
        Page& page = m_pages[static_cast<std::size_t>(index)];
        page.isOpen = false;
        if (page.tokens.empty())
            page = Page{};
    }
    m_table.clear();
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
