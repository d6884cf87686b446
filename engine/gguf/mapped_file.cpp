#include "engine/gguf/mapped_file.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hearth {

namespace {

/// Closes a file descriptor at the end of a scope.
struct Descriptor {
    int number = -1;
    ~Descriptor() {
        if (number >= 0)
            ::close(number);
    }
};

Error systemError(const std::filesystem::path& path, int number) {
    const ErrorCode code = number == ENOENT || number == ENOTDIR ? ErrorCode::NotFound : ErrorCode::Io;
    return Error{code, "cannot open '" + path.string() + "': " + std::generic_category().message(number)};
}

} // namespace

MappedFile::MappedFile(std::filesystem::path path, std::span<const std::byte> bytes)
    : m_path(std::move(path)), m_bytes(bytes) {}

MappedFile::~MappedFile() {
    if (!m_bytes.empty())
        ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
}

Result<std::unique_ptr<MappedFile>> MappedFile::open(const std::filesystem::path& path) {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    const Descriptor descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (descriptor.number < 0)
        return systemError(path, errno);
    struct stat status {};
    if (::fstat(descriptor.number, &status) != 0)
        return systemError(path, errno);
    if (S_ISDIR(status.st_mode))
        return systemError(path, EISDIR);
    if (!S_ISREG(status.st_mode))
        return Error{ErrorCode::Io, "cannot open '" + path.string() + "': it is not a regular file"};
    const auto sizeBytes = static_cast<std::size_t>(status.st_size);
    if (sizeBytes == 0)
        return std::unique_ptr<MappedFile>(new MappedFile(path, {}));
    void* const start = ::mmap(nullptr, sizeBytes, PROT_READ, MAP_PRIVATE, descriptor.number, 0);
    if (start == MAP_FAILED)
        return systemError(path, errno);
    const std::span<const std::byte> bytes{static_cast<const std::byte*>(start), sizeBytes};
    return std::unique_ptr<MappedFile>(new MappedFile(path, bytes));
}

} // namespace hearth
