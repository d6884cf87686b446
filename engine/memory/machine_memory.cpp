#include "engine/memory/machine_memory.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hearth {

namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

/// The number behind `key` in lines like "MemAvailable:  123 kB" or "inactive_file 456".
std::optional<std::uint64_t> numberBehind(const std::filesystem::path& path, const std::string& key) {
    std::ifstream file(path);
    std::string word;
    std::uint64_t value = 0;
    while (file >> word) {
        if (word == key && file >> value)
            return value;
        file.clear();
    }
    return std::nullopt;
}

/// The only number of a file; nothing for "max", or if there is no such file.
std::optional<std::uint64_t> numberIn(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::uint64_t value = 0;
    if (file >> value)
        return value;
    return std::nullopt;
}

/// What one control group still allows. Cached files count as used there, but give way.
std::uint64_t roomIn(const std::filesystem::path& group, const char* limitName, const char* usedName) {
    const auto limit = numberIn(group / limitName);
    if (!limit)
        return kUnlimited;
    const std::uint64_t used = numberIn(group / usedName).value_or(0);
    const std::uint64_t cached = numberBehind(group / "memory.stat", "inactive_file").value_or(0)
                                 + numberBehind(group / "memory.stat", "active_file").value_or(0);
    const std::uint64_t kept = used - std::min(used, cached);
    return *limit - std::min(*limit, kept);
}

/// Of the group `name` and those above it, below `top`.
std::uint64_t roomUpTo(const std::filesystem::path& top, std::string name, const char* limitName,
                       const char* usedName) {
    std::uint64_t room = roomIn(top, limitName, usedName);
    while (name.size() > 1) {
        room = std::min(room, roomIn(top / name.substr(1), limitName, usedName));
        name.resize(name.rfind('/'));
    }
    return room;
}

struct Descriptor {
    int number = -1;
    ~Descriptor() {
        if (number >= 0)
            ::close(number);
    }
};

} // namespace

std::uint64_t controlGroupRoom(const std::filesystem::path& root) {
    std::ifstream groups(root / "proc/self/cgroup");
    std::uint64_t room = kUnlimited;
    // Lines read "4:memory:/name" (version 1) or "0::/name" (version 2).
    for (std::string line; std::getline(groups, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos || second + 1 >= line.size() || line[second + 1] != '/')
            continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const std::string name = line.substr(second + 1);
        if (controllers == ",,")
            room = std::min(room, roomUpTo(root / "sys/fs/cgroup", name, "memory.max", "memory.current"));
        else if (controllers.find(",memory,") != std::string::npos)
            room = std::min(
                room, roomUpTo(root / "sys/fs/cgroup/memory", name, "memory.limit_in_bytes", "memory.usage_in_bytes"));
    }
    return room;
}

std::uint64_t usableMemoryBytes() {
    const auto available = numberBehind("/proc/meminfo", "MemAvailable:");
    if (!available)
        return 0;
    return std::min(*available * 1024, controlGroupRoom("/"));
}

Result<double> measureDiskBandwidth(const std::filesystem::path& path, std::uint64_t pieceBytes) {
    constexpr std::size_t kAlignment = 4096;
    constexpr std::uint64_t kMostPiece = std::uint64_t{8} << 20;
    constexpr auto kTime = std::chrono::milliseconds(200);
    const auto failed = [&](int number) {
        return Error{number == EINVAL ? ErrorCode::Unsupported : ErrorCode::Io,
                     "cannot read '" + path.string() + "' past the cache: " + std::generic_category().message(number)};
    };
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC)};
    struct stat status {};
    if (file.number < 0 || ::fstat(file.number, &status) != 0)
        return failed(errno);
    const std::uint64_t piece = std::clamp(pieceBytes, std::uint64_t{kAlignment}, kMostPiece) / kAlignment * kAlignment;
    const std::uint64_t pieces = static_cast<std::uint64_t>(status.st_size) / piece;
    const std::unique_ptr<void, decltype(&std::free)> room(std::aligned_alloc(kAlignment, piece), &std::free);
    if (room == nullptr || pieces == 0)
        return Error{ErrorCode::Unsupported, "'" + path.string() + "' is too small to measure its disk"};
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t bytes = 0;
    std::uint64_t at = 0;
    std::chrono::duration<double> elapsed{};
    do {
        at = (at + 0x9E3779B97F4A7C15U) % pieces; // strides all over the file, hardly any twice
        const ssize_t got = ::pread(file.number, room.get(), piece, static_cast<off_t>(at * piece));
        if (got <= 0)
            return failed(got < 0 ? errno : EIO);
        bytes += static_cast<std::uint64_t>(got);
        elapsed = std::chrono::steady_clock::now() - start;
    } while (elapsed < kTime);
    return static_cast<double>(bytes) / elapsed.count();
}

} // namespace hearth
