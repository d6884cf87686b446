#include "engine/gguf/unfinished_file.h"

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace hearth {

namespace {

Error writeError(const std::filesystem::path& path, int number) {
    return Error{ErrorCode::Io, "cannot write '" + path.string() + "': " + std::generic_category().message(number)};
}

/// The new name is on the disk only when its folder is; a file system that refuses this keeps it anyway.
void syncFolder(const std::filesystem::path& target) {
    const std::filesystem::path folder = target.has_parent_path() ? target.parent_path() : ".";
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    ::fsync(descriptor);
    ::close(descriptor);
}

} // namespace

Result<UnfinishedFile> UnfinishedFile::create(const std::filesystem::path& target, Access access) {
    // The process id keeps programs apart, the counter the threads of this one.
    static std::atomic<unsigned> counter{0};
    std::filesystem::path path = target.parent_path()
                                 / ("." + target.filename().string() + "." + std::to_string(::getpid()) + "-"
                                    + std::to_string(counter.fetch_add(1, std::memory_order_relaxed)) + ".part");
    const mode_t mode = access == Access::Owner ? 0600 : 0666;
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0)
        return writeError(target, errno);
    return UnfinishedFile(target, std::move(path), descriptor);
}

UnfinishedFile::~UnfinishedFile() {
    if (m_descriptor < 0)
        return;
    ::close(m_descriptor);
    if (!m_finished)
        ::unlink(m_path.c_str());
}

UnfinishedFile::UnfinishedFile(UnfinishedFile&& other) noexcept
    : m_target(std::move(other.m_target)), m_path(std::move(other.m_path)),
      m_descriptor(std::exchange(other.m_descriptor, -1)), m_finished(other.m_finished) {}

Status UnfinishedFile::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return writeError(m_target, errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Status UnfinishedFile::finish(Durable durable) {
    if ((durable == Durable::Yes && ::fsync(m_descriptor) != 0) || ::rename(m_path.c_str(), m_target.c_str()) != 0)
        return writeError(m_target, errno);
    m_finished = true;
    if (durable == Durable::Yes)
        syncFolder(m_target);
    return {};
}

} // namespace hearth
