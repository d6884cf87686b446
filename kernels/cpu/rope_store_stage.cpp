#include "kernels/cpu/position_stages.h"

#include "kernels/cpu/kernel_choice.h"
#include "kernels/cpu/owned_norm.h"
#include "kernels/quant/quantise.h"

namespace hearth {

namespace {

class RopeStoreStage final : public Stage {
public:
    RopeStoreStage(const StagePlan& plan, const RopeStore& op, const RopeTable* table)
        : m_vectors(plan.vectors), m_op(op), m_qNorm(plan.program, op.qNorm), m_kNorm(plan.program, op.kNorm),
          m_table(table), m_rotate(plan.vectors.rotate[static_cast<std::size_t>(op.rope.layout)]) {
        if (op.k != kNoBuffer) {
            m_cacheSpec = &plan.program.caches[static_cast<std::size_t>(op.cache)];
            m_write = chooseCacheKernels(m_cacheSpec->dtype, plan.isa)->store;
        }
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
            m_rotate(m_table->cosines(row), m_table->sines(row), m_table->pairs(), out);
    }

    void write(const float* numbers, std::int32_t columns, std::byte* out) const {
        if (m_write != nullptr)
            m_write(numbers, columns, reinterpret_cast<unsigned char*>(out));
        else
            quantiseRow(m_cacheSpec->dtype, numbers, columns, out);
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
            write(head, spec.keyColumns, page + place * keyBytes);
        }
        if (m_op.v == kNoBuffer)
            return;
        const float* v = step.buffer(m_op.v) + rowOffset(row, m_op.keyHeads, m_op.valueColumns);
        std::byte* values = page + spec.keyBytesPerPage();
        for (std::int32_t index = 0; index < m_op.keyHeads; ++index, v += m_op.valueColumns) {
            const std::size_t place = static_cast<std::size_t>(index) * kPageTokens + token;
            write(v, spec.valueColumns, values + place * valueBytes);
        }
    }

    const VectorKernels& m_vectors;
    RopeStore m_op;
    OwnedNorm m_qNorm;
    OwnedNorm m_kNorm;
    const RopeTable* m_table;
    void (*m_rotate)(const float* cosines, const float* sines, std::int32_t pairs, float* head);
    void (*m_write)(const float* numbers, std::int32_t columns, unsigned char* out) = nullptr;
    const CacheSpec* m_cacheSpec = nullptr;
    Split m_split;
};

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const RopeStore& op, const RopeTable* table) {
    return std::make_unique<RopeStoreStage>(plan, op, table);
}

} // namespace hearth
