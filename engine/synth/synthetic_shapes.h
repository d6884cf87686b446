#pragma once

#include "engine/synth/synthetic_model.h"

namespace hearth {

/// The numbers of a decoder that its shape is made from. 0 where the model has no such thing.
struct SyntheticNumbers {
    std::string_view name;
    std::string_view architecture;
    std::int32_t layers = 0;
    std::int32_t hidden = 0;
    std::int32_t inner = 0; ///< of a dense feed-forward, or of an expert where expertInner is 0
    std::int32_t queryHeads = 0;
    std::int32_t keyHeads = 0;
    std::int32_t headColumns = 0;
    std::int32_t vocabulary = 0;
    std::int32_t context = 0;
    float normEpsilon = 1e-6F;
    float ropeBase = 1e4F;
    std::int32_t experts = 0;
    std::int32_t expertsUsed = 0;
    std::int32_t expertInner = 0;
};

/// Every shape, from the models' published configurations.
[[nodiscard]] std::span<const SyntheticNumbers> syntheticNumbers();

/// The tensors, all matrices as F32 still, and the metadata of the architecture.
[[nodiscard]] SyntheticModel syntheticLayout(const SyntheticNumbers& numbers);

} // namespace hearth
