#pragma once

#include "kernels/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace hearth::cli {

/// Where the window keeps its models too: $XDG_DATA_HOME/hearth/models, or below ~/.local/share.
[[nodiscard]] std::filesystem::path modelsFolder();

/// The model that a command uses where none is named: one that writes, or one that makes vectors.
enum class Starter : std::uint8_t { Chat, Embedding };

/// The file that `name` means: a path, a file of the models folder, or such a file's name without ".gguf"; the starter
/// model if it is empty.
/// Errors: NotFound with the folder and the models in it.
[[nodiscard]] Result<std::filesystem::path> findModel(const std::string& name, Starter starter = Starter::Chat);

} // namespace hearth::cli
