#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

#include <cmath>
#include <numbers>

namespace hearth::reference {

namespace {

double activated(Activation activation, double x) {
    switch (activation) {
    case Activation::Silu:
        return x / (1.0 + std::exp(-x));
    case Activation::GeluTanh:
        return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    case Activation::Relu:
        return x < 0 ? 0.0 : x;
    }
    return x;
}

} // namespace

void run(const GateUp& op, const Step& step) {
    Matrix in = step.load(op.in);
    Normaliser(step.program, op.norm, in.columns).apply(in);
    Matrix up = applyLinear(step.program, op.up, in);
    if (op.gate.weight == kNoWeight) {
        for (double& value : up.values)
            value = activated(op.activation, value);
    } else {
        const Matrix gate = applyLinear(step.program, op.gate, in);
        for (std::size_t index = 0; index < up.values.size(); ++index)
            up.values[index] *= activated(op.activation, gate.values[index]);
    }
    step.store(up, op.out);
}

} // namespace hearth::reference
