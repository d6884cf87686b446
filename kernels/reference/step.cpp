#include "kernels/reference/step.h"

#include "kernels/quant/dequantise.h"

#include <algorithm>

namespace hearth::reference {

std::int32_t Step::columns(BufferId buffer) const {
    return program.buffers[static_cast<std::size_t>(buffer)].columns;
}

std::span<float> Step::row(BufferId buffer, std::int32_t row) const {
    const auto count = static_cast<std::size_t>(columns(buffer));
    auto* start = reinterpret_cast<float*>(arena + program.plan.offsets[static_cast<std::size_t>(buffer)]);
    return {start + static_cast<std::size_t>(row) * count, count};
}

Matrix Step::load(BufferId buffer) const {
    Matrix matrix(rows(), columns(buffer));
    for (std::int32_t index = 0; index < rows(); ++index)
        std::ranges::copy(row(buffer, index), matrix.row(index).begin());
    return matrix;
}

void Step::store(const Matrix& result, BufferId buffer) const {
    for (std::int32_t index = 0; index < result.rows; ++index)
        std::ranges::transform(result.row(index), row(buffer, index).begin(),
                               [](double value) { return static_cast<float>(value); });
}

std::vector<double> vectorOr(const Program& program, WeightId id, std::int32_t columns, double absent) {
    const WeightView* weight = program.weight(id);
    if (weight == nullptr)
        return std::vector<double>(static_cast<std::size_t>(columns), absent);
    std::vector<float> expanded(static_cast<std::size_t>(columns));
    dequantiseRow(weight->dtype, weight->data, columns, expanded.data());
    return {expanded.begin(), expanded.end()};
}

} // namespace hearth::reference
