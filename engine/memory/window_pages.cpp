#include "engine/memory/window_pages.h"

#include <algorithm>
#include <tuple>

namespace hearth {

WindowPages::WindowPages(std::int32_t window, std::int32_t pages, std::int32_t owners)
    : m_window(window), m_pages(static_cast<std::size_t>(pages)), m_pageOf(static_cast<std::size_t>(owners), kNone) {}

bool WindowPages::isKept(std::int32_t owner) const {
    const std::int32_t page = of(owner);
    return page != kNone && m_pages[static_cast<std::size_t>(page)].isKept;
}

WindowPages::Taken WindowPages::take(std::int32_t owner, std::uint64_t clock, std::span<const std::int32_t> inUse) {
    const auto rank = [](const Page& page) { return std::tuple(page.isKept, page.lastUse); };
    Taken taken;
    for (std::size_t index = 0; index < m_pages.size(); ++index) {
        const Page& page = m_pages[index];
        if (page.owner != kNone && std::find(inUse.begin(), inUse.end(), page.owner) != inUse.end())
            continue;
        const bool isBetter = taken.page == kNone || rank(page) < rank(m_pages[static_cast<std::size_t>(taken.page)]);
        if (page.owner != kNone && !isBetter)
            continue;
        taken = {static_cast<std::int32_t>(index), page.owner};
        if (page.owner == kNone)
            break;
    }
    if (taken.page == kNone)
        return taken;
    if (taken.formerOwner != kNone)
        release(taken.formerOwner);
    m_pages[static_cast<std::size_t>(taken.page)] = {owner, false, clock};
    m_pageOf[static_cast<std::size_t>(owner)] = taken.page;
    return taken;
}

void WindowPages::release(std::int32_t owner) {
    std::int32_t& page = m_pageOf[static_cast<std::size_t>(owner)];
    if (page != kNone)
        m_pages[static_cast<std::size_t>(page)] = {};
    page = kNone;
}

void WindowPages::keep(std::int32_t owner, std::uint64_t clock) {
    const std::int32_t page = of(owner);
    if (page == kNone)
        return;
    m_pages[static_cast<std::size_t>(page)].isKept = true;
    m_pages[static_cast<std::size_t>(page)].lastUse = clock;
}

void WindowPages::clear() {
    std::fill(m_pages.begin(), m_pages.end(), Page{});
    std::fill(m_pageOf.begin(), m_pageOf.end(), kNone);
}

} // namespace hearth
