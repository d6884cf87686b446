#pragma once

#include "kernels/api/program.h"
#include "kernels/cpu/simd/kernel_types.h"

#include <span>
#include <vector>

namespace hearth {

/// A weight of one row as floats of its own, whatever its type and alignment; empty for kNoWeight.
[[nodiscard]] std::vector<float> ownedVector(const Program& program, WeightId id);

/// A Norm with its weights at hand.
class OwnedNorm {
public:
    OwnedNorm(const Program& program, const Norm& norm);

    [[nodiscard]] NormKind kind() const { return m_kind; }
    /// One row; out may be in. NormKind::None copies.
    void apply(const VectorKernels& vectors, const float* in, std::int32_t columns, float* out) const;

private:
    NormKind m_kind;
    float m_epsilon;
    std::vector<float> m_weight;
    std::vector<float> m_bias;
};

} // namespace hearth
