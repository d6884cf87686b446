#include "kernels/cpu/owned_norm.h"
#include "kernels/cpu/row_stages.h"
#include "kernels/cpu/scratch_layout.h"
#include "kernels/quant/dequantise.h"

#include <algorithm>
#include <cmath>

namespace hearth {

namespace {

constexpr std::int32_t kChannelsPerChunk = 64;

float sigmoid(float x) {
    return 1.0F / (1.0F + std::exp(-x));
}

float silu(float x) {
    return x * sigmoid(x);
}

float softplus(float x) {
    return x > 20.0F ? x : std::log1p(std::exp(x));
}

std::vector<float> expanded(const WeightView& weight) {
    const auto columns = static_cast<std::size_t>(weight.columns);
    std::vector<float> values(columns * static_cast<std::size_t>(weight.rows));
    for (std::int32_t row = 0; row < weight.rows; ++row)
        dequantiseRow(weight.dtype, weight.data + static_cast<std::size_t>(row) * weight.rowSizeBytes(), weight.columns,
                      values.data() + static_cast<std::size_t>(row) * columns);
    return values;
}

/// A causal convolution over time, each channel by itself; channels may run at the same time, rows not.
class CausalConvolution {
public:
    explicit CausalConvolution(const WeightView& weight)
        : m_taps(static_cast<std::size_t>(weight.columns)), m_channels(static_cast<std::size_t>(weight.rows)),
          m_weights(expanded(weight)) {}

    [[nodiscard]] std::size_t historySize() const { return (m_taps - 1) * m_channels; }

    /// The next value of one channel; `history` (taps - 1, channels), oldest first, moves on by one row.
    [[nodiscard]] float next(float* history, std::size_t channel, float input) const {
        const float* taps = m_weights.data() + channel * m_taps;
        float sum = taps[m_taps - 1] * input;
        for (std::size_t tap = 0; tap + 1 < m_taps; ++tap) {
            float& past = history[tap * m_channels + channel];
            sum += taps[tap] * past;
            past = tap + 2 < m_taps ? history[(tap + 1) * m_channels + channel] : input;
        }
        return sum;
    }

private:
    std::size_t m_taps;
    std::size_t m_channels;
    std::vector<float> m_weights;
};

/// The state of the sequence, which begins as zeros. Called by one thread, before the chunks that use it.
float* stateOf(StateId state, const StepContext& step) {
    const std::span<float> values = step.cache->stateValues(state, step.state->stateSlot);
    if (step.state->cacheStart == 0)
        std::ranges::fill(values, 0.0F);
    return values.data();
}

/// Phase 0 convolves, by channels; phase 1 walks through the rows, by value heads.
class DeltaStepStage final : public Stage {
public:
    DeltaStepStage(const StagePlan& plan, const DeltaStep& op)
        : m_vectors(plan.vectors), m_op(op), m_convolution(*plan.program.weight(op.convolution)),
          m_decays(ownedVector(plan.program, op.decay)), m_biases(ownedVector(plan.program, op.timeBias)),
          m_norm(plan.program, op.norm), m_maxRows(plan.program.maxRows) {}

    std::size_t sharedBytes() const override {
        ScratchLayout layout;
        static_cast<void>(layout.add<float>(static_cast<std::size_t>(m_maxRows) * channels()));
        return layout.sizeBytes();
    }
    /// q, k, what the state recalls, and the result of one head.
    std::size_t workerBytes() const override {
        ScratchLayout layout;
        static_cast<void>(layout.add<float>(4 * width()));
        return layout.sizeBytes();
    }

    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        if (phase == 0) {
            m_state = stateOf(m_op.state, step);
            m_split = {static_cast<std::int32_t>(channels()), kChannelsPerChunk};
            return m_split.chunks();
        }
        return phase == 1 ? m_op.valueHeads : PhasedWork::kNoMorePhases;
    }

    void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) override {
        if (phase == 0)
            convolve(m_split.first(chunk), m_split.size(chunk), step);
        else
            runHead(static_cast<std::size_t>(chunk), reinterpret_cast<float*>(step.workerScratch(worker)), step);
    }

private:
    [[nodiscard]] std::size_t width() const { return static_cast<std::size_t>(m_op.stateColumns); }
    [[nodiscard]] std::size_t keyColumns() const { return static_cast<std::size_t>(m_op.keyHeads) * width(); }
    [[nodiscard]] std::size_t valueColumns() const { return static_cast<std::size_t>(m_op.valueHeads) * width(); }
    [[nodiscard]] std::size_t channels() const { return 2 * keyColumns() + valueColumns(); }

    void convolve(std::int32_t first, std::int32_t count, const StepContext& step) const {
        auto* convolved = reinterpret_cast<float*>(step.shared);
        for (std::size_t row = 0; row < static_cast<std::size_t>(step.rows); ++row)
            for (auto channel = static_cast<std::size_t>(first); channel < static_cast<std::size_t>(first + count);
                 ++channel) {
                const std::size_t place = row * channels() + channel;
                convolved[place] = silu(m_convolution.next(m_state, channel, step.buffer(m_op.mixed)[place]));
            }
    }

    /// divisor: what the vector is divided by besides its length.
    void copyNormalised(const float* in, float divisor, float* out) const {
        const float length = std::max(std::sqrt(m_vectors.dot(in, in, m_op.stateColumns)), m_op.epsilon) * divisor;
        for (std::size_t column = 0; column < width(); ++column)
            out[column] = in[column] / length;
    }

    struct Controls {
        float beta;
        float alpha;
    };
    [[nodiscard]] Controls controlsOf(std::size_t row, std::size_t head, const StepContext& step) const {
        const auto heads = static_cast<std::size_t>(m_op.valueHeads);
        if (m_op.alpha != kNoBuffer)
            return {step.buffer(m_op.beta)[row * heads + head], step.buffer(m_op.alpha)[row * heads + head]};
        const auto perKeyHead = static_cast<std::size_t>(m_op.valueHeads / m_op.keyHeads);
        const float* both = step.buffer(m_op.beta) + row * 2 * heads + head / perKeyHead * 2 * perKeyHead;
        return {both[head % perKeyHead], both[perKeyHead + head % perKeyHead]};
    }

    void runHead(std::size_t head, float* scratch, const StepContext& step) const {
        const auto keyHeads = static_cast<std::size_t>(m_op.keyHeads);
        const std::size_t keyHead = m_op.keyHeadOf == KeyHeadOf::Modulo
                                        ? head % keyHeads
                                        : head / (static_cast<std::size_t>(m_op.valueHeads) / keyHeads);
        float* state = m_state + m_convolution.historySize() + head * width() * width();
        float* q = scratch;
        float* k = scratch + width();
        for (std::size_t row = 0; row < static_cast<std::size_t>(step.rows); ++row) {
            const float* convolved = reinterpret_cast<const float*>(step.shared) + row * channels();
            copyNormalised(convolved + keyHead * width(), std::sqrt(static_cast<float>(width())), q);
            copyNormalised(convolved + keyColumns() + keyHead * width(), 1.0F, k);
            const Controls controls = controlsOf(row, head, step);
            const float decay = std::exp(m_decays[head] * softplus(controls.alpha + m_biases[head]));
            const float* v = convolved + 2 * keyColumns() + head * width();
            float* result = stepState(state, q, k, v, decay, sigmoid(controls.beta), scratch + 2 * width());
            m_norm.apply(m_vectors, result, m_op.stateColumns, result);
            const std::size_t place = row * valueColumns() + head * width();
            const float* z = step.buffer(m_op.z) + place;
            float* out = step.buffer(m_op.out) + place;
            for (std::size_t column = 0; column < width(); ++column)
                out[column] = result[column] * silu(z[column]);
        }
    }

    /// S = decay S; S += k (strength (v - S^T k))^T; the result S^T q. scratch (2 widths): recalled, result.
    float* stepState(float* state, const float* q, const float* k, const float* v, float decay, float strength,
                     float* scratch) const {
        float* change = scratch;
        float* result = scratch + width();
        std::fill_n(change, width(), 0.0F);
        std::fill_n(result, width(), 0.0F);
        for (std::size_t row = 0; row < width(); ++row)
            m_vectors.addScaled(state + row * width(), decay * k[row], m_op.stateColumns, change);
        for (std::size_t column = 0; column < width(); ++column)
            change[column] = strength * (v[column] - change[column]);
        for (std::size_t row = 0; row < width(); ++row) {
            float* cells = state + row * width();
            for (std::size_t column = 0; column < width(); ++column)
                cells[column] = decay * cells[column] + k[row] * change[column];
            m_vectors.addScaled(cells, q[row], m_op.stateColumns, result);
        }
        return result;
    }

    const VectorKernels& m_vectors;
    DeltaStep m_op;
    CausalConvolution m_convolution;
    std::vector<float> m_decays;
    std::vector<float> m_biases;
    OwnedNorm m_norm;
    std::int32_t m_maxRows;
    Split m_split;
    float* m_state = nullptr; ///< of the step that runs
};

class ShortConvolutionStage final : public Stage {
public:
    ShortConvolutionStage(const StagePlan& plan, const ShortConvolution& op)
        : m_op(op), m_convolution(*plan.program.weight(op.convolution)),
          m_columns(plan.program.buffers[static_cast<std::size_t>(op.out)].columns) {}

    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        if (phase > 0)
            return PhasedWork::kNoMorePhases;
        m_state = stateOf(m_op.state, step);
        m_split = {m_columns, kChannelsPerChunk};
        return m_split.chunks();
    }
    void runChunk(std::int32_t, std::int32_t chunk, std::int32_t, const StepContext& step) override {
        const auto columns = static_cast<std::size_t>(m_columns);
        const auto first = static_cast<std::size_t>(m_split.first(chunk));
        const std::size_t end = first + static_cast<std::size_t>(m_split.size(chunk));
        for (std::size_t row = 0; row < static_cast<std::size_t>(step.rows); ++row) {
            const float* in = step.buffer(m_op.in) + row * 3 * columns; // [b, c, x]
            float* out = step.buffer(m_op.out) + row * columns;
            for (std::size_t channel = first; channel < end; ++channel)
                out[channel] = in[columns + channel]
                               * m_convolution.next(m_state, channel, in[channel] * in[2 * columns + channel]);
        }
    }

private:
    ShortConvolution m_op;
    CausalConvolution m_convolution;
    std::int32_t m_columns;
    Split m_split;
    float* m_state = nullptr; ///< of the step that runs
};

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const DeltaStep& op) {
    return std::make_unique<DeltaStepStage>(plan, op);
}

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const ShortConvolution& op) {
    return std::make_unique<ShortConvolutionStage>(plan, op);
}

} // namespace hearth
