#include "kernels/cpu/linear_stage.h"
#include "kernels/cpu/scratch_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hearth {

namespace {

constexpr float kSmallestSum = 1.0F / 16384; // 2^-14: what the chosen probabilities are at least divided by

/// Where a row's choice is worked out; one a worker, so that choosing allocates nothing.
struct Choice {
    std::vector<float> probabilities;
    std::vector<float> selection;
    std::vector<float> groupScores;
    std::vector<float> placeWeights;
    std::vector<std::int32_t> order;
};

void softmax(float* values, std::size_t count) {
    const float largest = *std::max_element(values, values + count);
    float sum = 0;
    for (std::size_t index = 0; index < count; ++index) {
        values[index] = std::exp(values[index] - largest);
        sum += values[index];
    }
    for (std::size_t index = 0; index < count; ++index)
        values[index] /= sum;
}

/// Puts the indices of the `count` highest values first in `order`, highest first, the lower index among equals.
void sortHighest(const std::vector<float>& values, std::size_t count, std::vector<std::int32_t>& order) {
    std::iota(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(values.size()), 0);
    const auto higher = [&](std::int32_t a, std::int32_t b) {
        const float left = values[static_cast<std::size_t>(a)];
        const float right = values[static_cast<std::size_t>(b)];
        return left > right || (left == right && a < b);
    };
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.begin() + static_cast<std::ptrdiff_t>(values.size()), higher);
}

class RouteExpertsStage final : public LinearStage {
public:
    RouteExpertsStage(const StagePlan& plan, const RouteExperts& op)
        : LinearStage(plan, {op.in, &op.norm, Rows::All}, {{makeMatrix(plan, op.router)}}), m_op(op),
          m_experts(group(0).front().weight->rows), m_bias(ownedVector(plan.program, op.selectionBias)) {
        m_scoresOffset = reserveShared(static_cast<std::size_t>(maxRows()) * experts() * sizeof(float));
        m_choice.probabilities.resize(experts());
        m_choice.selection.resize(experts());
        m_choice.groupScores.resize(static_cast<std::size_t>(op.groups));
        m_choice.placeWeights.reserve(static_cast<std::size_t>(op.expertsUsed));
        m_choice.order.resize(experts());
    }

private:
    [[nodiscard]] std::size_t experts() const { return static_cast<std::size_t>(m_experts); }
    [[nodiscard]] float* scores(std::int32_t row, const StepContext& step) const {
        return pieceAt<float>(step.shared, m_scoresOffset) + static_cast<std::size_t>(row) * experts();
    }

    void runSlice(const Slice& slice, const StepContext& step) override {
        multiply(group(0).front(), slice, scores(0, step) + slice.first, experts(), step);
    }
    /// One chunk: choosing takes microseconds and needs one scratch only.
    std::int32_t beginExtraPhase(std::int32_t phase, const StepContext&) override {
        return phase > 0 ? PhasedWork::kNoMorePhases : 1;
    }
    void runExtraChunk(std::int32_t, std::int32_t, const StepContext& step) override {
        for (std::int32_t row = 0; row < step.rows; ++row)
            choose(row, step);
    }

    void toProbabilities(const float* scores) {
        std::vector<float>& probabilities = m_choice.probabilities;
        const std::vector<float>& routerBias = group(0).front().bias;
        for (std::size_t expert = 0; expert < experts(); ++expert) {
            const float own = routerBias.empty() ? 0.0F : routerBias[expert]; // only the input is scaled
            probabilities[expert] = m_op.inputScale * (scores[expert] - own) + own;
        }
        if (m_op.gating == Gating::Softmax)
            softmax(probabilities.data(), probabilities.size());
        if (m_op.gating == Gating::Sigmoid)
            for (float& probability : probabilities)
                probability = 1.0F / (1.0F + std::exp(-probability));
    }

    void keepBestGroups() {
        const std::size_t size = experts() / m_choice.groupScores.size();
        for (std::size_t index = 0; index < m_choice.groupScores.size(); ++index) {
            float best = -std::numeric_limits<float>::infinity();
            float second = size > 1 ? best : 0.0F;
            for (std::size_t expert = index * size; expert < (index + 1) * size; ++expert) {
                const float score = m_choice.selection[expert];
                second = size > 1 ? std::max(second, std::min(best, score)) : second;
                best = std::max(best, score);
            }
            m_choice.groupScores[index] = best + second;
        }
        sortHighest(m_choice.groupScores, m_choice.groupScores.size(), m_choice.order);
        for (std::size_t rank = static_cast<std::size_t>(m_op.groupsUsed); rank < m_choice.groupScores.size(); ++rank)
            std::fill_n(m_choice.selection.begin() + m_choice.order[rank] * static_cast<std::ptrdiff_t>(size), size,
                        -std::numeric_limits<float>::infinity());
    }

    void choose(std::int32_t row, const StepContext& step) {
        toProbabilities(scores(row, step));
        m_choice.selection = m_choice.probabilities;
        for (std::size_t expert = 0; expert < m_bias.size(); ++expert)
            m_choice.selection[expert] += m_bias[expert];
        if (m_op.groups > 1)
            keepBestGroups();
        const auto used = static_cast<std::size_t>(m_op.expertsUsed);
        sortHighest(m_choice.selection, used, m_choice.order);

        auto* ids = reinterpret_cast<std::int32_t*>(step.buffer(m_op.ids)) + static_cast<std::size_t>(row) * used;
        float* weights = step.buffer(m_op.weights) + static_cast<std::size_t>(row) * used;
        for (std::size_t place = 0; place < used; ++place) {
            ids[place] = m_choice.order[place];
            weights[place] = m_choice.probabilities[static_cast<std::size_t>(ids[place])];
        }
        if (m_op.gating == Gating::SoftmaxOfChosen)
            softmax(weights, used);
        if (m_op.keepShare < 1.0F)
            dropRest(ids, weights, used);
        weigh(weights, used);
    }

    /// The weights that the share of all does not need become 0, their experts -1.
    void dropRest(std::int32_t* ids, float* weights, std::size_t used) {
        std::vector<float>& values = m_choice.placeWeights;
        values.assign(weights, weights + used);
        sortHighest(values, used, m_choice.order);
        const float wanted = m_op.keepShare * std::accumulate(values.begin(), values.end(), 0.0F);
        float reached = 0;
        for (std::size_t rank = 0; rank < used; ++rank) {
            const auto place = static_cast<std::size_t>(m_choice.order[rank]);
            if (reached >= wanted) {
                ids[place] = -1;
                weights[place] = 0.0F;
            }
            reached += values[place];
        }
    }

    void weigh(float* weights, std::size_t used) const {
        const float sum = std::accumulate(weights, weights + used, 0.0F);
        const float divisor = m_op.normalise == Normalise::Yes ? std::max(sum, kSmallestSum) : 1.0F;
        for (std::size_t place = 0; place < used; ++place)
            weights[place] = weights[place] / divisor * m_op.weightScale;
    }

    RouteExperts m_op;
    std::int32_t m_experts;
    std::vector<float> m_bias;
    std::size_t m_scoresOffset = 0;
    Choice m_choice;
};

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const RouteExperts& op) {
    return std::make_unique<RouteExpertsStage>(plan, op);
}

} // namespace hearth
