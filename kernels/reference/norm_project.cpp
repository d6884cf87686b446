#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

namespace hearth::reference {

void run(const NormProject& op, const Step& step) {
    Matrix in = step.load(op.in);
    Normaliser(step.program, op.norm, in.columns).apply(in);
    for (const Projection& projection : op.projections)
        step.store(applyLinear(step, projection.linear, in), projection.out);
}

} // namespace hearth::reference
