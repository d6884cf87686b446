#include "kernels/reference/linear.h"
#include "kernels/reference/ops.h"

#include <algorithm>

namespace hearth::reference {

void run(const HeadProject& op, const Step& step) {
    const WeightView& weight = *step.program.weight(op.weight);
    const auto columns = static_cast<std::size_t>(weight.columns);
    const auto rows = static_cast<std::size_t>(weight.rows);
    const Matrix in = step.load(op.in);
    Matrix out(step.rows(), step.columns(op.out));
    for (std::int32_t head = 0; head < weight.matrices; ++head) {
        Matrix part(step.rows(), weight.columns);
        const auto place = static_cast<std::size_t>(head);
        for (std::int32_t row = 0; row < step.rows(); ++row)
            std::ranges::copy(in.row(row).subspan(place * columns, columns), part.row(row).begin());
        const Matrix projected = applyLinear(step, {op.weight, kNoWeight}, part, head);
        for (std::int32_t row = 0; row < step.rows(); ++row)
            std::ranges::copy(projected.row(row), out.row(row).subspan(place * rows, rows).begin());
    }
    step.store(out, op.out);
}

} // namespace hearth::reference
