#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

namespace hearth::reference {

void run(const ProjectResidual& op, const Step& step) {
    Matrix projected = applyLinear(step, op.linear, step.load(op.in));
    Normaliser(step.program, op.postNorm, projected.columns).apply(projected);
    Matrix sum = step.load(op.residual);
    for (std::size_t index = 0; index < sum.values.size(); ++index)
        sum.values[index] += op.scale * projected.values[index];
    step.store(sum, op.residual);
}

} // namespace hearth::reference
