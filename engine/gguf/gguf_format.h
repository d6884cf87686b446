#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hearth::gguf {

// The numbers of the GGUF format that reader and writer share. Source: the GGUF specification (ggml, docs/gguf.md).

/// "GGUF", read as a little-endian number.
constexpr std::uint32_t kMagic = 0x46554747;
constexpr std::uint32_t kOldestVersion = 2;
constexpr std::uint32_t kNewestVersion = 3;
/// Where tensor data start and are padded to, unless `general.alignment` says otherwise.
constexpr std::uint32_t kDefaultAlignment = 32;
/// The specification asks for a multiple of 8; the kernels read no wider scalar than that from a file.
constexpr std::uint32_t kSmallestAlignment = 8;
constexpr std::uint32_t kMaximumDimensions = 4;
constexpr std::uint64_t kMaximumNameBytes = 65535;

constexpr std::string_view kAlignmentKey = "general.alignment";

/// Types of metadata values, with their numbers in the file.
enum class ValueType : std::uint32_t {
    Uint8,
    Int8,
    Uint16,
    Int16,
    Uint32,
    Int32,
    Float32,
    Bool,
    String,
    Array,
    Uint64,
    Int64,
    Float64,
};

struct ValueTypeInfo {
    std::string_view name;
    /// Bytes of one value; 0 if it says its own length.
    std::size_t sizeBytes;
};

/// Indexed by the type's number.
constexpr std::array<ValueTypeInfo, 13> kValueTypes{{{"uint8", 1},
                                                     {"int8", 1},
                                                     {"uint16", 2},
                                                     {"int16", 2},
                                                     {"uint32", 4},
                                                     {"int32", 4},
                                                     {"float32", 4},
                                                     {"bool", 1},
                                                     {"string", 0},
                                                     {"array", 0},
                                                     {"uint64", 8},
                                                     {"int64", 8},
                                                     {"float64", 8}}};

} // namespace hearth::gguf
