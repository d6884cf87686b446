#include "kernels/cpu/paged_cache.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

namespace hearth {

namespace {

Status checkSpec(const CacheSpec& spec) {
    const std::int32_t block = dtypeInfo(spec.dtype).blockValues;
    const bool shaped = spec.heads > 0 && spec.keyColumns > 0 && spec.valueColumns >= 0;
    if (!shaped || spec.keyColumns % block != 0 || spec.valueColumns % block != 0)
        return Error{ErrorCode::InvalidInput, "cache '" + spec.name + "': " + std::to_string(spec.heads) + " heads of "
                                                  + std::to_string(spec.keyColumns) + " and "
                                                  + std::to_string(spec.valueColumns) + " columns cannot be stored as "
                                                  + std::string(dtypeInfo(spec.dtype).name)};
    return {};
}

} // namespace

Result<std::unique_ptr<PagedCache>> PagedCache::create(const CacheLayout& layout) {
    const std::int32_t pages = layout.pages;
    if (pages < 0 || (pages == 0 && !layout.caches.empty()))
        return Error{ErrorCode::InvalidInput, "a cache of " + std::to_string(pages) + " pages"};
    std::unique_ptr<PagedCache> pool(new PagedCache);
    pool->m_pages = pages;
    for (const CacheSpec& spec : layout.caches) {
        HEARTH_CHECK(checkSpec(spec));
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
    const auto isSame = [](const CacheSpec& a, const CacheSpec& b) {
        return a.heads == b.heads && a.keyColumns == b.keyColumns && a.valueColumns == b.valueColumns
               && a.dtype == b.dtype;
    };
    return std::ranges::equal(m_specs, program.caches, isSame) && m_states.holds(program.states);
}

void PagedCache::copyPage(std::int32_t from, std::int32_t to) {
    HEARTH_ASSERT(from >= 0 && from < m_pages && to >= 0 && to < m_pages);
    for (std::size_t cache = 0; cache < m_specs.size(); ++cache)
        std::memmove(page(static_cast<CacheId>(cache), to), page(static_cast<CacheId>(cache), from),
                     m_specs[cache].pageSizeBytes());
}

Status PagedCache::readPage(CacheId cache, std::int32_t page, std::span<std::byte> out) const {
    HEARTH_CHECK(checkAccess(cache, page, out.size()));
    const Store& store = m_stores[static_cast<std::size_t>(cache)];
    std::memcpy(out.data(), store.memory.data() + static_cast<std::size_t>(page) * store.pageStride, out.size());
    return {};
}

Status PagedCache::writePage(CacheId cache, std::int32_t page, std::span<const std::byte> in) {
    HEARTH_CHECK(checkAccess(cache, page, in.size()));
    std::memcpy(this->page(cache, page), in.data(), in.size());
    return {};
}

Status PagedCache::checkAccess(CacheId cache, std::int32_t page, std::size_t sizeBytes) const {
    if (cache < 0 || static_cast<std::size_t>(cache) >= m_specs.size() || page < 0 || page >= m_pages)
        return Error{ErrorCode::InvalidInput, "page " + std::to_string(page) + " of cache " + std::to_string(cache)
                                                  + " is not among " + std::to_string(m_pages) + " pages of "
                                                  + std::to_string(m_specs.size()) + " caches"};
    const std::size_t expected = m_specs[static_cast<std::size_t>(cache)].pageSizeBytes();
    if (sizeBytes != expected)
        return Error{ErrorCode::InvalidInput, "a page of cache '" + m_specs[static_cast<std::size_t>(cache)].name
                                                  + "' has " + std::to_string(expected) + " bytes, not "
                                                  + std::to_string(sizeBytes)};
    return {};
}

} // namespace hearth
