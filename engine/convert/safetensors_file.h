#pragma once

#include "kernels/api/dtype.h"
#include "kernels/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

class MappedFile;

struct SafetensorsTensor {
    std::string name;
    std::string dtypeName;            ///< as in the file: "F32", "BF16", "I64"
    std::optional<DType> dtype;       ///< none for types that weights here do not have
    std::vector<std::int64_t> shape;  ///< outermost first; empty for a single number
    std::span<const std::byte> bytes; ///< into the mapping; stays valid as long as the file object
};

/// A safetensors file, mapped read-only and checked whole before use: a header of at most 100 MB that is JSON, shapes
/// that multiply to the bytes they are given, tensors that lie one behind the other and fill the file to its end.
/// Source: the format's specification (huggingface/safetensors, README). Immutable after opening. Thread: any.
class SafetensorsFile {
public:
    /// Errors: NotFound, Io, Corrupt, Unsupported (an unknown type); each names the file, the tensor and the numbers.
    [[nodiscard]] static Result<std::unique_ptr<SafetensorsFile>> open(const std::filesystem::path& path);
    ~SafetensorsFile();
    SafetensorsFile(const SafetensorsFile&) = delete;
    SafetensorsFile& operator=(const SafetensorsFile&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const;
    /// By name.
    [[nodiscard]] std::span<const SafetensorsTensor> tensors() const { return m_tensors; }
    /// Null if there is no such tensor.
    [[nodiscard]] const SafetensorsTensor* find(std::string_view name) const;

private:
    explicit SafetensorsFile(std::unique_ptr<MappedFile> file);

    std::unique_ptr<MappedFile> m_file;
    std::vector<SafetensorsTensor> m_tensors;
};

} // namespace hearth
