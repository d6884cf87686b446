#pragma once

#include "kernels/api/backend.h"
#include "kernels/api/host_states.h"
#include "kernels/base/aligned_buffer.h"

#include <vector>

namespace hearth {

/// Cache pages in ordinary memory: each cache is one run of pages, each page starts on a cache line.
class PagedCache final : public CachePool {
public:
    /// Errors: InvalidInput (as checkLayout()), OutOfMemory.
    [[nodiscard]] static Result<std::unique_ptr<PagedCache>> create(const CacheLayout& layout);

    [[nodiscard]] std::int32_t pageCount(std::int32_t pageClass) const override {
        const auto index = static_cast<std::size_t>(pageClass);
        return index < m_pages.size() ? m_pages[index] : 0;
    }
    void copyPage(std::int32_t pageClass, std::int32_t from, std::int32_t to) override;
    [[nodiscard]] Status readPage(CacheId cache, std::int32_t page, std::span<std::byte> out) const override;
    [[nodiscard]] Status writePage(CacheId cache, std::int32_t page, std::span<const std::byte> in) override;

    [[nodiscard]] std::int32_t stateSlotCount() const override { return m_states.slotCount(); }
    void copyState(std::int32_t fromSlot, std::int32_t toSlot) override { m_states.copy(fromSlot, toSlot); }
    [[nodiscard]] Status readState(StateId state, std::int32_t slot, std::span<float> out) const override {
        return m_states.read(state, slot, out);
    }
    [[nodiscard]] Status writeState(StateId state, std::int32_t slot, std::span<const float> in) override {
        return m_states.write(state, slot, in);
    }
    [[nodiscard]] std::span<float> stateValues(StateId state, std::int32_t slot) {
        return m_states.values(state, slot);
    }

    /// Whether a program's caches and states lie here as it expects.
    [[nodiscard]] bool holds(const Program& program) const;
    /// Keys (heads, kPageTokens, keyColumns), then values. cache and page are in range.
    [[nodiscard]] std::byte* page(CacheId cache, std::int32_t page) {
        Store& store = m_stores[static_cast<std::size_t>(cache)];
        return store.memory.data() + static_cast<std::size_t>(page) * store.pageStride;
    }

private:
    struct Store {
        AlignedBuffer memory;
        std::size_t pageStride = 0;
    };
    PagedCache() = default;

    std::vector<CacheSpec> m_specs;
    std::vector<Store> m_stores;
    std::vector<std::int32_t> m_pages; ///< one number a page class
    HostStates m_states;
};

} // namespace hearth
