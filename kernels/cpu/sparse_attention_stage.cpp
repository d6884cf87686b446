// Attention to chosen slots only. A list is cut into parts by its length alone, so that results do not depend on the
// number of threads; neighbouring slots of a page go through the cache kernels together.

#include "kernels/cpu/kernel_choice.h"
#include "kernels/cpu/owned_norm.h"
#include "kernels/cpu/position_stages.h"
#include "kernels/cpu/scratch_layout.h"
#include "kernels/cpu/softmax_partial.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace hearth {

namespace {

/// Slots of a list that one worker takes in, where a step has few rows.
constexpr std::int32_t kPartSlots = 128;

class SparseAttentionStage final : public Stage {
public:
    SparseAttentionStage(const StagePlan& plan, const Attention& op)
        : m_op(op), m_spec(plan.program.caches[static_cast<std::size_t>(op.cache)]), m_vectors(plan.vectors),
          m_cacheKernels(*chooseCacheKernels(m_spec.dtype, plan.isa)), m_sinks(ownedVector(plan.program, op.sinks)),
          m_group(op.queryHeads / op.keyHeads), m_partialSize(SoftmaxPartial::size(op.valueColumns)),
          m_listed(plan.program.buffers[static_cast<std::size_t>(op.slots)].columns),
          m_parts((m_listed + kPartSlots - 1) / kPartSlots), m_maxRows(plan.program.maxRows) {
        const std::int32_t streamed = m_maxRows <= kNarrowRows ? m_maxRows : kFewRows;
        const auto queries = static_cast<std::size_t>(streamed) * static_cast<std::size_t>(op.queryHeads);
        m_sharedBytes = queries * static_cast<std::size_t>(m_parts) * m_partialSize * sizeof(float);
        ScratchLayout layout;
        m_scoresOffset = layout.add<float>(static_cast<std::size_t>(m_group) * kTileTokens);
        m_partialsOffset = layout.add<float>(static_cast<std::size_t>(m_group) * m_partialSize);
        m_workerBytes = layout.sizeBytes();
    }

    [[nodiscard]] std::size_t sharedBytes() const override { return m_sharedBytes; }
    [[nodiscard]] std::size_t workerBytes() const override { return m_workerBytes; }

    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        const bool few = streamsRows(m_maxRows, step.rows);
        if (phase == 0)
            return step.rows * m_op.keyHeads * (few ? m_parts : 1);
        // The parts of a list come together on whichever thread ended the last one.
        return phase == 1 && few ? 1 : PhasedWork::kNoMorePhases;
    }

    void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) override {
        if (phase == 1)
            combine(step);
        else if (streamsRows(m_maxRows, step.rows))
            runPart(chunk / m_parts, chunk % m_parts, step.workerScratch(worker), step);
        else
            runWhole(chunk, step.workerScratch(worker), step);
    }

private:
    /// Entries first .. end - 1 of a list that lie in one page without a gap, from `slot` of the page on.
    struct Run {
        std::int32_t page = 0;
        std::int32_t slot = 0;
        std::int32_t count = 0;
    };

    [[nodiscard]] std::span<const std::int32_t> listOf(std::int32_t row, const StepContext& step) const {
        const auto* first = reinterpret_cast<const std::int32_t*>(step.buffer(m_op.slots))
                            + static_cast<std::size_t>(row) * static_cast<std::size_t>(m_listed);
        return {first, std::find(first, first + m_listed, -1)};
    }
    static Run runAt(std::span<const std::int32_t> slots) {
        const std::int32_t page = slots.front() / kPageTokens;
        std::int32_t count = 1;
        while (static_cast<std::size_t>(count) < slots.size()
               && slots[static_cast<std::size_t>(count)] == slots.front() + count
               && slots[static_cast<std::size_t>(count)] / kPageTokens == page)
            ++count;
        return {page, slots.front() % kPageTokens, count};
    }
    [[nodiscard]] CacheTile tile(std::int32_t head, const Run& run, bool values, const StepContext& step) const {
        const bool ofKeys = !values || m_spec.valueColumns == 0;
        const std::int32_t stored = ofKeys ? m_spec.keyColumns : m_spec.valueColumns;
        const std::size_t bytes = rowBytes(m_spec.dtype, stored);
        const std::byte* data =
            step.cache->page(m_op.cache, step.state->pageTableOf(m_spec.pageClass)[static_cast<std::size_t>(run.page)])
            + (ofKeys ? 0 : m_spec.keyBytesPerPage())
            + (static_cast<std::size_t>(head) * kPageTokens + static_cast<std::size_t>(run.slot)) * bytes;
        return {reinterpret_cast<const unsigned char*>(data), bytes, values ? m_op.valueColumns : m_op.headColumns,
                run.count};
    }
    [[nodiscard]] std::size_t queryStride() const {
        return static_cast<std::size_t>(m_op.headColumns) * (m_op.gate == QueryGate::PerHead ? 2 : 1);
    }
    [[nodiscard]] const float* queryOf(std::int32_t row, std::int32_t head, const StepContext& step) const {
        return step.buffer(m_op.q) + static_cast<std::size_t>(row * m_op.queryHeads + head) * queryStride();
    }

    /// One page's entries at the front of `slots`, into the partials of all heads of the group; how many they were.
    std::size_t attendPage(std::int32_t row, std::int32_t head, std::span<const std::int32_t> slots, float* scores,
                           float* partials, std::size_t stride, const StepContext& step) const {
        const std::int32_t page = slots.front() / kPageTokens;
        std::size_t taken = 0;
        while (taken < slots.size() && slots[taken] / kPageTokens == page) {
            const Run run = runAt(slots.subspan(taken));
            m_cacheKernels.scores(tile(head, run, false, step), queryOf(row, head * m_group, step), queryStride(),
                                  m_group, scores + taken);
            taken += static_cast<std::size_t>(run.count);
        }
        for (std::int32_t g = 0; g < m_group; ++g)
            weigh(scores + g * kTileTokens, static_cast<std::int32_t>(taken),
                  SoftmaxPartial{partials + static_cast<std::size_t>(g) * stride});
        for (std::size_t done = 0; done < taken;) {
            const Run run = runAt(slots.subspan(done));
            m_cacheKernels.addValues(tile(head, run, true, step), scores + done, m_group,
                                     partials + SoftmaxPartial::kValues, stride);
            done += static_cast<std::size_t>(run.count);
        }
        return taken;
    }
    void weigh(float* scores, std::int32_t count, SoftmaxPartial partial) const {
        float scale = m_op.scale;
        if (m_op.softCap != 0.0F) {
            for (std::int32_t i = 0; i < count; ++i)
                scores[i] *= scale;
            m_vectors.softCap(m_op.softCap, count, scores);
            scale = 1.0F;
        }
        partial.rescale(m_vectors.softmaxStep(scale, count, scores, &partial.maximum(), &partial.sum()),
                        m_op.valueColumns);
    }
    void attend(std::int32_t row, std::int32_t head, std::span<const std::int32_t> slots, std::byte* scratch,
                float* partials, std::size_t stride, const StepContext& step) const {
        for (std::int32_t g = 0; g < m_group; ++g)
            SoftmaxPartial{partials + static_cast<std::size_t>(g) * stride}.clear(m_op.valueColumns);
        auto* scores = pieceAt<float>(scratch, m_scoresOffset);
        while (!slots.empty())
            slots = slots.subspan(attendPage(row, head, slots, scores, partials, stride, step));
    }

    // Partials lie as (row, query head, part) in shared scratch.
    void runPart(std::int32_t index, std::int32_t part, std::byte* scratch, const StepContext& step) const {
        const std::int32_t row = index / m_op.keyHeads;
        const std::int32_t head = index % m_op.keyHeads;
        const std::span<const std::int32_t> all = listOf(row, step);
        const std::size_t first = std::min(all.size(), static_cast<std::size_t>(part) * kPartSlots);
        const std::size_t stride = m_partialSize * static_cast<std::size_t>(m_parts);
        float* partials = reinterpret_cast<float*>(step.shared)
                          + static_cast<std::size_t>(row * m_op.queryHeads + head * m_group) * stride
                          + static_cast<std::size_t>(part) * m_partialSize;
        attend(row, head, all.subspan(first, std::min<std::size_t>(kPartSlots, all.size() - first)), scratch, partials,
               stride, step);
    }
    void combine(const StepContext& step) const {
        const std::size_t stride = m_partialSize * static_cast<std::size_t>(m_parts);
        for (std::int32_t row = 0; row < step.rows; ++row)
            for (std::int32_t head = 0; head < m_op.queryHeads; ++head)
                finish(row, head,
                       reinterpret_cast<const float*>(step.shared)
                           + static_cast<std::size_t>(row * m_op.queryHeads + head) * stride,
                       m_parts, step);
    }
    void runWhole(std::int32_t index, std::byte* scratch, const StepContext& step) const {
        const std::int32_t row = index / m_op.keyHeads;
        const std::int32_t head = index % m_op.keyHeads;
        auto* partials = pieceAt<float>(scratch, m_partialsOffset);
        attend(row, head, listOf(row, step), scratch, partials, m_partialSize, step);
        for (std::int32_t g = 0; g < m_group; ++g)
            finish(row, head * m_group + g, partials + static_cast<std::size_t>(g) * m_partialSize, 1, step);
    }
    void finish(std::int32_t row, std::int32_t head, const float* partials, std::int32_t parts,
                const StepContext& step) const {
        float* out =
            step.buffer(m_op.out)
            + static_cast<std::size_t>(row * m_op.queryHeads + head) * static_cast<std::size_t>(m_op.valueColumns);
        writeSoftmax(m_vectors, partials, parts, m_partialSize,
                     m_sinks.empty() ? nullptr : &m_sinks[static_cast<std::size_t>(head)], m_op.valueColumns, out);
        if (m_op.gate == QueryGate::None)
            return;
        const float* gate = queryOf(row, head, step) + m_op.headColumns;
        for (std::int32_t column = 0; column < m_op.valueColumns; ++column)
            out[column] /= 1.0F + std::exp(-gate[column]);
    }

    Attention m_op;
    CacheSpec m_spec;
    const VectorKernels& m_vectors;
    const CacheKernels& m_cacheKernels;
    std::vector<float> m_sinks;
    std::int32_t m_group; ///< query heads that share a cache head
    std::size_t m_partialSize;
    std::int32_t m_listed; ///< entries of a list
    std::int32_t m_parts;
    std::int32_t m_maxRows;
    std::size_t m_sharedBytes = 0;
    std::size_t m_workerBytes = 0;
    std::size_t m_scoresOffset = 0;
    std::size_t m_partialsOffset = 0;
};

} // namespace

std::unique_ptr<Stage> makeSparseAttention(const StagePlan& plan, const Attention& op) {
    return std::make_unique<SparseAttentionStage>(plan, op);
}

} // namespace hearth
