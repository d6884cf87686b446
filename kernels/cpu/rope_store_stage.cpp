#include "kernels/cpu/position_stages.h"

#include "kernels/cpu/kernel_choice.h"
#include "kernels/cpu/owned_norm.h"
#include "kernels/quant/quantise.h"

#include <algorithm>

namespace hearth {

namespace {

class RopeStoreStage final : public Stage {
public:
    RopeStoreStage(const StagePlan& plan, const RopeStore& op, const RopeTable* table)
        : m_vectors(plan.vectors), m_op(op), m_qNorm(plan.program, op.qNorm), m_kNorm(plan.program, op.kNorm),
          m_vNorm(plan.program, op.vNorm), m_qNormColumns(normColumns(plan, op.qNorm, op.headColumns)),
          m_kNormColumns(normColumns(plan, op.kNorm, op.headColumns)),
          m_vNormColumns(normColumns(plan, op.vNorm, op.valueColumns)), m_table(table),
          m_rotate(plan.vectors.rotate[static_cast<std::size_t>(op.rope.layout)]) {
        if (op.k != kNoBuffer) {
            m_cacheSpec = &plan.program.caches[static_cast<std::size_t>(op.cache)];
            m_write = chooseCacheKernels(m_cacheSpec->dtype, plan.isa)->store;
        }
    }

    /// One row of keys or values.
    [[nodiscard]] std::size_t workerBytes() const override {
        const auto columns = static_cast<std::size_t>(std::max(m_op.headColumns, m_op.valueColumns))
                             * static_cast<std::size_t>(std::max(m_op.keyHeads, 1));
        return (columns * sizeof(float) + AlignedBuffer::kAlignment) / AlignedBuffer::kAlignment
               * AlignedBuffer::kAlignment;
    }

    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        if (phase > 0)
            return PhasedWork::kNoMorePhases;
        // A few rows take about a microsecond: not worth waking anybody.
        m_split = {step.rows, kRowsPerChunk};
        return m_split.chunks();
    }

    void runChunk(std::int32_t, std::int32_t chunk, std::int32_t worker, const StepContext& step) override {
        auto* scratch = reinterpret_cast<float*>(step.workerScratch(worker));
        const std::int32_t first = m_split.first(chunk);
        for (std::int32_t row = first; row < first + m_split.size(chunk); ++row) {
            // Values first: they may be what the keys were before their norm and rope.
            if (m_op.v != kNoBuffer)
                storeValues(row, scratch, step);
            if (m_op.q != kNoBuffer)
                turnQueries(row, step);
            if (m_op.k != kNoBuffer)
                storeKeys(row, scratch, step);
        }
    }

private:
    static constexpr std::int32_t kRowsPerChunk = 8;

    static std::size_t rowOffset(std::int32_t row, std::int32_t heads, std::int32_t columns) {
        return static_cast<std::size_t>(row) * static_cast<std::size_t>(heads) * static_cast<std::size_t>(columns);
    }

    /// A norm goes over as many columns as its weight has: a head, or all heads together.
    static std::int32_t normColumns(const StagePlan& plan, const Norm& norm, std::int32_t headColumns) {
        const WeightView* weight = plan.program.weight(norm.weight);
        return weight == nullptr ? headColumns : weight->columns;
    }

    /// Normalises `count` parts of `columns` that begin `stride` apart.
    void normalise(const OwnedNorm& norm, std::int32_t columns, std::int32_t count, std::int32_t stride,
                   float* row) const {
        if (norm.kind() == NormKind::None)
            return;
        for (std::int32_t part = 0; part < count; ++part, row += stride)
            norm.apply(m_vectors, row, columns, row);
    }

    void rotate(std::int32_t row, float* head) const {
        if (m_table != nullptr)
            m_rotate(m_table->cosines(row), m_table->sines(row), m_table->pairs(), head);
    }

    void turnQueries(std::int32_t row, const StepContext& step) const {
        const std::int32_t stride = m_op.gate == QueryGate::PerHead ? 2 * m_op.headColumns : m_op.headColumns;
        float* q = step.buffer(m_op.q) + rowOffset(row, m_op.queryHeads, stride);
        const bool wholeRow = m_qNormColumns != m_op.headColumns;
        normalise(m_qNorm, m_qNormColumns, wholeRow ? 1 : m_op.queryHeads, stride, q);
        for (std::int32_t head = 0; head < m_op.queryHeads; ++head)
            rotate(row, q + rowOffset(head, 1, stride));
    }

    void write(const float* numbers, std::int32_t columns, std::byte* out) const {
        if (m_write != nullptr)
            m_write(numbers, columns, reinterpret_cast<unsigned char*>(out));
        else
            quantiseRow(m_cacheSpec->dtype, numbers, columns, out);
    }

    /// (heads, columns) of one row into its slot; the cache's rows of one page begin at `page`.
    void writeHeads(std::int32_t row, const float* heads, std::int32_t columns, std::byte* page,
                    const StepContext& step) const {
        const auto token = static_cast<std::size_t>((step.state->cacheStart + row) % kPageTokens);
        const std::size_t bytes = rowBytes(m_cacheSpec->dtype, columns);
        for (std::int32_t head = 0; head < m_op.keyHeads; ++head)
            write(heads + rowOffset(head, 1, columns), columns,
                  page + (static_cast<std::size_t>(head) * kPageTokens + token) * bytes);
    }

    std::byte* pageOf(std::int32_t row, const StepContext& step) const {
        const std::int32_t slot = step.state->cacheStart + row;
        const std::span<const std::int32_t> table = step.state->pageTableOf(m_cacheSpec->pageClass);
        return step.cache->page(m_op.cache, table[static_cast<std::size_t>(slot / kPageTokens)]);
    }

    void storeKeys(std::int32_t row, float* scratch, const StepContext& step) const {
        const float* k = step.buffer(m_op.k) + rowOffset(row, m_op.keyHeads, m_op.headColumns);
        std::copy_n(k, rowOffset(1, m_op.keyHeads, m_op.headColumns), scratch);
        const bool wholeRow = m_kNormColumns != m_op.headColumns;
        normalise(m_kNorm, m_kNormColumns, wholeRow ? 1 : m_op.keyHeads, m_op.headColumns, scratch);
        for (std::int32_t head = 0; head < m_op.keyHeads; ++head)
            rotate(row, scratch + rowOffset(head, 1, m_op.headColumns));
        writeHeads(row, scratch, m_op.headColumns, pageOf(row, step), step);
    }

    void storeValues(std::int32_t row, float* scratch, const StepContext& step) const {
        const float* v = step.buffer(m_op.v) + rowOffset(row, m_op.keyHeads, m_op.valueColumns);
        std::byte* values = pageOf(row, step) + m_cacheSpec->keyBytesPerPage();
        if (m_vNorm.kind() == NormKind::None) {
            writeHeads(row, v, m_op.valueColumns, values, step);
            return;
        }
        std::copy_n(v, rowOffset(1, m_op.keyHeads, m_op.valueColumns), scratch);
        const bool wholeRow = m_vNormColumns != m_op.valueColumns;
        normalise(m_vNorm, m_vNormColumns, wholeRow ? 1 : m_op.keyHeads, m_op.valueColumns, scratch);
        writeHeads(row, scratch, m_op.valueColumns, values, step);
    }

    const VectorKernels& m_vectors;
    RopeStore m_op;
    OwnedNorm m_qNorm;
    OwnedNorm m_kNorm;
    OwnedNorm m_vNorm;
    std::int32_t m_qNormColumns;
    std::int32_t m_kNormColumns;
    std::int32_t m_vNormColumns;
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
