#include "kernels/cuda/cache_pool.h"

#include "kernels/api/check.h"
#include "kernels/quant/quantise.h"

namespace hearth::cuda {

namespace {

std::size_t index(std::int32_t value) {
    return static_cast<std::size_t>(value);
}

std::size_t stateBytes(const StateSpec& state) {
    return static_cast<std::size_t>(state.values) * sizeof(float);
}

} // namespace

Result<std::unique_ptr<CudaCachePool>> CudaCachePool::create(const CacheLayout& layout) {
    HEARTH_CHECK(checkLayout(layout));
    auto pool = std::make_unique<CudaCachePool>();
    pool->m_caches.assign(layout.caches.begin(), layout.caches.end());
    pool->m_states.assign(layout.states.begin(), layout.states.end());
    pool->m_pages.push_back(layout.pages);
    pool->m_pages.insert(pool->m_pages.end(), layout.windowPages.begin(), layout.windowPages.end());
    pool->m_stateSlots = layout.stateSlots;
    if (!layout.states.empty() && layout.stateSlots < 1)
        return Error{ErrorCode::InvalidInput, "states need at least one slot"};
    for (const CacheSpec& cache : pool->m_caches) {
        if (!canQuantise(cache.dtype))
            return Error{ErrorCode::Unsupported, "cache '" + cache.name
                                                     + "': " + std::string(dtypeInfo(cache.dtype).name)
                                                     + " cannot be written token by token"};
        const std::size_t pages = index(pool->pageCount(cache.pageClass));
        HEARTH_TRY(DeviceMemory memory, DeviceMemory::create(cache.pageSizeBytes() * pages));
        pool->m_cacheMemory.push_back(std::move(memory));
    }
    for (const StateSpec& state : pool->m_states) {
        if (state.values < 1)
            return Error{ErrorCode::InvalidInput, "state '" + state.name + "' has no numbers"};
        HEARTH_TRY(DeviceMemory memory, DeviceMemory::create(stateBytes(state) * index(layout.stateSlots)));
        HEARTH_CHECK(memory.fillZero(0, memory.sizeBytes()));
        pool->m_stateMemory.push_back(std::move(memory));
    }
    return pool;
}

std::int32_t CudaCachePool::pageCount(std::int32_t pageClass) const {
    return index(pageClass) < m_pages.size() ? m_pages[index(pageClass)] : 0;
}

void CudaCachePool::copyPage(std::int32_t pageClass, std::int32_t from, std::int32_t to) {
    const std::int32_t pages = pageCount(pageClass);
    HEARTH_ASSERT(from >= 0 && from < pages && to >= 0 && to < pages);
    for (std::size_t cache = 0; cache < m_caches.size(); ++cache) {
        if (from == to || m_caches[cache].pageClass != pageClass)
            continue;
        const std::size_t bytes = m_caches[cache].pageSizeBytes();
        const DeviceMemory& memory = m_cacheMemory[cache];
        // A failure here shows in the next step's check: the runtime keeps it.
        static_cast<void>(cudaMemcpy(memory.data(index(to) * bytes), memory.data(index(from) * bytes), bytes,
                                     cudaMemcpyDeviceToDevice));
    }
}

Status CudaCachePool::readPage(CacheId cache, std::int32_t page, std::span<std::byte> out) const {
    HEARTH_CHECK(checkPage(m_caches, *this, cache, page, out.size()));
    return m_cacheMemory[index(cache)].read(index(page) * out.size(), out);
}

Status CudaCachePool::writePage(CacheId cache, std::int32_t page, std::span<const std::byte> in) {
    HEARTH_CHECK(checkPage(m_caches, *this, cache, page, in.size()));
    return m_cacheMemory[index(cache)].write(index(page) * in.size(), in);
}

void CudaCachePool::copyState(std::int32_t fromSlot, std::int32_t toSlot) {
    HEARTH_ASSERT(fromSlot >= 0 && fromSlot < m_stateSlots && toSlot >= 0 && toSlot < m_stateSlots);
    for (std::size_t state = 0; fromSlot != toSlot && state < m_states.size(); ++state) {
        const std::size_t bytes = stateBytes(m_states[state]);
        const DeviceMemory& memory = m_stateMemory[state];
        static_cast<void>(cudaMemcpy(memory.data(index(toSlot) * bytes), memory.data(index(fromSlot) * bytes), bytes,
                                     cudaMemcpyDeviceToDevice));
    }
}

Status CudaCachePool::readState(StateId state, std::int32_t slot, std::span<float> out) const {
    HEARTH_CHECK(checkState(m_states, m_stateSlots, state, slot, out.size()));
    return m_stateMemory[index(state)].read(index(slot) * out.size_bytes(), std::as_writable_bytes(out));
}

Status CudaCachePool::writeState(StateId state, std::int32_t slot, std::span<const float> in) {
    HEARTH_CHECK(checkState(m_states, m_stateSlots, state, slot, in.size()));
    return m_stateMemory[index(state)].write(index(slot) * in.size_bytes(), std::as_bytes(in));
}

bool CudaCachePool::holds(const Program& program) const {
    return sameLayout(m_caches, program.caches) && sameLayout(m_states, program.states);
}

DeviceCache CudaCachePool::view(CacheId cache) const {
    const CacheSpec& spec = m_caches[index(cache)];
    DeviceCache view;
    view.data = m_cacheMemory[index(cache)].data();
    view.dtype = spec.dtype;
    view.heads = spec.heads;
    view.keyColumns = spec.keyColumns;
    view.valueColumns = spec.valueColumns;
    view.keyRowBytes = rowBytes(spec.dtype, spec.keyColumns);
    view.valueRowBytes = rowBytes(spec.dtype, spec.valueColumns);
    view.keyBytesPerPage = spec.keyBytesPerPage();
    view.pageBytes = spec.pageSizeBytes();
    return view;
}

float* CudaCachePool::stateValues(StateId state, std::int32_t slot) const {
    return m_stateMemory[index(state)].data<float>(stateBytes(m_states[index(state)]) * index(slot));
}

} // namespace hearth::cuda
