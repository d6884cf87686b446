#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hearth::reference {

namespace {

// gpt-oss's clamp and slope (its model card's reference code).
constexpr double kClamp = 7.0;
constexpr double kSlope = 1.702;

double activated(Activation activation, double x) {
    switch (activation) {
    case Activation::Silu:
        return x / (1.0 + std::exp(-x));
    case Activation::GeluTanh:
        return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    case Activation::Relu:
        return x < 0 ? 0.0 : x;
    case Activation::SwigluClamped:
        break; // needs a gate: see gated()
    }
    return x;
}

double gated(Activation activation, double gate, double up) {
    if (activation != Activation::SwigluClamped)
        return activated(activation, gate) * up;
    const double limited = std::min(gate, kClamp);
    return limited / (1.0 + std::exp(-kSlope * limited)) * (std::clamp(up, -kClamp, kClamp) + 1.0);
}

/// act(gate(in)) * up(in) by one of the weights' matrices.
Matrix inner(const GateUp& op, const Step& step, const Matrix& in, std::int32_t matrix) {
    Matrix up = applyLinear(step, op.up, in, matrix);
    if (op.gate.weight == kNoWeight) {
        for (double& value : up.values)
            value = activated(op.activation, value);
        return up;
    }
    const Matrix gate = applyLinear(step, op.gate, in, matrix);
    for (std::size_t index = 0; index < up.values.size(); ++index)
        up.values[index] = gated(op.activation, gate.values[index], up.values[index]);
    return up;
}

/// act(gate(in)) * a part of another buffer.
Matrix gatedPart(const GateUp& op, const Step& step, const Matrix& in) {
    Matrix out = applyLinear(step, op.gate, in);
    for (std::int32_t row = 0; row < out.rows; ++row)
        for (std::size_t column = 0; column < out.row(row).size(); ++column)
            out.row(row)[column] = gated(op.activation, out.row(row)[column],
                                         step.row(op.upFrom, row)[static_cast<std::size_t>(op.upColumn) + column]);
    return out;
}

void runExperts(const GateUp& op, const Step& step, const Matrix& in) {
    for (std::int32_t row = 0; row < step.rows(); ++row) {
        Matrix one(1, in.columns);
        std::ranges::copy(in.row(row), one.values.begin());
        const std::span<const std::int32_t> chosen = step.ids(op.expertIds, row);
        const std::size_t width = step.row(op.out, row).size() / chosen.size();
        for (std::size_t place = 0; place < chosen.size(); ++place) {
            if (chosen[place] < 0)
                continue;
            const Matrix result = inner(op, step, one, chosen[place]);
            std::ranges::transform(result.values, step.row(op.out, row).subspan(place * width, width).begin(),
                                   [](double value) { return static_cast<float>(value); });
        }
    }
}

} // namespace

void run(const GateUp& op, const Step& step) {
    Matrix in = step.load(op.in);
    Normaliser(step.program, op.norm, in.columns).apply(in);
    if (op.expertIds != kNoBuffer)
        runExperts(op, step, in);
    else if (op.upFrom != kNoBuffer)
        step.store(gatedPart(op, step, in), op.out);
    else
        step.store(inner(op, step, in, 0), op.out);
}

} // namespace hearth::reference
