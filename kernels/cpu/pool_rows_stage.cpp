#include "kernels/cpu/row_stages.h"

#include "kernels/cpu/owned_norm.h"
#include "kernels/cpu/scratch_layout.h"
#include "kernels/quant/dequantise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace hearth {

namespace {

constexpr std::int32_t kRowsPerChunk = 8;
// Columns whose sums stay in registers while the rows stream by; four cache lines of each row.
constexpr std::int32_t kColumnsPerChunk = 64;
constexpr std::int32_t kOutputsPerChunk = 16;

std::size_t at(std::int32_t row, std::int32_t columns) {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns);
}

/// A matrix that meets one row: its rows are expanded and multiplied in float, for one row is not worth rounding.
struct RowLinear {
    const WeightView* weight = nullptr; ///< null: none
    std::vector<float> bias;

    RowLinear(const Program& program, const Linear& linear)
        : weight(program.weight(linear.weight)), bias(ownedVector(program, linear.bias)) {}

    [[nodiscard]] float output(const VectorKernels& vectors, std::int32_t row, const float* in, float* expanded) const {
        dequantiseRow(weight->dtype, weight->data + static_cast<std::size_t>(row) * weight->rowSizeBytes(),
                      weight->columns, expanded);
        const float sum = vectors.dot(expanded, in, weight->columns);
        return bias.empty() ? sum : sum + bias[static_cast<std::size_t>(row)];
    }
};

/// Phases: normalise the rows that count, pool them by columns, the dense layer, the head. Phases that an op does not
/// have hold no chunks.
class PoolRowsStage final : public Stage {
public:
    PoolRowsStage(const StagePlan& plan, const PoolRows& op)
        : m_vectors(plan.vectors), m_op(op), m_norm(plan.program, op.norm), m_dense(plan.program, op.dense),
          m_head(plan.program, op.head), m_columns(plan.program.buffers[static_cast<std::size_t>(op.in)].columns) {
        const std::int32_t normedRows = op.pooling == Pooling::Mean ? plan.program.maxRows : 1;
        ScratchLayout shared;
        if (m_norm.kind() != NormKind::None)
            m_normedOffset = shared.add<float>(at(normedRows, m_columns));
        m_pooledOffset = shared.add<float>(static_cast<std::size_t>(m_columns));
        if (m_dense.weight != nullptr)
            m_denseOffset = shared.add<float>(static_cast<std::size_t>(m_dense.weight->rows));
        m_sharedBytes = shared.sizeBytes();
        ScratchLayout worker;
        for (const RowLinear* linear : {&m_dense, &m_head})
            if (linear->weight != nullptr)
                m_widest = std::max(m_widest, linear->weight->columns);
        static_cast<void>(worker.add<float>(static_cast<std::size_t>(m_widest)));
        m_workerBytes = worker.sizeBytes();
    }

    [[nodiscard]] std::size_t sharedBytes() const override { return m_sharedBytes; }
    [[nodiscard]] std::size_t workerBytes() const override { return m_workerBytes; }

    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        switch (phase) {
        case 0:
            m_split = {m_norm.kind() == NormKind::None ? 0 : countedRows(step), kRowsPerChunk};
            break;
        case 1:
            m_split = {m_columns, kColumnsPerChunk};
            break;
        case 2:
            m_split = {m_dense.weight == nullptr ? 0 : m_dense.weight->rows, kOutputsPerChunk};
            break;
        case 3:
            m_split = {m_head.weight == nullptr ? 0 : m_head.weight->rows, kOutputsPerChunk};
            break;
        default:
            return PhasedWork::kNoMorePhases;
        }
        return m_split.chunks();
    }

    void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) override {
        const std::int32_t first = m_split.first(chunk);
        const std::int32_t count = m_split.size(chunk);
        auto* expanded = pieceAt<float>(step.workerScratch(worker), 0);
        if (phase == 0) {
            for (std::int32_t row = first; row < first + count; ++row)
                m_norm.apply(m_vectors, inputRow(row, step), m_columns,
                             pieceAt<float>(step.shared, m_normedOffset) + at(row, m_columns));
        } else if (phase == 1) {
            poolColumns(first, count, step);
        } else if (phase == 2) {
            float* out = denseResult(step);
            for (std::int32_t n = first; n < first + count; ++n)
                out[n] = std::tanh(m_dense.output(m_vectors, n, pooled(step), expanded));
        } else {
            const float* in = m_dense.weight == nullptr ? pooled(step) : denseResult(step);
            for (std::int32_t n = first; n < first + count; ++n)
                step.buffer(m_op.out)[n] = m_head.output(m_vectors, n, in, expanded);
        }
    }

private:
    /// Rows that the result depends on.
    [[nodiscard]] std::int32_t countedRows(const StepContext& step) const {
        return m_op.pooling == Pooling::Mean ? step.rows : 1;
    }
    /// Row `index` of those.
    [[nodiscard]] const float* inputRow(std::int32_t index, const StepContext& step) const {
        const std::int32_t row = m_op.pooling == Pooling::Last ? step.rows - 1 : index;
        return step.buffer(m_op.in) + at(row, m_columns);
    }
    [[nodiscard]] float* pooled(const StepContext& step) const {
        const bool isLast = m_dense.weight == nullptr && m_head.weight == nullptr;
        return isLast ? step.buffer(m_op.out) : pieceAt<float>(step.shared, m_pooledOffset);
    }
    [[nodiscard]] float* denseResult(const StepContext& step) const {
        return m_head.weight == nullptr ? step.buffer(m_op.out) : pieceAt<float>(step.shared, m_denseOffset);
    }

    /// Sums in double: a text may have thousands of rows.
    void poolColumns(std::int32_t first, std::int32_t count, const StepContext& step) const {
        std::array<double, kColumnsPerChunk> sums{};
        const std::int32_t rows = countedRows(step);
        for (std::int32_t row = 0; row < rows; ++row) {
            const float* in = m_norm.kind() == NormKind::None
                                  ? inputRow(row, step)
                                  : pieceAt<float>(step.shared, m_normedOffset) + at(row, m_columns);
            for (std::int32_t column = 0; column < count; ++column)
                sums[static_cast<std::size_t>(column)] += in[first + column];
        }
        for (std::int32_t column = 0; column < count; ++column)
            pooled(step)[first + column] = static_cast<float>(sums[static_cast<std::size_t>(column)] / rows);
    }

    const VectorKernels& m_vectors;
    PoolRows m_op;
    OwnedNorm m_norm;
    RowLinear m_dense;
    RowLinear m_head;
    std::int32_t m_columns;
    std::int32_t m_widest = 0; ///< input of the dense layer or the head
    std::size_t m_normedOffset = 0;
    std::size_t m_pooledOffset = 0;
    std::size_t m_denseOffset = 0;
    std::size_t m_sharedBytes = 0;
    std::size_t m_workerBytes = 0;
    Split m_split;
};

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const PoolRows& op) {
    return std::make_unique<PoolRowsStage>(plan, op);
}

} // namespace hearth
