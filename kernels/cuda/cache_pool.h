#pragma once

#include "kernels/api/backend.h"
#include "kernels/cuda/device_memory.h"
#include "kernels/cuda/device_types.h"

#include <vector>

namespace hearth::cuda {

/// Pages in device memory, laid out as CacheSpec says, and states. Thread: any one at a time.
class CudaCachePool final : public CachePool {
public:
    /// Errors: InvalidInput (a layout that makes no sense), Unsupported (a type that cannot be written), OutOfMemory.
    [[nodiscard]] static Result<std::unique_ptr<CudaCachePool>> create(const CacheLayout& layout);

    [[nodiscard]] std::int32_t pageCount(std::int32_t pageClass) const override;
    void copyPage(std::int32_t pageClass, std::int32_t from, std::int32_t to) override;
    [[nodiscard]] Status readPage(CacheId cache, std::int32_t page, std::span<std::byte> out) const override;
    [[nodiscard]] Status writePage(CacheId cache, std::int32_t page, std::span<const std::byte> in) override;
    [[nodiscard]] std::int32_t stateSlotCount() const override { return m_stateSlots; }
    void copyState(std::int32_t fromSlot, std::int32_t toSlot) override;
    [[nodiscard]] Status readState(StateId state, std::int32_t slot, std::span<float> out) const override;
    [[nodiscard]] Status writeState(StateId state, std::int32_t slot, std::span<const float> in) override;

    /// Whether a program's caches and states lie here as it expects.
    [[nodiscard]] bool holds(const Program& program) const;
    /// A cache as kernels see it; its page table is the step's.
    [[nodiscard]] DeviceCache view(CacheId cache) const;
    [[nodiscard]] float* stateValues(StateId state, std::int32_t slot) const;

private:
    std::vector<CacheSpec> m_caches;
    std::vector<StateSpec> m_states;
    std::vector<std::int32_t> m_pages; ///< one number a page class
    std::int32_t m_stateSlots = 0;
    std::vector<DeviceMemory> m_cacheMemory; ///< one a cache: all its pages
    std::vector<DeviceMemory> m_stateMemory; ///< one a state: all its slots
};

} // namespace hearth::cuda
