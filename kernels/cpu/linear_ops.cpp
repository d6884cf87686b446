// The ops around matrix products: what becomes of a slice of results.

#include "kernels/cpu/activations.h"
#include "kernels/cpu/grouped_stage.h"
#include "kernels/cpu/linear_stage.h"
#include "kernels/cpu/scratch_layout.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hearth {

namespace {

std::size_t at(std::int32_t row, std::int32_t columns) {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns);
}

class NormProjectStage final : public LinearStage {
public:
    NormProjectStage(const StagePlan& plan, const NormProject& op)
        : LinearStage(plan, {op.in, &op.norm, Rows::All}, groupsOf(plan, op)) {
        for (const Projection& projection : op.projections)
            m_outputs.push_back(projection.out);
    }

private:
    static std::vector<MatrixGroup> groupsOf(const StagePlan& plan, const NormProject& op) {
        std::vector<MatrixGroup> groups;
        for (const Projection& projection : op.projections)
            groups.push_back({makeMatrix(plan, projection.linear)});
        return groups;
    }
    void runSlice(const Slice& slice, const StepContext& step) override {
        const Matrix& matrix = group(slice.group).front();
        multiply(matrix, slice, step.buffer(m_outputs[static_cast<std::size_t>(slice.group)]) + slice.first,
                 static_cast<std::size_t>(matrix.weight->rows), step);
    }

    std::vector<BufferId> m_outputs;
};

/// residual += scale * postNorm(linear(in)): ProjectResidual and DownReduce.
class ResidualStage final : public LinearStage {
public:
    ResidualStage(const StagePlan& plan, const DownReduce& op)
        : LinearStage(plan, {op.in, nullptr, Rows::All}, {{makeMatrix(plan, op.down)}}),
          m_postNorm(plan.program, op.postNorm), m_residual(op.residual), m_gate(op.gate), m_store(op.store),
          m_scale(op.scale), m_columns(group(0).front().weight->rows) {
        if (hasNorm())
            m_sumsOffset = reserveShared(at(maxRows(), m_columns) * sizeof(float));
        else
            reserveSlab();
    }

private:
    static constexpr std::int32_t kNormRows = 8;

    [[nodiscard]] bool hasNorm() const { return m_postNorm.kind() != NormKind::None; }
    void add(const float* sums, std::int32_t row, std::int32_t count, float* residual, const StepContext& step) const {
        const float gate = m_gate == kNoBuffer ? 1.0F : 1.0F / (1.0F + std::exp(-step.buffer(m_gate)[row]));
        if (m_store == Store::Replace)
            std::fill_n(residual, count, 0.0F);
        vectors().addScaled(sums, gate * m_scale, count, residual);
    }

    void runSlice(const Slice& slice, const StepContext& step) override {
        const Matrix& matrix = group(0).front();
        if (hasNorm()) {
            multiply(matrix, slice, pieceAt<float>(step.shared, m_sumsOffset) + slice.first,
                     static_cast<std::size_t>(m_columns), step);
            return;
        }
        float* sums = slab(slice);
        const auto stride = static_cast<std::size_t>(slice.count);
        multiply(matrix, slice, sums, stride, step);
        float* residual = step.buffer(m_residual) + slice.first;
        for (std::int32_t row = 0; row < step.rows; ++row)
            add(sums + at(row, slice.count), row, slice.count, residual + at(row, m_columns), step);
    }
    std::int32_t beginExtraPhase(std::int32_t phase, const StepContext& step) override {
        if (phase > 0 || !hasNorm())
            return PhasedWork::kNoMorePhases;
        m_split = {step.rows, step.rows <= kFewRows ? kFewRows : kNormRows};
        return m_split.chunks();
    }
    void runExtraChunk(std::int32_t, std::int32_t chunk, const StepContext& step) override {
        const std::int32_t first = m_split.first(chunk);
        for (std::int32_t row = first; row < first + m_split.size(chunk); ++row) {
            float* sums = pieceAt<float>(step.shared, m_sumsOffset) + at(row, m_columns);
            m_postNorm.apply(vectors(), sums, m_columns, sums);
            add(sums, row, m_columns, step.buffer(m_residual) + at(row, m_columns), step);
        }
    }

    OwnedNorm m_postNorm;
    BufferId m_residual;
    BufferId m_gate;
    Store m_store;
    float m_scale;
    std::int32_t m_columns;
    std::size_t m_sumsOffset = 0;
    Split m_split;
};

class GateUpStage final : public LinearStage {
public:
    GateUpStage(const StagePlan& plan, const GateUp& op)
        : LinearStage(plan, {op.in, &op.norm, Rows::All}, {matricesOf(plan, op)}), m_out(op.out),
          m_activate(activationOf(plan, op.activation)) {
        reserveSlab();
    }

private:
    static MatrixGroup matricesOf(const StagePlan& plan, const GateUp& op) {
        MatrixGroup matrices{makeMatrix(plan, op.up)};
        if (op.gate.weight != kNoWeight)
            matrices.push_back(makeMatrix(plan, op.gate));
        return matrices;
    }
    void runSlice(const Slice& slice, const StepContext& step) override {
        const MatrixGroup& matrices = group(0);
        const std::int32_t columns = matrices.front().weight->rows;
        float* out = step.buffer(m_out) + slice.first;
        float* up = slab(slice);
        const bool gated = matrices.size() > 1;
        if (gated)
            multiply(matrices[1], slice, out, static_cast<std::size_t>(columns), step);
        multiply(matrices[0], slice, up, static_cast<std::size_t>(slice.count), step);
        for (std::int32_t row = 0; row < step.rows; ++row)
            m_activate(gated ? out + at(row, columns) : nullptr, up + at(row, slice.count), slice.count,
                       out + at(row, columns));
    }

    BufferId m_out;
    ActivateRow m_activate;
};

/// The gate alone is a product; up is a part of another buffer.
class GatedPartStage final : public LinearStage {
public:
    GatedPartStage(const StagePlan& plan, const GateUp& op)
        : LinearStage(plan, {op.in, &op.norm, Rows::All}, {{makeMatrix(plan, op.gate)}}), m_op(op),
          m_upColumns(plan.program.buffers[static_cast<std::size_t>(op.upFrom)].columns),
          m_activate(activationOf(plan, op.activation)) {}

private:
    void runSlice(const Slice& slice, const StepContext& step) override {
        const Matrix& matrix = group(0).front();
        const std::int32_t columns = matrix.weight->rows;
        float* out = step.buffer(m_op.out) + slice.first;
        multiply(matrix, slice, out, static_cast<std::size_t>(columns), step);
        const float* up = step.buffer(m_op.upFrom) + m_op.upColumn + slice.first;
        for (std::int32_t row = 0; row < step.rows; ++row)
            m_activate(out + at(row, columns), up + at(row, m_upColumns), slice.count, out + at(row, columns));
    }

    GateUp m_op;
    std::int32_t m_upColumns;
    ActivateRow m_activate;
};

class LogitsStage final : public LinearStage {
public:
    LogitsStage(const StagePlan& plan, const Logits& op)
        : LinearStage(plan, {op.in, &op.norm, Rows::Outputs}, {{makeMatrix(plan, op.linear)}}), m_out(op.out),
          m_scale(op.scale), m_softCap(op.softCap) {}

private:
    void runSlice(const Slice& slice, const StepContext& step) override {
        const Matrix& matrix = group(0).front();
        const std::int32_t columns = matrix.weight->rows;
        float* out = step.buffer(m_out) + slice.first;
        multiply(matrix, slice, out, static_cast<std::size_t>(columns), step);
        for (std::int32_t row = 0; row < step.outputRows(); ++row) {
            float* logits = out + at(row, columns);
            if (m_scale != 1.0F)
                for (std::int32_t n = 0; n < slice.count; ++n)
                    logits[n] *= m_scale;
            if (m_softCap != 0.0F)
                vectors().softCap(m_softCap, slice.count, logits);
        }
    }

    BufferId m_out;
    float m_scale;
    float m_softCap;
};

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const NormProject& op) {
    return std::make_unique<NormProjectStage>(plan, op);
}

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const ProjectResidual& op) {
    return std::make_unique<ResidualStage>(
        plan, DownReduce{
                  .in = op.in, .down = op.linear, .postNorm = op.postNorm, .residual = op.residual, .scale = op.scale});
}

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const GateUp& op) {
    if (op.expertIds != kNoBuffer)
        return makeExpertStage(plan, op);
    if (op.upFrom != kNoBuffer)
        return std::make_unique<GatedPartStage>(plan, op);
    return std::make_unique<GateUpStage>(plan, op);
}

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const DownReduce& op) {
    if (op.expertIds != kNoBuffer)
        return makeExpertStage(plan, op);
    return std::make_unique<ResidualStage>(plan, op);
}

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const Logits& op) {
    return std::make_unique<LogitsStage>(plan, op);
}

} // namespace hearth
