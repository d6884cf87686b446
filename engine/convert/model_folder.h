#pragma once

#include "engine/convert/json_document.h"
#include "engine/convert/safetensors_file.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace hearth {

/// How sentence-transformers pools the rows of a model, by the numbers of GGUF files.
enum class FolderPooling : std::uint32_t { Mean = 1, First = 2, Last = 3 };

/// A published model as a folder: config.json, model.safetensors, its tokenizer's files, and for sentence-transformers
/// modules.json with the folder that says how rows are pooled.
struct ModelFolder {
    std::filesystem::path path;
    JsonDocument config;
    std::unique_ptr<SafetensorsFile> weights;
    std::optional<FolderPooling> pooling; ///< none: the folder does not say

    /// Errors: those of JsonDocument and SafetensorsFile; NotFound without one of the two; Unsupported ways of pooling.
    [[nodiscard]] static Result<ModelFolder> open(const std::filesystem::path& path);
};

} // namespace hearth
