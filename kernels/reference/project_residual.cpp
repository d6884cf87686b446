#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

namespace hearth::reference {

void addProjected(const Step& step, BufferId in, const Linear& linear, const Norm& postNorm, float scale,
                  BufferId residual) {
    Matrix projected = applyLinear(step.program, linear, step.load(in));
    Normaliser(step.program, postNorm, projected.columns).apply(projected);
    Matrix sum = step.load(residual);
    for (std::size_t index = 0; index < sum.values.size(); ++index)
        sum.values[index] += scale * projected.values[index];
    step.store(sum, residual);
}

void run(const ProjectResidual& op, const Step& step) {
    addProjected(step, op.in, op.linear, op.postNorm, op.scale, op.residual);
}

} // namespace hearth::reference
