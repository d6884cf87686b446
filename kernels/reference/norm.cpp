#include "kernels/reference/norm.h"

#include <cmath>

namespace hearth::reference {

namespace {

double meanOf(std::span<const double> row) {
    double sum = 0;
    for (const double value : row)
        sum += value;
    return sum / static_cast<double>(row.size());
}

double meanSquareOf(std::span<const double> row) {
    double sum = 0;
    for (const double value : row)
        sum += value * value;
    return sum / static_cast<double>(row.size());
}

} // namespace

Normaliser::Normaliser(const Program& program, const Norm& norm, std::int32_t columns)
    : m_kind(norm.kind), m_epsilon(norm.epsilon), m_weight(vectorOr(program, norm.weight, columns, 1.0)),
      m_bias(vectorOr(program, norm.bias, columns, 0.0)) {}

void Normaliser::apply(std::span<double> row) const {
    if (m_kind == NormKind::None)
        return;
    if (m_kind == NormKind::Layer) {
        const double mean = meanOf(row);
        for (double& value : row)
            value -= mean;
    }
    // The variance of a centred row is its mean square.
    const double inverse = 1.0 / std::sqrt(meanSquareOf(row) + m_epsilon);
    for (std::size_t column = 0; column < row.size(); ++column)
        row[column] = row[column] * inverse * m_weight[column] + m_bias[column];
}

void Normaliser::apply(Matrix& matrix) const {
    for (std::int32_t row = 0; row < matrix.rows; ++row)
        apply(matrix.row(row));
}

} // namespace hearth::reference
