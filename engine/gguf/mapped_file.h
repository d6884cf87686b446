#pragma once

#include "kernels/base/result.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace hearth {

/// A regular file mapped read-only and private to this process; unmapped at the end of its life.
/// Immutable after opening, as long as no other program changes the file: cutting it short under us ends this process.
/// Thread: any.
class MappedFile {
public:
    /// An empty file maps to no bytes.
    /// Errors: NotFound, Io (no permission, a directory, a device); each names the path and the system's reason.
    [[nodiscard]] static Result<std::unique_ptr<MappedFile>> open(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
    MappedFile(std::filesystem::path path, std::span<const std::byte> bytes);

    std::filesystem::path m_path;
    std::span<const std::byte> m_bytes;
};

} // namespace hearth
