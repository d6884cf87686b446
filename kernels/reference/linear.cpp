#include "kernels/reference/linear.h"

#include "kernels/quant/dequantise.h"

#include <algorithm>
#include <functional>

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

namespace {

/// One matrix of a weight as it lies in the file, times every row of `in`.
Matrix multiplied(const WeightView& weight, std::int32_t matrix, const Matrix& in) {
    Matrix out(in.rows, weight.rows);
    std::vector<float> expanded(static_cast<std::size_t>(weight.columns));
    std::vector<double> weightRow(expanded.size());
    for (std::int32_t output = 0; output < weight.rows; ++output) {
        const std::byte* stored = weight.matrixData(matrix) + static_cast<std::size_t>(output) * weight.rowSizeBytes();
        dequantiseRow(weight.dtype, stored, weight.columns, expanded.data());
        std::ranges::copy(expanded, weightRow.begin());
        for (std::int32_t row = 0; row < in.rows; ++row)
            out.row(row)[static_cast<std::size_t>(output)] = dot(weightRow, in.row(row));
    }
    return out;
}

} // namespace

double scaleOf(const Step& step, const LowRank& change) {
    return double{change.factor} * step.state.adapterScales[static_cast<std::size_t>(change.adapter)];
}

Matrix applyLinear(const Step& step, const Linear& linear, const Matrix& in, std::int32_t matrix) {
    const WeightView& weight = *step.program.weight(linear.weight);
    Matrix out = multiplied(weight, matrix, in);
    for (const LowRank& change : weight.lowRank) {
        const WeightView& down = *step.program.weight(change.down);
        const Matrix inner = multiplied(down, down.matrices == 1 ? 0 : matrix, in);
        const Matrix added = multiplied(*step.program.weight(change.up), matrix, inner);
        const double scale = scaleOf(step, change);
        std::ranges::transform(out.values, added.values, out.values.begin(),
                               [scale](double sum, double more) { return sum + scale * more; });
    }
    if (linear.bias == kNoWeight)
        return out;
    const std::vector<double> bias = vectorOr(step.program, linear.bias, weight.rows, 0.0, matrix);
    for (std::int32_t row = 0; row < out.rows; ++row)
        std::ranges::transform(out.row(row), bias, out.row(row).begin(), std::plus{});
    return out;
}

} // namespace hearth::reference
