#include "engine/memory/kv_cache.h"

#include "kernels/base/assert.h"

#include <algorithm>
#include <string>

namespace hearth {

KvCache::KvCache(CachePool& pool, std::span<const std::int32_t> windows)
    : m_pool(pool), m_pages(static_cast<std::size_t>(pool.pageCount(0))),
      m_states(static_cast<std::size_t>(std::max(0, pool.stateSlotCount() - 2))) {
    m_table.reserve(m_pages.size());
    m_needed.reserve(m_pages.size() + 1);
    for (const std::int32_t window : windows) {
        const auto pageClass = static_cast<std::int32_t>(m_windows.size()) + 1;
        m_windows.emplace_back(window, pool.pageCount(pageClass), pool.pageCount(0));
        m_windowTables.emplace_back().reserve(m_pages.size());
    }
    refreshTables();
}

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
    if (m_length == 0)
        return;
    keepWindows();
    if (m_states.empty() || m_stateIsLost)
        return;
    const auto known = std::ranges::find(m_states, m_tokens, &KeptState::tokens);
    const auto place = known != m_states.end() ? known : std::ranges::min_element(m_states, {}, &KeptState::lastUse);
    m_pool.copyState(0, static_cast<std::int32_t>(place - m_states.begin()) + 1);
    *place = {m_tokens, m_clock};
}

void KvCache::markState() {
    if (hasStates())
        m_pool.copyState(0, m_pool.stateSlotCount() - 1);
}

void KvCache::goBackToMark() {
    if (hasStates())
        m_pool.copyState(m_pool.stateSlotCount() - 1, 0);
}

void KvCache::takeShared(std::span<const std::int32_t> tokens, std::int32_t most) {
    const std::vector<Match> path = follow(tokens, most);
    const std::int32_t length = usableLength(path);
    for (const Match& match : path) {
        const std::int32_t left = std::min(match.tokens, length - m_length);
        if (left <= 0)
            break;
        // A page that goes on with other tokens is another sequence's: its beginning is copied, it stays as it is.
        const bool isWhole = left == static_cast<std::int32_t>(pageAt(match.page).tokens.size());
        const std::int32_t page = isWhole ? match.page : copyBeginning({match.page, left});
        if (page == kNoPage)
            break;
        append(page);
        m_length += left;
    }
    // Without the copy the sequence would begin earlier, where other windows are needed.
    if (m_length < length && !m_windows.empty())
        close();
    refreshTables();
}

std::vector<KvCache::Match> KvCache::follow(std::span<const std::int32_t> tokens, std::int32_t most) const {
    std::vector<Match> path;
    std::int32_t parent = kNoPage;
    std::int32_t length = 0;
    while (length < most) {
        const Match match =
            longestMatch(parent, tokens.subspan(static_cast<std::size_t>(length),
                                                static_cast<std::size_t>(std::min(most - length, kPageTokens))));
        if (match.tokens == 0)
            break;
        path.push_back(match);
        length += match.tokens;
        if (match.tokens < kPageTokens)
            break;
        parent = match.page;
    }
    return path;
}

std::int32_t KvCache::usableLength(std::span<const Match> path) const {
    std::int32_t length = 0;
    for (const Match& match : path)
        length += match.tokens;
    for (bool isShorter = true; isShorter && length > 0;) {
        isShorter = false;
        for (const WindowPages& windows : m_windows) {
            const std::int32_t first = oldestSlot(length, windows.window()) / kPageTokens;
            for (std::int32_t logical = (length - 1) / kPageTokens; logical >= first && length > 0; --logical) {
                if (windows.of(path[static_cast<std::size_t>(logical)].page) != WindowPages::kNone)
                    continue;
                length = logical * kPageTokens;
                isShorter = true;
                break;
            }
        }
    }
    return length;
}

std::int32_t KvCache::copyBeginning(const Match& match) {
    pageAt(match.page).isOpen = true; // so that the copy does not take its place
    const std::int32_t copy = takePage();
    pageAt(match.page).isOpen = false;
    if (copy == kNoPage)
        return kNoPage;
    const Page& source = pageAt(match.page);
    pageAt(copy).inUse = true;
    pageAt(copy).tokens.assign(source.tokens.begin(), source.tokens.begin() + match.tokens);
    setParent(copy, source.parent);
    m_pool.copyPage(0, match.page, copy);
    for (std::size_t index = 0; index < m_windows.size(); ++index) {
        WindowPages& windows = m_windows[index];
        if (windows.of(match.page) == WindowPages::kNone)
            continue;
        if (!takeWindow(windows, copy, match.page)) {
            release(copy);
            return kNoPage;
        }
        m_pool.copyPage(static_cast<std::int32_t>(index) + 1, windows.of(match.page), windows.of(copy));
    }
    return copy;
}

Status KvCache::reserve(std::int32_t count) {
    const std::int32_t needed = (m_length + count + kPageTokens - 1) / kPageTokens;
    if (static_cast<std::int32_t>(m_table.size()) >= needed)
        return {};
    while (static_cast<std::int32_t>(m_table.size()) < needed) {
        const std::int32_t page = takePage();
        if (page == kNoPage)
            return Error{ErrorCode::OutOfMemory, "the context cache has " + std::to_string(m_pages.size())
                                                     + " pages of " + std::to_string(kPageTokens)
                                                     + " tokens, and this text needs " + std::to_string(needed)};
        setParent(page, m_table.empty() ? kNoPage : m_table.back());
        append(page);
        const auto full = std::ranges::find_if(m_windows, [&](WindowPages& w) { return !takeWindow(w, page); });
        if (full != m_windows.end()) {
            m_table.pop_back();
            release(page);
            refreshTables();
            return Error{ErrorCode::OutOfMemory, "the pages for a window of " + std::to_string(full->window())
                                                     + " tokens do not hold " + std::to_string(count)
                                                     + " more tokens at once"};
        }
    }
    refreshTables();
    return {};
}

void KvCache::commit(std::span<const std::int32_t> tokens) {
    for (const std::int32_t token : tokens) {
        const auto logical = static_cast<std::size_t>(m_length / kPageTokens);
        HEARTH_ASSERT(logical < m_table.size());
        pageAt(m_table[logical]).tokens.push_back(token);
        ++m_length;
        if (m_length % kPageTokens == 0)
            mergeTwins(m_table[logical]);
    }
    if (m_pool.stateSlotCount() > 0)
        m_tokens.insert(m_tokens.end(), tokens.begin(), tokens.end());
}

void KvCache::mergeTwins(std::int32_t page) {
    for (std::size_t index = 0; index < m_pages.size(); ++index) {
        const Page& twin = m_pages[index];
        const auto id = static_cast<std::int32_t>(index);
        if (id == page || !twin.inUse || twin.isOpen || twin.parent != pageAt(page).parent
            || twin.tokens != pageAt(page).tokens)
            continue;
        for (std::size_t child = 0; child < m_pages.size(); ++child)
            if (m_pages[child].inUse && m_pages[child].parent == id)
                setParent(static_cast<std::int32_t>(child), page);
        release(id);
    }
}

void KvCache::clear() {
    m_table.clear();
    close();
    std::fill(m_pages.begin(), m_pages.end(), Page{});
    std::fill(m_states.begin(), m_states.end(), KeptState{});
    for (WindowPages& windows : m_windows)
        windows.clear();
}

void KvCache::close() {
    keepWindows();
    while (!m_table.empty()) {
        const std::int32_t page = m_table.back();
        m_table.pop_back();
        pageAt(page).isOpen = false;
        if (pageAt(page).tokens.empty())
            release(page);
    }
    m_tokens.clear();
    m_length = 0;
    refreshTables();
    m_stateIsLost = false;
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
    std::int32_t oldest = kNoPage;
    for (std::size_t index = 0; index < m_pages.size(); ++index) {
        const Page& page = m_pages[index];
        if (!page.inUse)
            return static_cast<std::int32_t>(index);
        if (page.isOpen || page.children > 0)
            continue;
        if (oldest == kNoPage || page.lastUse < pageAt(oldest).lastUse)
            oldest = static_cast<std::int32_t>(index);
    }
    if (oldest != kNoPage)
        release(oldest);
    return oldest;
}

void KvCache::append(std::int32_t page) {
    Page& entry = pageAt(page);
    entry.inUse = true;
    entry.tokens.reserve(kPageTokens);
    entry.isOpen = true;
    entry.lastUse = m_clock;
    m_table.push_back(page);
}

void KvCache::setParent(std::int32_t page, std::int32_t parent) {
    if (pageAt(page).parent != kNoPage)
        --pageAt(pageAt(page).parent).children;
    if (parent != kNoPage)
        ++pageAt(parent).children;
    pageAt(page).parent = parent;
}

void KvCache::release(std::int32_t page) {
    setParent(page, kNoPage);
    for (WindowPages& windows : m_windows)
        windows.release(page);
    pageAt(page) = Page{};
}

} // namespace hearth
