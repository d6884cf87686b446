#include "kernels/cpu/grouped_stage.h"
#include "kernels/cpu/kernel_choice.h"
#include "kernels/cpu/position_stages.h"
#include "kernels/cpu/scratch_layout.h"
#include "kernels/quant/dequantise.h"
#include "kernels/quant/quantise.h"

#include <algorithm>

namespace hearth {

namespace {

std::size_t at(std::int32_t row, std::int64_t columns) {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns);
}

/// What both layouts of W_UK share: the cache row of a token, and the positional part of each query.
class LatentRows {
public:
    LatentRows(const StagePlan& plan, const LatentStore& op, const RopeTable* table)
        : m_vectors(plan.vectors), m_op(op), m_norm(plan.program, op.latentNorm), m_table(table),
          m_rotate(plan.vectors.rotate[static_cast<std::size_t>(op.rope.layout)]),
          m_cacheSpec(plan.program.caches[static_cast<std::size_t>(op.cache)]),
          m_write(chooseCacheKernels(m_cacheSpec.dtype, plan.isa)->store) {}

    [[nodiscard]] std::int64_t queryColumns() const { return std::int64_t{m_op.contentColumns} + m_op.ropeColumns; }
    [[nodiscard]] std::int64_t outColumns() const { return std::int64_t{m_op.rank} + m_op.ropeColumns; }
    [[nodiscard]] const float* contentOf(std::int32_t row, std::int32_t head, const StepContext& step) const {
        return step.buffer(m_op.q) + at(row, queryColumns() * m_op.heads) + at(head, queryColumns());
    }
    [[nodiscard]] float* outOf(std::int32_t row, std::int32_t head, const StepContext& step) const {
        return step.buffer(m_op.out) + at(row, outColumns() * m_op.heads) + at(head, outColumns());
    }

    void storeRow(std::int32_t row, const StepContext& step) const {
        for (std::int32_t head = 0; head < m_op.heads; ++head) {
            float* positional = outOf(row, head, step) + m_op.rank;
            std::copy_n(contentOf(row, head, step) + m_op.contentColumns, m_op.ropeColumns, positional);
            rotate(row, positional);
        }
        // Nobody reads the compressed row again, so it becomes the cache row where it stands.
        float* key = step.buffer(m_op.compressed) + at(row, outColumns());
        m_norm.apply(m_vectors, key, m_op.rank, key);
        rotate(row, key + m_op.rank);
        const std::int32_t slot = step.state->cacheStart + row;
        std::byte* page = step.cache->page(
            m_op.cache, step.state->pageTableOf(m_cacheSpec.pageClass)[static_cast<std::size_t>(slot / kPageTokens)]);
        std::byte* stored = page + at(slot % kPageTokens, 1) * rowBytes(m_cacheSpec.dtype, m_cacheSpec.keyColumns);
        if (m_write != nullptr)
            m_write(key, m_cacheSpec.keyColumns, reinterpret_cast<unsigned char*>(stored));
        else
            quantiseRow(m_cacheSpec.dtype, key, m_cacheSpec.keyColumns, stored);
    }

    [[nodiscard]] const LatentStore& op() const { return m_op; }

private:
    void rotate(std::int32_t row, float* columns) const {
        if (m_table != nullptr)
            m_rotate(m_table->cosines(row), m_table->sines(row), m_table->pairs(), columns);
    }

    const VectorKernels& m_vectors;
    LatentStore m_op;
    OwnedNorm m_norm;
    const RopeTable* m_table;
    void (*m_rotate)(const float* cosines, const float* sines, std::int32_t pairs, float* head);
    const CacheSpec& m_cacheSpec;
    void (*m_write)(const float* numbers, std::int32_t columns, unsigned char* out);
};

class LatentStoreStage final : public GroupedStage {
public:
    LatentStoreStage(const StagePlan& plan, const LatentStore& op, const RopeTable* table)
        : GroupedStage(plan, {{op.keyUp, kNoWeight}}, op.heads), m_rows(plan, op, table) {}

private:
    bool preparesRows() const override { return true; }
    void prepareRow(std::int32_t row, const StepContext& step) const override { m_rows.storeRow(row, step); }
    std::int32_t matrixOf(const Pair& pair, const StepContext&) const override { return pair.place; }
    const float* inputOf(const Pair& pair, const StepContext& step) const override {
        return m_rows.contentOf(pair.row, pair.place, step);
    }
    void runSlice(const Slice& slice, const StepContext& step) const override {
        const float* results = multiply(0, slice, step);
        for (std::int32_t index = 0; index < slice.count; ++index) {
            const Pair& target = pair(slice.first + index);
            std::copy_n(results + at(index, slice.rows), slice.rows,
                        m_rows.outOf(target.row, target.place, step) + slice.firstRow);
        }
    }

    LatentRows m_rows;
};

/// Older files hold W_UK by rows of the content: each row, expanded once, is added to every latent query.
class LatentStoreTransposedStage final : public Stage {
public:
    LatentStoreTransposedStage(const StagePlan& plan, const LatentStore& op, const RopeTable* table)
        : m_program(plan.program), m_vectors(plan.vectors), m_weight(*plan.program.weight(op.keyUp)),
          m_rows(plan, op, table) {
        std::int32_t rank = 0;
        for (const LowRank& change : m_weight.lowRank)
            rank = std::max(rank, m_program.weight(change.down)->rows);
        ScratchLayout layout;
        static_cast<void>(layout.add<float>(static_cast<std::size_t>(std::max(m_weight.columns, rank))));
        m_innerOffset = layout.add<float>(static_cast<std::size_t>(rank));
        m_workerBytes = layout.sizeBytes();
    }

    std::size_t workerBytes() const override { return m_workerBytes; }
    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        constexpr std::int32_t kRowsPerChunk = 8;
        if (phase == 0) {
            m_split = {step.rows, kRowsPerChunk};
            return m_split.chunks();
        }
        return phase == 1 ? m_rows.op().heads : PhasedWork::kNoMorePhases;
    }
    void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) override {
        if (phase == 0) {
            const std::int32_t first = m_split.first(chunk);
            for (std::int32_t row = first; row < first + m_split.size(chunk); ++row)
                m_rows.storeRow(row, step);
            return;
        }
        const LatentStore& op = m_rows.op();
        std::byte* scratch = step.workerScratch(worker);
        auto* expanded = pieceAt<float>(scratch, 0);
        for (std::int32_t row = 0; row < step.rows; ++row)
            std::fill_n(m_rows.outOf(row, chunk, step), op.rank, 0.0F);
        for (std::int32_t column = 0; column < op.contentColumns; ++column) {
            dequantiseRow(m_weight.dtype, m_weight.matrixData(chunk) + at(column, 1) * m_weight.rowSizeBytes(), op.rank,
                          expanded);
            for (std::int32_t row = 0; row < step.rows; ++row)
                m_vectors.addScaled(expanded, m_rows.contentOf(row, chunk, step)[column], op.rank,
                                    m_rows.outOf(row, chunk, step));
        }
        for (const LowRank& change : m_weight.lowRank)
            addChange(change, chunk, scratch, step);
    }

private:
    /// (up down)^T content = down^T (up^T content), row by row: the change of a small matrix.
    void addChange(const LowRank& change, std::int32_t head, std::byte* scratch, const StepContext& step) const {
        const WeightView& up = *m_program.weight(change.up);
        const WeightView& down = *m_program.weight(change.down);
        const float scale = change.factor * step.state->adapterScales[static_cast<std::size_t>(change.adapter)];
        if (scale == 0.0F)
            return;
        auto* expanded = pieceAt<float>(scratch, 0);
        auto* inner = pieceAt<float>(scratch, m_innerOffset);
        for (std::int32_t row = 0; row < step.rows; ++row) {
            std::fill_n(inner, up.columns, 0.0F);
            for (std::int32_t column = 0; column < up.rows; ++column) {
                dequantiseRow(up.dtype, up.matrixData(head) + at(column, 1) * up.rowSizeBytes(), up.columns, expanded);
                m_vectors.addScaled(expanded, m_rows.contentOf(row, head, step)[column], up.columns, inner);
            }
            for (std::int32_t place = 0; place < down.rows; ++place) {
                const std::byte* stored =
                    down.matrixData(down.matrices == 1 ? 0 : head) + at(place, 1) * down.rowSizeBytes();
                dequantiseRow(down.dtype, stored, down.columns, expanded);
                m_vectors.addScaled(expanded, scale * inner[place], down.columns, m_rows.outOf(row, head, step));
            }
        }
    }

    const Program& m_program;
    const VectorKernels& m_vectors;
    const WeightView& m_weight;
    LatentRows m_rows;
    Split m_split;
    std::size_t m_innerOffset = 0; ///< in worker scratch, behind one expanded row
    std::size_t m_workerBytes = 0;
};

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const LatentStore& op, const RopeTable* table) {
    if (op.keyUpLayout == KeyUpLayout::Transposed)
        return std::make_unique<LatentStoreTransposedStage>(plan, op, table);
    return std::make_unique<LatentStoreStage>(plan, op, table);
}

} // namespace hearth
