#pragma once

#include "engine/gguf/gguf_file.h"

#include <cstdint>

namespace hearth::cli {

/// Bytes a second at which `threads` threads together read memory that no cache holds: the limit of decoding.
/// The best of a few passes over 512 MiB. Errors: OutOfMemory.
[[nodiscard]] Result<double> measureReadBandwidth(std::int32_t threads);

/// Bytes of weights that one decoded token reads: every tensor once, of routed experts the chosen share, and of the
/// input embeddings one row, unless they are the output matrix too.
[[nodiscard]] double weightBytesPerToken(const GgufFile& file);

} // namespace hearth::cli
