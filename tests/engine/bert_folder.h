#pragma once

#include "tests/engine/safetensors_bytes.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace hearth {

/// A whole BERT model as a folder, small enough for sanitizers: what is in it can be changed before it is written.
struct BertFolder {
    struct Tensor {
        std::string dtype;
        std::vector<std::int64_t> shape; ///< outermost first
        std::string bytes;
    };
    std::map<std::string, Tensor> tensors;
    std::map<std::string, std::string> files; ///< by their path in the folder; nested ones too

    static constexpr std::int32_t kLayers = 2;
    static constexpr std::int32_t kHidden = 8;
    static constexpr std::int32_t kInner = 12;
    static constexpr std::int32_t kPositions = 16;

    /// With config.json, vocab.txt, tokenizer_config.json, modules.json and 1_Pooling/config.json (mean).
    [[nodiscard]] static BertFolder wellFormed();
    /// config.json as an object.
    [[nodiscard]] nlohmann::json config() const { return nlohmann::json::parse(files.at("config.json")); }
    void setConfig(const nlohmann::json& config) { files["config.json"] = config.dump(); }
    [[nodiscard]] std::string safetensors() const;
    void write(const std::filesystem::path& folder) const;
};

} // namespace hearth
