// The ops whose matrix depends on the row or the head.

#include "kernels/cpu/grouped_stage.h"

#include "kernels/cpu/activations.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace hearth {

namespace {

std::size_t at(std::int32_t row, std::int64_t columns) {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns);
}

const std::int32_t* idsOf(const StepContext& step, BufferId buffer, std::int32_t row, std::int32_t places) {
    return reinterpret_cast<const std::int32_t*>(step.buffer(buffer)) + at(row, places);
}

class ExpertGateUpStage final : public GroupedStage {
public:
    ExpertGateUpStage(const StagePlan& plan, const GateUp& op)
        : GroupedStage(plan, weightsOf(op), plan.program.buffers[static_cast<std::size_t>(op.expertIds)].columns),
          m_op(op), m_norm(plan.program, op.norm),
          m_columns(plan.program.buffers[static_cast<std::size_t>(op.in)].columns),
          m_activate(activationOf(plan, op.activation)) {
        m_normedOffset = reserveShared(at(maxRows(), m_columns) * sizeof(float));
        if (const WeightView* down = downWeight(plan.program, op);
            down != nullptr && down->matrices == weight().matrices)
            announceToo(*down);
    }

private:
    /// What the same choice multiplies next.
    static const WeightView* downWeight(const Program& program, const GateUp& op) {
        bool isBehind = false;
        for (const Op& other : program.ops) {
            isBehind = isBehind || std::get_if<GateUp>(&other) == &op;
            const auto* down = std::get_if<DownReduce>(&other);
            if (isBehind && down != nullptr && down->expertIds == op.expertIds)
                return program.weight(down->down.weight);
        }
        return nullptr;
    }
    static std::vector<Linear> weightsOf(const GateUp& op) {
        std::vector<Linear> weights{op.up};
        if (op.gate.weight != kNoWeight)
            weights.push_back(op.gate);
        return weights;
    }
    bool preparesRows() const override { return true; }
    void prepareRow(std::int32_t row, const StepContext& step) const override {
        m_norm.apply(vectors(), step.buffer(m_op.in) + at(row, m_columns), m_columns,
                     pieceAt<float>(step.shared, m_normedOffset) + at(row, m_columns));
    }
    std::int32_t matrixOf(const Pair& pair, const StepContext& step) const override {
        return idsOf(step, m_op.expertIds, pair.row, places())[pair.place];
    }
    const float* inputOf(const Pair& pair, const StepContext& step) const override {
        return pieceAt<float>(step.shared, m_normedOffset) + at(pair.row, m_columns);
    }
    void runSlice(const Slice& slice, const StepContext& step) const override {
        const float* up = multiply(0, slice, step);
        const float* gate = m_op.gate.weight == kNoWeight ? nullptr : multiply(1, slice, step);
        const std::int64_t inner = weight().rows;
        for (std::int32_t index = 0; index < slice.count; ++index) {
            const Pair& target = pair(slice.first + index);
            float* out = step.buffer(m_op.out) + at(target.row, inner * places()) + at(target.place, inner);
            m_activate(gate == nullptr ? nullptr : gate + at(index, slice.rows), up + at(index, slice.rows), slice.rows,
                       out + slice.firstRow);
        }
    }

    GateUp m_op;
    OwnedNorm m_norm;
    std::int32_t m_columns;
    ActivateRow m_activate;
    std::size_t m_normedOffset = 0;
};

class ExpertDownStage final : public GroupedStage {
public:
    ExpertDownStage(const StagePlan& plan, const DownReduce& op)
        : GroupedStage(plan, {op.down}, plan.program.buffers[static_cast<std::size_t>(op.expertIds)].columns), m_op(op),
          m_postNorm(plan.program, op.postNorm), m_expertScale(ownedVector(plan.program, op.expertScale)) {
        // Every pair's result is kept and added in the order of places, so that sums never depend on who was first.
        const std::size_t width = static_cast<std::size_t>(weight().rows);
        m_resultsOffset = reserveShared(at(maxRows(), places()) * width * sizeof(float));
        m_sumsOffset = reserveShared(at(maxRows(), weight().rows) * sizeof(float));
    }

private:
    std::int32_t matrixOf(const Pair& pair, const StepContext& step) const override {
        return idsOf(step, m_op.expertIds, pair.row, places())[pair.place];
    }
    const float* inputOf(const Pair& pair, const StepContext& step) const override {
        const std::int64_t inner = weight().columns;
        return step.buffer(m_op.in) + at(pair.row, inner * places()) + at(pair.place, inner);
    }
    [[nodiscard]] float* resultOf(const Pair& pair, const StepContext& step) const {
        return pieceAt<float>(step.shared, m_resultsOffset) + at(pair.row * places() + pair.place, weight().rows);
    }
    void runSlice(const Slice& slice, const StepContext& step) const override {
        const float* results = multiply(0, slice, step);
        for (std::int32_t index = 0; index < slice.count; ++index)
            std::memcpy(resultOf(pair(slice.first + index), step) + slice.firstRow, results + at(index, slice.rows),
                        static_cast<std::size_t>(slice.rows) * sizeof(float));
    }
    bool finishesRows() const override { return true; }
    void finishRow(std::int32_t row, const StepContext& step) const override {
        const std::int32_t columns = weight().rows;
        float* sum = pieceAt<float>(step.shared, m_sumsOffset) + at(row, columns);
        std::fill_n(sum, columns, 0.0F);
        const float* shares = step.buffer(m_op.expertWeights) + at(row, places());
        const std::int32_t* ids = idsOf(step, m_op.expertIds, row, places());
        for (std::int32_t place = 0; place < places(); ++place) {
            if (ids[place] < 0)
                continue;
            const float scale = m_expertScale.empty() ? 1.0F : m_expertScale[static_cast<std::size_t>(ids[place])];
            vectors().addScaled(resultOf({row, place}, step), shares[place] * scale, columns, sum);
        }
        m_postNorm.apply(vectors(), sum, columns, sum);
        const float gate = m_op.gate == kNoBuffer ? 1.0F : 1.0F / (1.0F + std::exp(-step.buffer(m_op.gate)[row]));
        float* residual = step.buffer(m_op.residual) + at(row, columns);
        if (m_op.store == Store::Replace)
            std::fill_n(residual, columns, 0.0F);
        vectors().addScaled(sum, gate * m_op.scale, columns, residual);
    }

    DownReduce m_op;
    OwnedNorm m_postNorm;
    std::vector<float> m_expertScale;
    std::size_t m_resultsOffset = 0;
    std::size_t m_sumsOffset = 0;
};

class HeadProjectStage final : public GroupedStage {
public:
    HeadProjectStage(const StagePlan& plan, const HeadProject& op)
        : GroupedStage(plan, {{op.weight, kNoWeight}}, plan.program.weight(op.weight)->matrices), m_op(op) {}

private:
    std::int32_t matrixOf(const Pair& pair, const StepContext&) const override { return pair.place; }
    const float* inputOf(const Pair& pair, const StepContext& step) const override {
        const std::int64_t columns = weight().columns;
        return step.buffer(m_op.in) + at(pair.row, columns * places()) + at(pair.place, columns);
    }
    void runSlice(const Slice& slice, const StepContext& step) const override {
        const float* results = multiply(0, slice, step);
        const std::int64_t rows = weight().rows;
        for (std::int32_t index = 0; index < slice.count; ++index) {
            const Pair& target = pair(slice.first + index);
            float* out = step.buffer(m_op.out) + at(target.row, rows * places()) + at(target.place, rows);
            std::memcpy(out + slice.firstRow, results + at(index, slice.rows),
                        static_cast<std::size_t>(slice.rows) * sizeof(float));
        }
    }

    HeadProject m_op;
};

} // namespace

std::unique_ptr<Stage> makeExpertStage(const StagePlan& plan, const GateUp& op) {
    return std::make_unique<ExpertGateUpStage>(plan, op);
}

std::unique_ptr<Stage> makeExpertStage(const StagePlan& plan, const DownReduce& op) {
    return std::make_unique<ExpertDownStage>(plan, op);
}

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const HeadProject& op) {
    return std::make_unique<HeadProjectStage>(plan, op);
}

} // namespace hearth
