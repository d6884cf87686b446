#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

#include <algorithm>
#include <cmath>

namespace hearth::reference {

void run(const Logits& op, const Step& step) {
    Matrix in(static_cast<std::int32_t>(step.state.outputRows.size()), step.columns(op.in));
    for (std::int32_t packed = 0; packed < in.rows; ++packed)
        std::ranges::copy(step.row(op.in, step.state.outputRows[static_cast<std::size_t>(packed)]),
                          in.row(packed).begin());
    Normaliser(step.program, op.norm, in.columns).apply(in);
    Matrix logits = applyLinear(step, op.linear, in);
    for (double& logit : logits.values) {
        logit *= op.scale;
        if (op.softCap > 0)
            logit = op.softCap * std::tanh(logit / op.softCap);
    }
    step.store(logits, op.out);
}

} // namespace hearth::reference
