#include "kernels/reference/ops.h"

namespace hearth::reference {

void run(const DownReduce& op, const Step& step) {
    addProjected(step, op.in, op.down, op.postNorm, op.scale, op.residual);
}

} // namespace hearth::reference
