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

std::span<std::int32_t> Step::ids(BufferId buffer, std::int32_t row) const {
    const auto count = static_cast<std::size_t>(columns(buffer));
    auto* start = reinterpret_cast<std::int32_t*>(arena + program.plan.offsets[static_cast<std::size_t>(buffer)]);
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

std::span<const std::int32_t> positionsOf(const StepState& state, std::int32_t row) {
    const std::size_t perRow = state.positions.size() / state.tokens.size();
    return state.positions.subspan(static_cast<std::size_t>(row) * perRow, perRow);
}

std::vector<double> vectorOr(const Program& program, WeightId id, std::int32_t columns, double absent,
                             std::int32_t row) {
    const WeightView* weight = program.weight(id);
    if (weight == nullptr)
        return std::vector<double>(static_cast<std::size_t>(columns), absent);
    std::vector<float> expanded(static_cast<std::size_t>(columns));
    const std::byte* stored = weight->data + static_cast<std::size_t>(row) * weight->rowSizeBytes();
    dequantiseRow(weight->dtype, stored, columns, expanded.data());
    return {expanded.begin(), expanded.end()};
}

} // namespace hearth::reference
