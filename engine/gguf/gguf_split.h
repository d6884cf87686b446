#pragma once

#include "engine/gguf/gguf_parser.h"
#include "engine/gguf/mapped_file.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace hearth::gguf {

/// The files of one model, mapped and checked: one, or the parts that a large model was split into.
struct SplitFiles {
    /// Of the first part.
    std::filesystem::path path;
    std::uint32_t version = 0;
    /// The metadata of the first part; views into its mapping.
    std::vector<Entry> entries;
    /// The tensors of all parts.
    std::vector<GgufTensor> tensors;
    std::vector<std::unique_ptr<MappedFile>> parts;
};

/// Opens the file at `path` and, if its metadata say that it is one of several parts, the others beside it, which are
/// found by their names ("NAME-00002-of-00005.gguf").
/// Errors: NotFound, Io, Corrupt, Unsupported; each names the file.
[[nodiscard]] Result<SplitFiles> openWithParts(const std::filesystem::path& path);

} // namespace hearth::gguf
