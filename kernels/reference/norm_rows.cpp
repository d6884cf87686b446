#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

#include <algorithm>

namespace hearth::reference {

void run(const NormRows& op, const Step& step) {
    Matrix in = step.load(op.in);
    const WeightView* weight = step.program.weight(op.norm.weight);
    const std::int32_t width = weight == nullptr ? in.columns : weight->columns;
    const Normaliser normaliser(step.program, op.norm, width);
    const double factor = op.scale * vectorOr(step.program, op.factor, 1, 1.0)[0];
    for (std::int32_t row = 0; row < in.rows; ++row) {
        for (double& value : in.row(row))
            value *= op.inputScale;
        for (std::size_t start = 0; start < in.row(row).size(); start += static_cast<std::size_t>(width))
            normaliser.apply(in.row(row).subspan(start, static_cast<std::size_t>(width)));
        if (op.other != kNoBuffer)
            std::ranges::transform(in.row(row), step.row(op.other, row), in.row(row).begin(), std::plus{});
        std::ranges::transform(in.row(row),
                               step.row(op.out, row).subspan(static_cast<std::size_t>(op.outColumn)).begin(),
                               [factor](double value) { return static_cast<float>(factor * value); });
    }
}

} // namespace hearth::reference
