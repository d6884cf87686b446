#include "kernels/reference/linear.h"

#include "kernels/quant/dequantise.h"

#include <algorithm>

namespace hearth::reference {

double dot(std::span<const double> left, std::span<const double> right) {
    double sums[4] = {};
    const std::size_t whole = left.size() / 4 * 4;
    for (std::size_t column = 0; column < whole; column += 4)
        for (std::size_t lane = 0; lane < 4; ++lane)
            sums[lane] += left[column + lane] * right[column + lane];
    for (std::size_t column = whole; column < left.size(); ++column)
        sums[0] += left[column] * right[column];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

Matrix applyLinear(const Program& program, const Linear& linear, const Matrix& in, std::int32_t matrix) {
    const WeightView& weight = *program.weight(linear.weight);
    const std::vector<double> bias = vectorOr(program, linear.bias, weight.rows, 0.0, matrix);
    Matrix out(in.rows, weight.rows);
    std::vector<float> expanded(static_cast<std::size_t>(weight.columns));
    std::vector<double> weightRow(expanded.size());
    for (std::int32_t output = 0; output < weight.rows; ++output) {
        const std::byte* stored = weight.matrixData(matrix) + static_cast<std::size_t>(output) * weight.rowSizeBytes();
        dequantiseRow(weight.dtype, stored, weight.columns, expanded.data());
        std::ranges::copy(expanded, weightRow.begin());
        for (std::int32_t row = 0; row < in.rows; ++row)
            out.row(row)[static_cast<std::size_t>(output)] =
                dot(weightRow, in.row(row)) + bias[static_cast<std::size_t>(output)];
    }
    return out;
}

} // namespace hearth::reference
