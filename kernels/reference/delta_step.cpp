#include "kernels/reference/convolution.h"
#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

#include <algorithm>
#include <cmath>

namespace hearth::reference {

namespace {

double sigmoid(double x) {
    return 1.0 / (1.0 + std::exp(-x));
}

double silu(double x) {
    return x * sigmoid(x);
}

double softplus(double x) {
    return x > 20.0 ? x : std::log1p(std::exp(x));
}

void divideByLength(std::span<double> vector, double epsilon) {
    const double length = std::max(std::sqrt(dot(vector, vector)), epsilon);
    for (double& value : vector)
        value /= length;
}

/// S = decay S; S += k (strength (v - S^T k))^T; the result S^T q. S is (columns of k, columns of v).
std::vector<double> stepHead(std::span<float> state, std::span<const double> q, std::span<const double> k,
                             std::span<const double> v, double decay, double strength) {
    const std::size_t width = q.size();
    std::vector<double> recalled(width);
    for (std::size_t row = 0; row < width; ++row)
        for (std::size_t column = 0; column < width; ++column)
            recalled[column] += decay * state[row * width + column] * k[row];
    std::vector<double> out(width);
    for (std::size_t row = 0; row < width; ++row) {
        for (std::size_t column = 0; column < width; ++column) {
            float& cell = state[row * width + column];
            const double updated = decay * cell + k[row] * strength * (v[column] - recalled[column]);
            cell = static_cast<float>(updated);
            out[column] += updated * q[row];
        }
    }
    return out;
}

/// beta and alpha of one value head, wherever they lie.
struct Controls {
    double beta;
    double alpha;
};
Controls controlsOf(const DeltaStep& op, const Step& step, std::int32_t row, std::size_t head) {
    const std::span<const float> beta = step.row(op.beta, row);
    if (op.alpha != kNoBuffer)
        return {beta[head], step.row(op.alpha, row)[head]};
    const auto perKeyHead = static_cast<std::size_t>(op.valueHeads / op.keyHeads);
    const std::size_t start = head / perKeyHead * 2 * perKeyHead + head % perKeyHead;
    return {beta[start], beta[start + perKeyHead]};
}

} // namespace

void run(const DeltaStep& op, const Step& step) {
    const auto width = static_cast<std::size_t>(op.stateColumns);
    const auto keyHeads = static_cast<std::size_t>(op.keyHeads);
    const auto valueHeads = static_cast<std::size_t>(op.valueHeads);
    const std::span<float> state = step.pool->stateValues(op.state, step.state.stateSlot);
    if (step.state.cacheStart == 0)
        std::ranges::fill(state, 0.0F);
    const CausalConvolution convolution(step.program, op.convolution);
    const Normaliser normaliser(step.program, op.norm, op.stateColumns);
    const std::vector<double> decays = vectorOr(step.program, op.decay, op.valueHeads, 0.0);
    const std::vector<double> biases = vectorOr(step.program, op.timeBias, op.valueHeads, 0.0);
    const Matrix mixed = step.load(op.mixed);

    for (std::int32_t row = 0; row < step.rows(); ++row) {
        std::vector<double> channels = convolution.next(state, mixed.row(row));
        std::ranges::transform(channels, channels.begin(), silu);
        const std::span<double> q = std::span(channels).first(keyHeads * width);
        const std::span<double> k = std::span(channels).subspan(keyHeads * width, keyHeads * width);
        for (std::size_t head = 0; head < keyHeads; ++head) {
            divideByLength(q.subspan(head * width, width), op.epsilon);
            divideByLength(k.subspan(head * width, width), op.epsilon);
            for (double& value : q.subspan(head * width, width))
                value /= std::sqrt(static_cast<double>(width));
        }
        for (std::size_t head = 0; head < valueHeads; ++head) {
            const std::size_t keyHead =
                op.keyHeadOf == KeyHeadOf::Modulo ? head % keyHeads : head / (valueHeads / keyHeads);
            const Controls controls = controlsOf(op, step, row, head);
            const double decay = std::exp(decays[head] * softplus(controls.alpha + biases[head]));
            std::vector<double> result = stepHead(
                state.subspan(convolution.historySize() + head * width * width, width * width),
                q.subspan(keyHead * width, width), k.subspan(keyHead * width, width),
                std::span(channels).subspan((2 * keyHeads + head) * width, width), decay, sigmoid(controls.beta));
            normaliser.apply(result);
            const std::span<const float> z = step.row(op.z, row).subspan(head * width, width);
            const std::span<float> out = step.row(op.out, row).subspan(head * width, width);
            for (std::size_t column = 0; column < width; ++column)
                out[column] = static_cast<float>(result[column] * silu(z[column]));
        }
    }
}

} // namespace hearth::reference
