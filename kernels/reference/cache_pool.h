#pragma once

#include "kernels/api/backend.h"
#include "kernels/base/aligned_buffer.h"

#include <vector>

namespace hearth {

/// Pages in main memory, laid out as CacheSpec says, and states. Thread: any one at a time.
class ReferenceCachePool final : public CachePool {
public:
    /// Errors: InvalidInput (a layout that makes no sense, or no pages), Unsupported (a type that cannot be written),
    /// OutOfMemory.
    [[nodiscard]] static Result<std::unique_ptr<ReferenceCachePool>> create(const CacheLayout& layout);

    [[nodiscard]] std::int32_t pageCount() const override { return m_pages; }
    void copyPage(std::int32_t from, std::int32_t to) override;
    [[nodiscard]] Status readPage(CacheId cache, std::int32_t page, std::span<std::byte> out) const override;
    [[nodiscard]] Status writePage(CacheId cache, std::int32_t page, std::span<const std::byte> in) override;

    [[nodiscard]] std::int32_t stateSlotCount() const override { return m_stateSlots; }
    void copyState(std::int32_t fromSlot, std::int32_t toSlot) override;
    [[nodiscard]] Status readState(StateId state, std::int32_t slot, std::span<float> out) const override;
    [[nodiscard]] Status writeState(StateId state, std::int32_t slot, std::span<const float> in) override;

    /// Whether a program's caches and states lie here as it expects.
    [[nodiscard]] bool holds(const Program& program) const;

    /// One state of one slot.
    [[nodiscard]] std::span<float> stateValues(StateId state, std::int32_t slot);

    /// The stored row of one head at token 0 .. kPageTokens - 1 of a page.
    [[nodiscard]] std::byte* keyRow(CacheId cache, std::int32_t page, std::int32_t head, std::int32_t token);
    [[nodiscard]] std::byte* valueRow(CacheId cache, std::int32_t page, std::int32_t head, std::int32_t token);

private:
    explicit ReferenceCachePool(const CacheLayout& layout)
        : m_specs(layout.caches.begin(), layout.caches.end()), m_states(layout.states.begin(), layout.states.end()),
          m_pages(layout.pages), m_stateSlots(layout.stateSlots) {}
    [[nodiscard]] Status allocate();
    [[nodiscard]] Status checkPage(CacheId cache, std::int32_t page, std::size_t sizeBytes) const;
    [[nodiscard]] Status checkState(StateId state, std::int32_t slot, std::size_t count) const;
    [[nodiscard]] std::byte* pageData(CacheId cache, std::int32_t page);

    std::vector<CacheSpec> m_specs;
    std::vector<StateSpec> m_states;
    std::vector<AlignedBuffer> m_memory;      ///< one a cache: all its pages
    std::vector<AlignedBuffer> m_stateMemory; ///< one a state: all its slots
    std::int32_t m_pages = 0;
    std::int32_t m_stateSlots = 0;
};

} // namespace hearth
