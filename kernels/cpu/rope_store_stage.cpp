#include "kernels/cpu/position_stages.h"

#include "kernels/cpu/owned_norm.h"
#include "kernels/cpu/scratch_layout.h"
#include "kernels/quant/quantise.h"

#include <algorithm>

namespace hearth {

namespace {

/// Turns the pairs of one head in place; half: distance within a pair for RopeLayout::Halves.
void rotate(RopeLayout layout, std::int32_t pairs, const float* cosines, const float* sines, float* head) {
    const std::int32_t second = layout == RopeLayout::Halves ? pairs : 1;
    const std::int32_t step = layout == RopeLayout::Halves ? 1 : 2;
    for (std::int32_t pair = 0; pair < pairs; ++pair) {
        float* first = head + pair * step;
        const float a = first[0];
        const float b = first[second];
        first[0] = a * cosines[pair] - b * sines[pair];
        first[second] = a * sines[pair] + b * cosines[pair];
    }
}

class RopeStoreStage final : public Stage {
public:
    RopeStoreStage(const StagePlan& plan, const RopeStore& op, const RopeTable* table)
        : m_vectors(plan.vectors), m_op(op), m_qNorm(plan.program, op.qNorm), m_kNorm(plan.program, op.kNorm),
          m_table(table) {
        if (op.k != kNoBuffer)
            m_cacheSpec = &plan.program.caches[static_cast<std::size_t>(op.cache)];
    }

    [[nodiscard]] std::size_t workerBytes() const override {
        return (static_cast<std::size_t>(m_op.headColumns) * sizeof(float) + AlignedBuffer::kAlignment)
               / AlignedBuffer::kAlignment * AlignedBuffer::kAlignment;
    }

    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        if (phase > 0)
            return PhasedWork::kNoMorePhases;
        // A few rows take about a microsecond: not worth waking anybody.
        m_split = {step.rows, kRowsPerChunk};
        return m_split.chunks();
    }

    void runChunk(std::int32_t, std::int32_t chunk, std::int32_t worker, const StepContext& step) override {
        auto* head = reinterpret_cast<float*>(step.workerScratch(worker));
        const std::int32_t first = m_split.first(chunk);
        for (std::int32_t row = first; row < first + m_split.size(chunk); ++row) {
            if (m_op.q != kNoBuffer) {
                float* q = step.buffer(m_op.q) + rowOffset(row, m_op.queryHeads, m_op.headColumns);
                for (std::int32_t index = 0; index < m_op.queryHeads; ++index, q += m_op.headColumns)
                    turn(m_qNorm, row, q, q);
            }
            if (m_op.k != kNoBuffer)
                store(row, head, step);
        }
    }

private:
    static constexpr std::int32_t kRowsPerChunk = 8;

    static std::size_t rowOffset(std::int32_t row, std::int32_t heads, std::int32_t columns) {
        return static_cast<std::size_t>(row) * static_cast<std::size_t>(heads) * static_cast<std::size_t>(columns);
    }

    void turn(const OwnedNorm& norm, std::int32_t row, const float* in, float* out) const {
        norm.apply(m_vectors, in, m_op.headColumns, out);
        if (m_table != nullptr)
            rotate(m_op.rope.layout, m_table->pairs(), m_table->cosines(row), m_table->sines(row), out);
    }

    void store(std::int32_t row, float* head, const StepContext& step) const {
        const CacheSpec& spec = *m_cacheSpec;
        const std::int32_t slot = step.state->cacheStart + row;
        const std::int32_t pageIndex = step.state->pageTable[static_cast<std::size_t>(slot / kPageTokens)];
        std::byte* page = step.cache->page(m_op.cache, pageIndex);
        const auto token = static_cast<std::size_t>(slot % kPageTokens);
        const std::size_t keyBytes = rowBytes(spec.dtype, spec.keyColumns);
        const std::size_t valueBytes = rowBytes(spec.dtype, spec.valueColumns);
        const float* k = step.buffer(m_op.k) + rowOffset(row, m_op.keyHeads, m_op.headColumns);
        for (std::int32_t index = 0; index < m_op.keyHeads; ++index, k += m_op.headColumns) {
            turn(m_kNorm, row, k, head);
            const std::size_t place = static_cast<std::size_t>(index) * kPageTokens + token;
            quantiseRow(spec.dtype, head, spec.keyColumns, page + place * keyBytes);
        }
        if (m_op.v == kNoBuffer)
            return;
        const float* v = step.buffer(m_op.v) + rowOffset(row, m_op.keyHeads, m_op.valueColumns);
        std::byte* values = page + spec.keyBytesPerPage();
        for (std::int32_t index = 0; index < m_op.keyHeads; ++index, v += m_op.valueColumns) {
            const std::size_t place = static_cast<std::size_t>(index) * kPageTokens + token;
            quantiseRow(spec.dtype, v, spec.valueColumns, values + place * valueBytes);
        }
    }

    const VectorKernels& m_vectors;
    RopeStore m_op;
    OwnedNorm m_qNorm;
    OwnedNorm m_kNorm;
    const RopeTable* m_table;
    const CacheSpec* m_cacheSpec = nullptr;
    Split m_split;
};

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const RopeStore& op, const RopeTable* table) {
    return std::make_unique<RopeStoreStage>(plan, op, table);
}

} // namespace hearth
