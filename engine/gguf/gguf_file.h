#pragma once

#include "kernels/api/dtype.h"
#include "kernels/base/result.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hearth {

/// A value of a GGUF file's metadata. Integers of every width are widened; arrays hold one kind.
using GgufValue =
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string, std::vector<std::uint64_t>,
                 std::vector<std::int64_t>, std::vector<double>, std::vector<bool>, std::vector<std::string>>;

/// One tensor of a file. extents[0] is the innermost (columns), as ggml's ne; unused extents are 1.
struct GgufTensor {
    std::string name;
    DType dtype = DType::F32;
    std::array<std::int64_t, 4> extents{1, 1, 1, 1};
    int dimensions = 1;
    /// From the start of the file that holds it; the whole tensor lies inside that file.
    std::uint64_t offset = 0;
    std::uint64_t sizeBytes = 0;
    /// Into the mapping; stays valid as long as the file object.
    const std::byte* data = nullptr;
};

/// A GGUF v2 or v3 model file, mapped read-only and checked whole before use: counts against the file's size, every
/// offset inside it and aligned, no two tensors overlapping, no name twice, extents that multiply without overflow.
/// A model split into several files ("…-00001-of-00003.gguf") is opened by any of them and reads as one: the metadata
/// of the first part, the tensors of all.
/// Source: the GGUF specification (ggml, docs/gguf.md). Immutable after opening. Thread: any.
class GgufFile {
public:
    /// Errors: NotFound (the file, or a part of a split model), Io, Corrupt, Unsupported (version 1, big-endian, an
    /// unknown tensor type); each names the file, the thing and the numbers.
    [[nodiscard]] static Result<std::unique_ptr<GgufFile>> open(const std::filesystem::path& path);
    ~GgufFile();
    GgufFile(const GgufFile&) = delete;
    GgufFile& operator=(const GgufFile&) = delete;

    /// Of the first part, if the model is split.
    [[nodiscard]] const std::filesystem::path& path() const;
    [[nodiscard]] std::uint32_t version() const;
    /// Of all parts together.
    [[nodiscard]] std::uint64_t sizeBytes() const;

    /// Metadata keys in the file's order.
    [[nodiscard]] std::span<const std::string> keys() const;
    /// Null if there is no such key. Long lists are copied out of the file when first asked for.
    [[nodiscard]] const GgufValue* find(std::string_view key) const;

    /// A list of strings as views into the mapping: nothing is copied, whatever its length.
    /// Errors: NotFound, Corrupt (not a list of strings); each names key and file.
    [[nodiscard]] Result<std::vector<std::string_view>> strings(std::string_view key) const;

    // Typed reads. The first kind fails with NotFound or Corrupt (wrong kind, out of range) and names key and file;
    // the ...Or kind gives the fallback when the key is absent and still fails when its kind is wrong.
    [[nodiscard]] Result<std::string> string(std::string_view key) const;
    [[nodiscard]] Result<std::int32_t> int32(std::string_view key, std::int32_t low, std::int32_t high) const;
    [[nodiscard]] Result<float> float32(std::string_view key) const;
    [[nodiscard]] Result<std::string> stringOr(std::string_view key, std::string_view fallback) const;
    [[nodiscard]] Result<std::int32_t> int32Or(std::string_view key, std::int32_t fallback, std::int32_t low,
                                               std::int32_t high) const;
    [[nodiscard]] Result<float> float32Or(std::string_view key, float fallback) const;
    [[nodiscard]] Result<bool> boolOr(std::string_view key, bool fallback) const;
    /// Per-layer values: an array of `count`, or one number for all. Used by head_count_kv and its like.
    [[nodiscard]] Result<std::vector<std::int32_t>> int32PerLayer(std::string_view key, std::int32_t count,
                                                                  std::int32_t low, std::int32_t high) const;

    [[nodiscard]] std::span<const GgufTensor> tensors() const;
    /// Null if there is no such tensor.
    [[nodiscard]] const GgufTensor* tensor(std::string_view name) const;

private:
    struct Contents;
    explicit GgufFile(std::unique_ptr<Contents> contents);
    std::unique_ptr<Contents> m_contents;
};

} // namespace hearth
