#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

#include <algorithm>
#include <cmath>

namespace hearth::reference {

namespace {

/// The sum over the chosen experts of weight * scale * down_expert(part).
Matrix reducedExperts(const DownReduce& op, const Step& step) {
    const WeightView& weight = *step.program.weight(op.down.weight);
    const std::vector<double> scales = vectorOr(step.program, op.expertScale, weight.matrices, 1.0);
    Matrix sum(step.rows(), weight.rows);
    for (std::int32_t row = 0; row < step.rows(); ++row) {
        const std::span<const std::int32_t> chosen = step.ids(op.expertIds, row);
        const std::span<const float> shares = step.row(op.expertWeights, row);
        const auto width = static_cast<std::size_t>(weight.columns);
        for (std::size_t place = 0; place < chosen.size(); ++place) {
            if (chosen[place] < 0)
                continue;
            Matrix part(1, weight.columns);
            std::ranges::copy(step.row(op.in, row).subspan(place * width, width), part.values.begin());
            const Matrix down = applyLinear(step, op.down, part, chosen[place]);
            const double share = shares[place] * scales[static_cast<std::size_t>(chosen[place])];
            for (std::size_t column = 0; column < down.values.size(); ++column)
                sum.row(row)[column] += share * down.values[column];
        }
    }
    return sum;
}

} // namespace

void run(const DownReduce& op, const Step& step) {
    Matrix added = op.expertIds == kNoBuffer ? applyLinear(step, op.down, step.load(op.in)) : reducedExperts(op, step);
    Normaliser(step.program, op.postNorm, added.columns).apply(added);
    Matrix sum = op.store == Store::Add ? step.load(op.residual) : Matrix(step.rows(), added.columns);
    for (std::int32_t row = 0; row < sum.rows; ++row) {
        const double gate = op.gate == kNoBuffer ? 1.0 : 1.0 / (1.0 + std::exp(-double{step.row(op.gate, row)[0]}));
        for (std::size_t column = 0; column < sum.row(row).size(); ++column)
            sum.row(row)[column] += gate * op.scale * added.row(row)[column];
    }
    step.store(sum, op.residual);
}

} // namespace hearth::reference
