#pragma once

#include "kernels/api/program.h"
#include "kernels/api/step_state.h"
#include "kernels/api/weight_pager.h"
#include "kernels/cpu/compute_pool.h"
#include "kernels/cpu/cpu_isa.h"
#include "kernels/cpu/paged_cache.h"
#include "kernels/cpu/simd/kernel_types.h"

#include <cstddef>
#include <cstdint>
#include <stop_token>

namespace hearth {

/// What stages are built from.
struct StagePlan {
    const Program& program;
    CpuIsa isa;
    const VectorKernels& vectors;
    std::int32_t threads;
    const PagedCache* cache; ///< null without one
    WeightPager* pager;      ///< null: nobody is told which experts will be read
};

/// One step as its stages see it. The memory belongs to the executable; a stage's shared scratch holds nothing from
/// one stage to the next.
struct StepContext {
    const StepState* state = nullptr;
    std::int32_t rows = 0;
    PagedCache* cache = nullptr;
    std::byte* arena = nullptr; ///< activations, at the plan's offsets
    const Program* program = nullptr;
    std::byte* shared = nullptr;
    std::byte* workers = nullptr; ///< threads x workerStride
    std::size_t workerStride = 0;
    const std::stop_token* stop = nullptr;

    /// For chunks that take long: what they leave undone is not looked at.
    [[nodiscard]] bool cancelled() const { return stop->stop_requested(); }
    /// (rows, columns) of a buffer.
    [[nodiscard]] float* buffer(BufferId id) const {
        return reinterpret_cast<float*>(arena + program->plan.offsets[static_cast<std::size_t>(id)]);
    }
    [[nodiscard]] std::byte* workerScratch(std::int32_t worker) const {
        return workers + static_cast<std::size_t>(worker) * workerStride;
    }
    [[nodiscard]] std::int32_t outputRows() const { return static_cast<std::int32_t>(state->outputRows.size()); }
};

/// One op, compiled: kernels chosen, scratch laid out. Runs as phases of chunks on a ComputePool (see PhasedWork).
/// Which worker runs a chunk never changes a result.
class Stage {
public:
    virtual ~Stage() = default;
    /// Scratch that all workers share, and that each has of its own; both aligned to 64 bytes.
    [[nodiscard]] virtual std::size_t sharedBytes() const { return 0; }
    [[nodiscard]] virtual std::size_t workerBytes() const { return 0; }
    /// As PhasedWork::beginPhase(), counted from 0 for each stage.
    [[nodiscard]] virtual std::int32_t beginPhase(std::int32_t phase, const StepContext& step) = 0;
    virtual void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) = 0;
};

/// Whether `rows` rows of a program for `maxRows` are streamed (see kFewRows, kNarrowRows).
inline bool streamsRows(std::int32_t maxRows, std::int32_t rows) {
    return maxRows <= kNarrowRows || rows <= kFewRows;
}

/// How many chunks of at least `grain` items `count` items make; and a chunk's items.
struct Split {
    std::int32_t count = 0;
    std::int32_t grain = 1;

    [[nodiscard]] std::int32_t chunks() const { return (count + grain - 1) / grain; }
    [[nodiscard]] std::int32_t first(std::int32_t chunk) const { return chunk * grain; }
    [[nodiscard]] std::int32_t size(std::int32_t chunk) const {
        const std::int32_t rest = count - first(chunk);
        return rest < grain ? rest : grain;
    }
};

} // namespace hearth
