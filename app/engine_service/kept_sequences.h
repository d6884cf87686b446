#pragma once

#include <QtGlobal>

#include <cstdint>
#include <filesystem>
#include <set>

namespace hearth {

/// The folder in which the engine's caches of conversations lie, one file each: losing one costs only time. Together
/// they stay below a number of bytes, the least recently used make room. What cannot be read or removed is left alone.
/// Thread: any one at a time.
class KeptSequences {
public:
    KeptSequences(std::filesystem::path folder, std::uint64_t mostBytes);

    /// Where a conversation's file is, or would be.
    [[nodiscard]] std::filesystem::path fileOf(qint64 conversation) const;
    /// How large a new file may be: all there is room for, but half of the disk's free space is left to others.
    /// Makes the folder, which only the user may look into; 0 if that fails.
    [[nodiscard]] std::uint64_t mostBytesOfOne() const;
    /// The conversation's file is the most recently used now.
    void touch(qint64 conversation) const;
    /// Removes files until the others fit.
    void trim() const;
    void remove(qint64 conversation) const;
    void removeAllBut(const std::set<qint64>& conversations) const;

private:
    std::filesystem::path m_folder;
    std::uint64_t m_mostBytes;
};

} // namespace hearth
