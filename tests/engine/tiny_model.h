#pragma once

#include "engine/gguf/gguf_writer.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace hearth {

/// A whole model with random weights and a vocabulary of bytes, small enough for sanitizers: what is in the file can be
/// changed before it is written.
struct TinyModel {
    struct Tensor {
        std::vector<std::int64_t> extents; ///< innermost first
        std::vector<float> values;
    };
    std::map<std::string, GgufField> metadata;
    std::map<std::string, Tensor> tensors;

    static constexpr std::int32_t kLayers = 2;
    static constexpr std::int32_t kHidden = 32;
    static constexpr std::int32_t kInner = 48;
    static constexpr std::int32_t kHeads = 4;
    static constexpr std::int32_t kKeyHeads = 2;
    static constexpr std::int32_t kVocabulary = 3 + 256; ///< unknown, begin, end, then a token for each byte
    static constexpr std::int32_t kContext = 256;

    /// A well-formed `llama` model; the seed decides its weights.
    [[nodiscard]] static TinyModel llama(std::uint32_t seed);
    [[nodiscard]] Status write(const std::filesystem::path& path) const;
};

} // namespace hearth
