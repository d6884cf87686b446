#pragma once

#include "engine/gguf/gguf_file.h"
#include "kernels/api/program.h"

#include <cstdint>

namespace hearth {

/// A number that differs wherever two programs would compute other keys and values for the same tokens: from the file's
/// size and its metadata of the architecture, the program's weights (names, types, shapes, and a few bytes of each),
/// its rope, and the share of experts. Not made against forgery. Reads one page of each of some hundred weights at
/// most.
[[nodiscard]] std::uint64_t modelIdentity(const GgufFile& file, const Program& program, float expertShare);

} // namespace hearth
