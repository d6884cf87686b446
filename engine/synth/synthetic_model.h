#pragma once

#include "engine/gguf/gguf_writer.h"
#include "kernels/api/dtype.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth {

/// What a tensor of a synthetic model holds: a weight in the types of a quantisation, or numbers that stay F32.
enum class SyntheticKind : std::uint8_t { Matrix, Router, Norm, Bias };

struct SyntheticTensor {
    std::string name;
    std::vector<std::int64_t> extents; ///< innermost first
    SyntheticKind kind = SyntheticKind::Matrix;
    DType dtype = DType::F32;
};

/// A model in the shape of a real one, with random weights and without a vocabulary: for measuring speed and memory.
struct SyntheticModel {
    std::string name;
    std::string architecture;
    std::vector<std::pair<std::string, GgufField>> metadata; ///< without what depends on the types
    std::vector<SyntheticTensor> tensors;
    std::int32_t layers = 0;
    std::uint32_t fileType = 0; ///< general.file_type in GGUF files

    [[nodiscard]] std::uint64_t sizeBytes() const;
};

struct SyntheticChoice {
    std::string shape; ///< one of syntheticShapes()
    /// "Q4_K_M" or "MXFP4" (the types that such a quantisation of the real model mixes), or one type's name.
    std::string types = "Q4_K_M";
    // Smaller than the real model, where not 0.
    std::int32_t layers = 0;
    std::int32_t experts = 0;
    std::int32_t vocabulary = 0;
};

/// Names of the shapes, for help.
[[nodiscard]] std::vector<std::string_view> syntheticShapes();
/// Names of the mixes and types.
[[nodiscard]] std::vector<std::string_view> syntheticTypes();

/// The tensors and metadata of a shape. Errors: NotFound (a shape or type that is not known, with those that are),
/// InvalidInput (fewer experts than a token uses, numbers larger than the shape's own).
[[nodiscard]] Result<SyntheticModel> describeSynthetic(const SyntheticChoice& choice);

/// Writes the file tensor by tensor; what is in memory at any time is a few MiB. The same model gives the same bytes.
/// progress: bytes of tensors done. Errors: Io, Cancelled; nothing is left behind then.
[[nodiscard]] Status writeSynthetic(const SyntheticModel& model, const std::filesystem::path& path,
                                    std::stop_token stop, const std::function<void(std::uint64_t done)>& progress);

} // namespace hearth
