#pragma once

#include "app/cli/arguments.h"
#include "engine/run/sampler.h"

#include <vector>

namespace hearth::cli {

/// How the next token is drawn: --temperature, --top-k … --seed.
[[nodiscard]] std::vector<Option> samplerOptions();

/// Without --seed, a seed that differs each time.
[[nodiscard]] SamplerSettings readSamplerOptions(const Arguments& arguments);

} // namespace hearth::cli
