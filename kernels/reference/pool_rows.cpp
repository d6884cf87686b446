#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

#include <algorithm>
#include <cmath>

namespace hearth::reference {

void run(const PoolRows& op, const Step& step) {
    Matrix in = step.load(op.in);
    Normaliser(step.program, op.norm, in.columns).apply(in);
    Matrix pooled(1, in.columns);
    if (op.pooling == Pooling::Mean) {
        for (std::int32_t row = 0; row < in.rows; ++row)
            std::ranges::transform(pooled.row(0), in.row(row), pooled.row(0).begin(), std::plus{});
        for (double& value : pooled.values)
            value /= in.rows;
    } else {
        std::ranges::copy(in.row(op.pooling == Pooling::First ? 0 : in.rows - 1), pooled.row(0).begin());
    }
    if (op.dense.weight != kNoWeight) {
        pooled = applyLinear(step, op.dense, pooled);
        for (double& value : pooled.values)
            value = std::tanh(value);
    }
    if (op.head.weight != kNoWeight)
        pooled = applyLinear(step, op.head, pooled);
    step.store(pooled, op.out);
}

} // namespace hearth::reference
