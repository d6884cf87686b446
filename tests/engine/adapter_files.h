#pragma once

#include "engine/gguf/gguf_file.h"
#include "engine/gguf/gguf_writer.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace hearth::test {

/// A tensor as numbers.
struct Numbers {
    DType dtype = DType::F32; ///< in which it is written
    std::vector<std::int64_t> extents;
    std::vector<float> values; ///< as they read back from that type
};

/// The numbers of one adapter, before and after it is written.
struct AdapterNumbers {
    std::string architecture;
    float alpha = 0;
    std::map<std::string, Numbers> down; ///< by the name of the tensor that is changed
    std::map<std::string, Numbers> up;

    [[nodiscard]] Status write(const std::filesystem::path& path) const;
};

/// Whether an op multiplies with the tensor, so that adapters can change it.
[[nodiscard]] bool canBeChanged(const GgufTensor& tensor);

/// An adapter of rank `rank` with random numbers for every tensor of `model` that `wanted` names; each pair changes
/// its tensor by about a tenth of what it holds.
[[nodiscard]] AdapterNumbers randomAdapter(const GgufFile& model, std::int32_t rank, float alpha, std::uint32_t seed,
                                           const std::function<bool(const std::string&)>& wanted);

/// The model with the adapters multiplied out: W + sum of scale * alpha / rank * up down, in double, stored as F32.
[[nodiscard]] Status writeMerged(const GgufFile& model, const std::vector<AdapterNumbers>& adapters,
                                 const std::vector<float>& scales, const std::filesystem::path& path);

} // namespace hearth::test
