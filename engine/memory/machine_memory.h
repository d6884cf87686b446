#pragma once

#include "kernels/base/result.h"

#include <cstdint>
#include <filesystem>

namespace hearth {

/// Bytes of main memory that this process can fill without pushing others out: what is free or holds only cached files,
/// and no more than the control groups that it runs in allow. 0 if the system does not tell. Thread: any.
[[nodiscard]] std::uint64_t usableMemoryBytes();

/// The part of usableMemoryBytes() that control groups decide: the smallest limit on the way from the group of
/// `process` up, less what is used under it that cannot be dropped; the largest number if there is no limit. root: "/".
[[nodiscard]] std::uint64_t controlGroupRoom(const std::filesystem::path& root);

/// Bytes a second at which pieces of `pieceBytes` all over a file are read from its disk, past the system's cache: the
/// limit of decoding what does not fit into memory. Takes a fifth of a second at most. Errors: Io, Unsupported (a file
/// system that does not read past its cache).
[[nodiscard]] Result<double> measureDiskBandwidth(const std::filesystem::path& path, std::uint64_t pieceBytes);

} // namespace hearth
