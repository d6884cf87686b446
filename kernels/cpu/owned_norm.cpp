#include "kernels/cpu/owned_norm.h"

#include "kernels/quant/dequantise.h"

#include <cstring>

namespace hearth {

std::vector<float> ownedVector(const Program& program, WeightId id) {
    const WeightView* weight = program.weight(id);
    if (weight == nullptr)
        return {};
    std::vector<float> numbers(static_cast<std::size_t>(weight->columns));
    dequantiseRow(weight->dtype, weight->data, weight->columns, numbers.data());
    return numbers;
}

OwnedNorm::OwnedNorm(const Program& program, const Norm& norm)
    : m_kind(norm.kind), m_epsilon(norm.epsilon), m_weight(ownedVector(program, norm.weight)),
      m_bias(ownedVector(program, norm.bias)) {}

void OwnedNorm::apply(const VectorKernels& vectors, const float* in, std::int32_t columns, float* out) const {
    const float* weight = m_weight.empty() ? nullptr : m_weight.data();
    switch (m_kind) {
    case NormKind::None:
        if (out != in)
            std::memcpy(out, in, static_cast<std::size_t>(columns) * sizeof(float));
        break;
    case NormKind::Rms:
        vectors.rmsNorm(in, weight, m_epsilon, columns, out);
        break;
    case NormKind::Layer:
        vectors.layerNorm(in, weight, m_bias.empty() ? nullptr : m_bias.data(), m_epsilon, columns, out);
        break;
    }
}

} // namespace hearth
