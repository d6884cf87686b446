#pragma once

#include "engine/gguf/byte_reader.h"
#include "engine/gguf/gguf_file.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <vector>

namespace hearth::gguf {

/// Reads `count` tensor records and checks them against each other and the file: every tensor whole inside it,
/// aligned, none overlapping, no name twice. The reader stands at the first record.
/// Errors: Corrupt, Unsupported (a storage type this program does not know, by number).
[[nodiscard]] Result<std::vector<GgufTensor>> readTensors(ByteReader& reader, std::uint64_t count,
                                                          std::uint32_t alignment);

} // namespace hearth::gguf
