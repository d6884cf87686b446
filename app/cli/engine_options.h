#pragma once

#include "app/cli/arguments.h"
#include "engine/run/engine.h"

#include <memory>
#include <vector>

namespace hearth::cli {

/// --device and --threads, for every command that loads a model. Put a command's own options after them.
[[nodiscard]] std::vector<Option> deviceOptions();
/// --ctx and --kv f16|f32|q8_0|q4_0, with `cacheFallback` where none is given.
[[nodiscard]] std::vector<Option> cacheOptions(const char* cacheFallback);

/// --lora FILE[=SCALE], which may be given several times.
[[nodiscard]] std::vector<Option> adapterOptions();

/// The options above as the engine wants them; those a command did not declare are not looked at.
/// Errors: InvalidInput for a device that is not there, with those that are.
[[nodiscard]] Result<EngineOptions> readDeviceOptions(const Arguments& arguments);
/// Errors: InvalidInput for a scale that is no finite number.
[[nodiscard]] Result<std::vector<AdapterChoice>> readAdapters(const Arguments& arguments);
[[nodiscard]] DType readCacheType(const Arguments& arguments);

} // namespace hearth::cli
