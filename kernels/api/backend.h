#pragma once

#include "kernels/api/program.h"
#include "kernels/api/step_state.h"
#include "kernels/api/weight_pager.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace hearth {

struct DeviceInfo {
    std::string id;   ///< what a person types: "cpu", "reference", "cuda0"
    std::string name; ///< what a person reads: "AMD EPYC, AVX-512 VNNI, 2 threads"
    std::uint64_t memoryBytes = 0;
};

/// Pages of one model's caches on one device. Page p of cache c is independent of every other; p counts within the
/// page class of c.
class CachePool {
public:
    virtual ~CachePool() = default;
    /// 0 for a class that the pool has not.
    [[nodiscard]] virtual std::int32_t pageCount(std::int32_t pageClass) const = 0;
    /// Copies one page of every cache of the class. Waits for nothing: no step may be in flight.
    virtual void copyPage(std::int32_t pageClass, std::int32_t from, std::int32_t to) = 0;
    /// One page of one cache as bytes, for saving and restoring. Size: the CacheSpec's pageSizeBytes().
    [[nodiscard]] virtual Status readPage(CacheId cache, std::int32_t page, std::span<std::byte> out) const = 0;
    [[nodiscard]] virtual Status writePage(CacheId cache, std::int32_t page, std::span<const std::byte> in) = 0;

    /// Copies of all recurrent states that the pool holds: one a slot.
    [[nodiscard]] virtual std::int32_t stateSlotCount() const = 0;
    virtual void copyState(std::int32_t fromSlot, std::int32_t toSlot) = 0;
    /// One state of one slot, for saving and restoring. Size: StateSpec::values.
    [[nodiscard]] virtual Status readState(StateId state, std::int32_t slot, std::span<float> out) const = 0;
    [[nodiscard]] virtual Status writeState(StateId state, std::int32_t slot, std::span<const float> in) = 0;
};

/// What a pool is made of.
struct CacheLayout {
    std::span<const CacheSpec> caches;
    std::int32_t pages = 0; ///< of page class 0
    std::span<const StateSpec> states;
    std::int32_t stateSlots = 0;
    std::span<const std::int32_t> windowPages = {}; ///< of the page classes 1 and above
};

struct OpTiming {
    std::int32_t op = 0; ///< index into Program::ops
    double seconds = 0;
    OpCost cost;
};

enum class Timing : std::uint8_t { Off, PerOp };

/// A compiled program. One step at a time: enqueue, then wait. Thread: any one at a time.
class Executable {
public:
    virtual ~Executable() = default;
    /// Hands over a step; the state's spans must stay valid until wait() returns.
    [[nodiscard]] virtual Status enqueue(const StepState& state) = 0;
    /// Errors: Cancelled if `stop` was asked for before the step ended (the cache beyond cacheStart is then undefined).
    [[nodiscard]] virtual Status wait(std::stop_token stop) = 0;
    /// (outputRows, columns of Program::output) of the last finished step; valid until the next enqueue.
    [[nodiscard]] virtual std::span<const float> output() const = 0;
    /// (rows, columns) of one of Program::kept after the last finished step; valid until the next enqueue. Buffers of
    /// expert ids hold I32 behind the same bytes.
    [[nodiscard]] virtual std::span<const float> values(BufferId buffer) const = 0;
    /// Steps of up to so many rows give each row the bits that it would have in a step of its own: its outputs, its
    /// place in the caches, the states after the last. 1: nothing is promised.
    [[nodiscard]] virtual std::int32_t independentRows() const { return 1; }
    /// Of the last step, if compiled with Timing::PerOp.
    [[nodiscard]] virtual std::vector<OpTiming> timings() const = 0;
};

struct CompileOptions {
    Timing timing = Timing::Off;
    WeightPager* pager = nullptr; ///< outlives the executable; null: weights are read as they come
};

/// A device that runs programs. Made by its folder's factory; outlives what it makes.
class Backend {
public:
    virtual ~Backend() = default;
    [[nodiscard]] virtual const DeviceInfo& device() const = 0;
    /// Why this device cannot run `op`, as a sentence; nothing if it can.
    [[nodiscard]] virtual std::optional<std::string> whyUnsupported(const Program& program, const Op& op) const = 0;
    /// Errors: OutOfMemory with the bytes that are missing.
    [[nodiscard]] virtual Result<std::unique_ptr<CachePool>> allocateCache(const CacheLayout& layout) = 0;
    /// The program's weights and `pool` must outlive the executable; pool may be null if the program has neither caches
    /// nor states.
    /// Errors: Unsupported (with the op and why), OutOfMemory.
    [[nodiscard]] virtual Result<std::unique_ptr<Executable>> compile(Program program, CachePool* pool,
                                                                      CompileOptions options) = 0;
};

} // namespace hearth
