#pragma once

#include "kernels/api/backend.h"
#include "kernels/api/host_states.h"
#include "kernels/base/aligned_buffer.h"

#include <vector>

namespace hearth {

/// Pages in main memory, laid out as CacheSpec says, and states. Thread: any one at a time.
class ReferenceCachePool final : public CachePool {
public:
    /// Errors: InvalidInput (a layout that makes no sense, or no pages), Unsupported (a type that cannot be written),
    /// OutOfMemory.
    [[nodiscard]] static Result<std::unique_ptr<ReferenceCachePool>> create(const CacheLayout& layout);

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

    /// Whether a program's caches and states lie here as it expects.
    [[nodiscard]] bool holds(const Program& program) const;

    /// One state of one slot.
    [[nodiscard]] std::span<float> stateValues(StateId state, std::int32_t slot) {
        return m_states.values(state, slot);
    }

    /// The stored row of one head at token 0 .. kPageTokens - 1 of a page.
    [[nodiscard]] std::byte* keyRow(CacheId cache, std::int32_t page, std::int32_t head, std::int32_t token);
    [[nodiscard]] std::byte* valueRow(CacheId cache, std::int32_t page, std::int32_t head, std::int32_t token);

private:
    explicit ReferenceCachePool(const CacheLayout& layout);
    [[nodiscard]] std::int32_t pagesOf(const CacheSpec& cache) const { return pageCount(cache.pageClass); }
    [[nodiscard]] Status allocate();
    [[nodiscard]] std::byte* pageData(CacheId cache, std::int32_t page);

    std::vector<CacheSpec> m_specs;
    std::vector<AlignedBuffer> m_memory; ///< one a cache: all its pages
    std::vector<std::int32_t> m_pages;   ///< one number a page class
    HostStates m_states;
};

} // namespace hearth
