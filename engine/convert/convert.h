#pragma once

#include "kernels/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace hearth {

struct ConversionReport {
    std::string architecture;
    std::size_t tensorCount = 0;
    std::uint64_t tensorBytes = 0;
};

/// Reads a published model's folder (config.json, model.safetensors, its tokenizer) and writes it as one GGUF file with
/// the same numbers: matrices in the type that they are stored in, vectors and small tables as float32. `path` is at
/// any time the old file or the whole new one. Everything in the folder is checked before it is used. Thread: any.
/// Errors: NotFound, Io, Corrupt (what contradicts itself, or a tensor of another shape, with both), Unsupported (a
/// model that is no BERT encoder, with what it is).
[[nodiscard]] Result<ConversionReport> convertToGguf(const std::filesystem::path& folder,
                                                     const std::filesystem::path& path);

} // namespace hearth
