#include "kernels/reference/convolution.h"
#include "kernels/reference/ops.h"

#include <algorithm>

namespace hearth::reference {

void run(const ShortConvolution& op, const Step& step) {
    const auto columns = static_cast<std::size_t>(step.columns(op.out));
    const std::span<float> state = step.pool->stateValues(op.state, step.state.stateSlot);
    if (step.state.cacheStart == 0)
        std::ranges::fill(state, 0.0F);
    const CausalConvolution convolution(step.program, op.convolution);
    std::vector<double> gated(columns);
    for (std::int32_t row = 0; row < step.rows(); ++row) {
        const std::span<const float> in = step.row(op.in, row); // [b, c, x]
        for (std::size_t column = 0; column < columns; ++column)
            gated[column] = double{in[column]} * in[2 * columns + column];
        const std::vector<double> convolved = convolution.next(state, gated);
        const std::span<float> out = step.row(op.out, row);
        for (std::size_t column = 0; column < columns; ++column)
            out[column] = static_cast<float>(in[columns + column] * convolved[column]);
    }
}

} // namespace hearth::reference
