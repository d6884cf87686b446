#pragma once

#include "kernels/base/result.h"

#include <cstddef>
#include <filesystem>
#include <span>

namespace hearth {

/// A file that is written under a passing name beside its target and takes the target's place when it is whole; what is
/// not finished is removed. Thread: one.
class UnfinishedFile {
public:
    enum class Access { Everybody, Owner };
    /// Whether finish() waits until everything is on the disk.
    enum class Durable { Yes, No };

    /// Errors: Io, with the target's name and the system's reason.
    [[nodiscard]] static Result<UnfinishedFile> create(const std::filesystem::path& target, Access access);
    ~UnfinishedFile();
    UnfinishedFile(UnfinishedFile&& other) noexcept;
    UnfinishedFile(const UnfinishedFile&) = delete;
    UnfinishedFile& operator=(const UnfinishedFile&) = delete;

    /// Errors: Io.
    [[nodiscard]] Status append(std::span<const std::byte> bytes);
    /// Nothing is appended any more. Errors: Io; the target then stays as it was.
    [[nodiscard]] Status finish(Durable durable);

private:
    UnfinishedFile(std::filesystem::path target, std::filesystem::path path, int descriptor)
        : m_target(std::move(target)), m_path(std::move(path)), m_descriptor(descriptor) {}

    std::filesystem::path m_target;
    std::filesystem::path m_path;
    int m_descriptor = -1;
    bool m_finished = false;
};

} // namespace hearth
