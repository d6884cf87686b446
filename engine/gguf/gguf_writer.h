#pragma once

#include "kernels/api/dtype.h"
#include "kernels/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

namespace hearth {

/// A metadata value as it is stored, width and all.
using GgufField =
    std::variant<std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, std::uint64_t,
                 std::int64_t, float, double, bool, std::string, std::vector<std::uint8_t>, std::vector<std::int8_t>,
                 std::vector<std::uint16_t>, std::vector<std::int16_t>, std::vector<std::uint32_t>,
                 std::vector<std::int32_t>, std::vector<std::uint64_t>, std::vector<std::int64_t>, std::vector<float>,
                 std::vector<double>, std::vector<bool>, std::vector<std::string>>;

/// Collects metadata and tensors and writes them as one GGUF v3 file. Thread: one.
class GgufWriter {
public:
    /// Keys come in the order of the calls. `general.alignment` (a uint32) sets the alignment of the tensors.
    /// Errors: InvalidInput (an empty key, a key that is there already, a bad alignment).
    [[nodiscard]] Status set(std::string key, GgufField value);

    /// `extents` are innermost first, one to four, each at least 1; `data` holds exactly that tensor and must stay
    /// where it is until the file is written.
    /// Errors: InvalidInput (a name that is there already, a shape that does not fit the type or the data).
    [[nodiscard]] Status addTensor(std::string name, DType dtype, std::span<const std::int64_t> extents,
                                   std::span<const std::byte> data);

    /// Fills a piece of a tensor that begins at `offset` of its bytes; pieces come in order, are whole blocks of the
    /// tensor's type and are asked for once each, while write() runs. An error ends the writing.
    using TensorSource = std::function<Status(std::uint64_t offset, std::span<std::byte> piece)>;
    /// The same for a tensor that is made when it is written, so that it need not be in memory at once.
    [[nodiscard]] Status addTensor(std::string name, DType dtype, std::span<const std::int64_t> extents,
                                   TensorSource source);

    /// Writes to a new name beside `path`, flushes it to the disk and renames it, so that `path` is at any time the
    /// old file or the whole new one.
    /// Errors: Io (the system's reason), those of the sources; the old file and nothing else is then left.
    [[nodiscard]] Status write(const std::filesystem::path& path) const;

private:
    struct Tensor {
        std::string name;
        DType dtype = DType::F32;
        std::vector<std::int64_t> extents;
        std::uint64_t sizeBytes = 0;
        std::span<const std::byte> data; ///< empty if there is a source
        TensorSource source;
    };
    /// Checks name and shape of a new tensor and gives its size.
    [[nodiscard]] Result<std::uint64_t> checkTensor(const std::string& name, DType dtype,
                                                    std::span<const std::int64_t> extents) const;
    [[nodiscard]] std::string head() const;

    std::string m_entries;
    std::uint64_t m_entryCount = 0;
    std::uint32_t m_alignment = 32;
    std::vector<Tensor> m_tensors;
    std::unordered_set<std::string> m_keys;
    std::unordered_set<std::string> m_names;
};

} // namespace hearth
