#include "kernels/cpu/row_stages.h"

#include "kernels/cpu/owned_norm.h"

#include <algorithm>

namespace hearth {

namespace {

constexpr std::int32_t kRowsPerChunk = 8;

std::size_t at(std::int32_t row, std::int32_t columns) {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns);
}

/// A stage of one phase that goes through the rows.
class RowStage : public Stage {
public:
    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        if (phase > 0)
            return PhasedWork::kNoMorePhases;
        m_split = {step.rows, kRowsPerChunk};
        return m_split.chunks();
    }
    void runChunk(std::int32_t, std::int32_t chunk, std::int32_t worker, const StepContext& step) override {
        const std::int32_t first = m_split.first(chunk);
        for (std::int32_t row = first; row < first + m_split.size(chunk); ++row)
            runRow(row, step.workerScratch(worker), step);
    }

protected:
    virtual void runRow(std::int32_t row, std::byte* scratch, const StepContext& step) const = 0;

private:
    Split m_split;
};

class NormRowsStage final : public RowStage {
public:
    NormRowsStage(const StagePlan& plan, const NormRows& op)
        : m_vectors(plan.vectors), m_op(op), m_norm(plan.program, op.norm),
          m_columns(plan.program.buffers[static_cast<std::size_t>(op.in)].columns),
          m_outColumns(plan.program.buffers[static_cast<std::size_t>(op.out)].columns), m_factor(op.scale) {
        const WeightView* weight = plan.program.weight(op.norm.weight);
        m_width = weight == nullptr ? m_columns : weight->columns;
        if (const std::vector<float> factor = ownedVector(plan.program, op.factor); !factor.empty())
            m_factor *= factor.front();
    }
    std::size_t workerBytes() const override {
        return (static_cast<std::size_t>(m_columns) * sizeof(float) + AlignedBuffer::kAlignment)
               / AlignedBuffer::kAlignment * AlignedBuffer::kAlignment;
    }

private:
    void runRow(std::int32_t row, std::byte* scratch, const StepContext& step) const override {
        auto* values = reinterpret_cast<float*>(scratch);
        const float* in = step.buffer(m_op.in) + at(row, m_columns);
        std::transform(in, in + m_columns, values, [this](float value) { return m_op.inputScale * value; });
        if (m_norm.kind() != NormKind::None)
            for (std::int32_t start = 0; start < m_columns; start += m_width)
                m_norm.apply(m_vectors, values + start, m_width, values + start);
        if (m_op.other != kNoBuffer)
            m_vectors.addScaled(step.buffer(m_op.other) + at(row, m_columns), 1.0F, m_columns, values);
        float* out = step.buffer(m_op.out) + at(row, m_outColumns) + m_op.outColumn;
        std::transform(values, values + m_columns, out, [this](float value) { return m_factor * value; });
    }

    const VectorKernels& m_vectors;
    NormRows m_op;
    OwnedNorm m_norm;
    std::int32_t m_columns;
    std::int32_t m_outColumns;
    std::int32_t m_width = 0;
    float m_factor;
};

class LoadRowsStage final : public RowStage {
public:
    LoadRowsStage(const StagePlan& plan, const LoadRows& op)
        : m_vectors(plan.vectors), m_op(op), m_columns(plan.program.buffers[static_cast<std::size_t>(op.out)].columns),
          m_parts(plan.program.embeddingParts) {}

private:
    void runRow(std::int32_t row, std::byte*, const StepContext& step) const override {
        float* out = step.buffer(m_op.out) + at(row, m_columns);
        if (m_op.store == Store::Replace)
            std::fill_n(out, m_columns, 0.0F);
        if (m_op.which == EmbeddingRows::MediaOnly && step.state->tokens[static_cast<std::size_t>(row)] >= 0)
            return;
        const float* part = step.state->embeddings.data() + at(row * m_parts + m_op.part, m_columns);
        m_vectors.addScaled(part, 1.0F, m_columns, out);
    }

    const VectorKernels& m_vectors;
    LoadRows m_op;
    std::int32_t m_columns;
    std::int32_t m_parts;
};

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const NormRows& op) {
    return std::make_unique<NormRowsStage>(plan, op);
}

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const LoadRows& op) {
    return std::make_unique<LoadRowsStage>(plan, op);
}

} // namespace hearth
