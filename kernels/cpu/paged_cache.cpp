#include "kernels/cpu/paged_cache.h"

#include "kernels/api/check.h"

#include <cstring>
#include <limits>
#include <string>

namespace hearth {

Result<std::unique_ptr<PagedCache>> PagedCache::create(const CacheLayout& layout) {
    HEARTH_CHECK(checkLayout(layout));
    std::unique_ptr<PagedCache> pool(new PagedCache);
    pool->m_pages.push_back(layout.pages);
    pool->m_pages.insert(pool->m_pages.end(), layout.windowPages.begin(), layout.windowPages.end());
    for (const CacheSpec& spec : layout.caches) {
        const std::int32_t pages = pool->pageCount(spec.pageClass);
        const std::size_t stride = (spec.pageSizeBytes() + AlignedBuffer::kAlignment - 1) / AlignedBuffer::kAlignment
                                   * AlignedBuffer::kAlignment;
        if (stride > std::numeric_limits<std::size_t>::max() / static_cast<std::size_t>(pages))
            return Error{ErrorCode::OutOfMemory,
                         "cache '" + spec.name + "': " + std::to_string(pages) + " pages exceed the address space"};
        auto memory = AlignedBuffer::create(stride * static_cast<std::size_t>(pages));
        if (!memory)
            return std::move(memory).error().within("cache '" + spec.name + "'");
        pool->m_specs.push_back(spec);
        pool->m_stores.push_back({std::move(memory).value(), stride});
    }
    HEARTH_TRY(pool->m_states, HostStates::create(layout.states, layout.stateSlots));
    return pool;
}

bool PagedCache::holds(const Program& program) const {
    return sameLayout(m_specs, program.caches) && m_states.holds(program.states);
}

void PagedCache::copyPage(std::int32_t pageClass, std::int32_t from, std::int32_t to) {
    const std::int32_t pages = pageCount(pageClass);
    HEARTH_ASSERT(from >= 0 && from < pages && to >= 0 && to < pages);
    for (std::size_t cache = 0; cache < m_specs.size(); ++cache)
        if (m_specs[cache].pageClass == pageClass)
            std::memmove(page(static_cast<CacheId>(cache), to), page(static_cast<CacheId>(cache), from),
                         m_specs[cache].pageSizeBytes());
}

Status PagedCache::readPage(CacheId cache, std::int32_t page, std::span<std::byte> out) const {
    HEARTH_CHECK(checkPage(m_specs, *this, cache, page, out.size()));
    const Store& store = m_stores[static_cast<std::size_t>(cache)];
    std::memcpy(out.data(), store.memory.data() + static_cast<std::size_t>(page) * store.pageStride, out.size());
    return {};
}

Status PagedCache::writePage(CacheId cache, std::int32_t page, std::span<const std::byte> in) {
    HEARTH_CHECK(checkPage(m_specs, *this, cache, page, in.size()));
    std::memcpy(this->page(cache, page), in.data(), in.size());
    return {};
}

} // namespace hearth
