#include "kernels/reference/cache_pool.h"

#include "kernels/api/check.h"
#include "kernels/quant/quantise.h"

#include <cstring>
#include <limits>

namespace hearth {

namespace {

std::size_t index(std::int32_t value) {
    return static_cast<std::size_t>(value);
}

} // namespace

ReferenceCachePool::ReferenceCachePool(const CacheLayout& layout)
    : m_specs(layout.caches.begin(), layout.caches.end()), m_pages{layout.pages} {
    m_pages.insert(m_pages.end(), layout.windowPages.begin(), layout.windowPages.end());
}

Result<std::unique_ptr<ReferenceCachePool>> ReferenceCachePool::create(const CacheLayout& layout) {
    HEARTH_CHECK(checkLayout(layout));
    std::unique_ptr<ReferenceCachePool> pool(new ReferenceCachePool(layout));
    HEARTH_CHECK(pool->allocate());
    HEARTH_TRY(pool->m_states, HostStates::create(layout.states, layout.stateSlots));
    return pool;
}

Status ReferenceCachePool::allocate() {
    for (const CacheSpec& cache : m_specs) {
        if (!canQuantise(cache.dtype))
            return Error{ErrorCode::Unsupported, "cache '" + cache.name
                                                     + "': " + std::string(dtypeInfo(cache.dtype).name)
                                                     + " cannot be written token by token"};
        if (cache.pageSizeBytes() > std::numeric_limits<std::size_t>::max() / index(pagesOf(cache)))
            return Error{ErrorCode::OutOfMemory, "cache '" + cache.name + "' is larger than any memory"};
        HEARTH_TRY(AlignedBuffer memory, AlignedBuffer::create(cache.pageSizeBytes() * index(pagesOf(cache))));
        m_memory.push_back(std::move(memory));
    }
    return {};
}

bool ReferenceCachePool::holds(const Program& program) const {
    return sameLayout(m_specs, program.caches) && m_states.holds(program.states);
}

void ReferenceCachePool::copyPage(std::int32_t pageClass, std::int32_t from, std::int32_t to) {
    const std::int32_t pages = pageCount(pageClass);
    HEARTH_ASSERT(from >= 0 && from < pages && to >= 0 && to < pages);
    for (std::size_t cache = 0; cache < m_specs.size(); ++cache) {
        if (from == to || m_specs[cache].pageClass != pageClass)
            continue;
        const auto id = static_cast<CacheId>(cache);
        std::memcpy(pageData(id, to), pageData(id, from), m_specs[cache].pageSizeBytes());
    }
}

Status ReferenceCachePool::readPage(CacheId cache, std::int32_t page, std::span<std::byte> out) const {
    HEARTH_CHECK(checkPage(m_specs, *this, cache, page, out.size()));
    std::memcpy(out.data(), m_memory[index(cache)].data() + index(page) * out.size(), out.size());
    return {};
}

Status ReferenceCachePool::writePage(CacheId cache, std::int32_t page, std::span<const std::byte> in) {
    HEARTH_CHECK(checkPage(m_specs, *this, cache, page, in.size()));
    std::memcpy(pageData(cache, page), in.data(), in.size());
    return {};
}

std::byte* ReferenceCachePool::pageData(CacheId cache, std::int32_t page) {
    return m_memory[index(cache)].data() + index(page) * m_specs[index(cache)].pageSizeBytes();
}

std::byte* ReferenceCachePool::keyRow(CacheId cache, std::int32_t page, std::int32_t head, std::int32_t token) {
    const CacheSpec& spec = m_specs[index(cache)];
    const std::size_t row = index(head) * kPageTokens + index(token);
    return pageData(cache, page) + row * rowBytes(spec.dtype, spec.keyColumns);
}

std::byte* ReferenceCachePool::valueRow(CacheId cache, std::int32_t page, std::int32_t head, std::int32_t token) {
    const CacheSpec& spec = m_specs[index(cache)];
    const std::size_t row = index(head) * kPageTokens + index(token);
    return pageData(cache, page) + spec.keyBytesPerPage() + row * rowBytes(spec.dtype, spec.valueColumns);
}

} // namespace hearth
