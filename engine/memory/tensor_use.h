#pragma once

#include "engine/gguf/gguf_file.h"
#include "kernels/api/program.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace hearth {

/// What a tensor is for, as far as its place in memory goes.
enum class TensorClass : std::uint8_t {
    Attention,
    FeedForward,
    SharedExperts,
    RoutedExperts,
    Embedding,
    Output,
    Other
};

/// As people read it: "attention", "routed experts".
[[nodiscard]] std::string_view tensorClassName(TensorClass tensorClass);

/// How a token that is decoded uses one tensor of a file.
struct TensorUse {
    const GgufTensor* tensor = nullptr;
    TensorClass tensorClass = TensorClass::Other;
    std::int32_t layer = -1;      ///< -1: of the whole model
    double bytesPerToken = 0;     ///< of routed experts on average: the chosen share; 0: the program leaves it out
    std::int32_t chosenParts = 0; ///< of routed experts: how many a token chooses, of the tensor's matrices
};

/// Every tensor of the file, in its order, as `program` (one that decodes) uses it.
[[nodiscard]] std::vector<TensorUse> tensorUses(const GgufFile& file, const Program& program);

/// Bytes of one routed expert's smallest matrix, or of 1 MiB if there are no experts: what is read from a disk at once.
[[nodiscard]] std::uint64_t expertBytes(const std::vector<TensorUse>& uses);

/// Bytes of weights that a token reads.
[[nodiscard]] double bytesPerToken(const std::vector<TensorUse>& uses);

} // namespace hearth
