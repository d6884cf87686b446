#pragma once

#include "kernels/reference/step.h"

#include <span>
#include <vector>

namespace hearth::reference {

/// One normalisation, its weights expanded: for many rows of the same width.
class Normaliser {
public:
    Normaliser(const Program& program, const Norm& norm, std::int32_t columns);
    /// Replaces one row by its normalised form.
    void apply(std::span<double> row) const;
    /// The same for each row.
    void apply(Matrix& matrix) const;

private:
    NormKind m_kind;
    double m_epsilon;
    std::vector<double> m_weight;
    std::vector<double> m_bias;
};

} // namespace hearth::reference
