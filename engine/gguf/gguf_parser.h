#pragma once

#include "engine/gguf/gguf_file.h"
#include "engine/gguf/gguf_format.h"
#include "kernels/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::gguf {

/// Where a metadata value lies; whole inside the file and of a known type. For an array, `type` is that of its
/// elements and `bytes` are the elements, one after the other; strings keep their lengths before them.
struct Entry {
    std::string_view key;
    ValueType type = ValueType::Uint8;
    bool isArray = false;
    std::uint64_t count = 1;
    std::span<const std::byte> bytes;
};

/// What a file's head says. Keys and values are views into the parsed bytes.
struct Parsed {
    std::uint32_t version = 0;
    std::vector<Entry> entries;
    std::vector<GgufTensor> tensors;
};

/// Checks a whole GGUF file and says where everything is.
/// Errors: Corrupt, Unsupported; each names the thing and the numbers, the caller adds the file's name.
[[nodiscard]] Result<Parsed> parse(std::span<const std::byte> file);

/// The value of an entry that parse() made, copied out and widened.
[[nodiscard]] GgufValue readValue(const Entry& entry);

/// The strings of an entry that is an array of strings, as views into the file.
[[nodiscard]] std::vector<std::string_view> readStrings(const Entry& entry);

/// A name out of a file for use in a message: control bytes become '?', a long one is cut.
[[nodiscard]] std::string printable(std::string_view name);

} // namespace hearth::gguf
