#include "app/engine_service/kept_sequences.h"

#include "app/settings/paths.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace hearth {

namespace {

constexpr std::string_view kSuffix = ".kv";

/// The conversation that a file belongs to, or 0: no file of ours.
qint64 conversationOf(const std::filesystem::path& file) {
    const std::string name = file.filename().string();
    if (!name.ends_with(kSuffix))
        return 0;
    qint64 id = 0;
    const char* const end = name.data() + name.size() - kSuffix.size();
    const auto result = std::from_chars(name.data(), end, id);
    return result.ec == std::errc() && result.ptr == end ? id : 0;
}

struct File {
    std::filesystem::path path;
    std::filesystem::file_time_type used;
    std::uint64_t sizeBytes = 0;
};

std::vector<File> filesIn(const std::filesystem::path& folder) {
    std::vector<File> files;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code failed;
        const File file{entry->path(), entry->last_write_time(failed), entry->file_size(failed)};
        if (!failed && conversationOf(file.path) != 0)
            files.push_back(file);
    }
    return files;
}

void removeFile(const std::filesystem::path& path) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
}

} // namespace

KeptSequences::KeptSequences(std::filesystem::path folder, std::uint64_t mostBytes)
    : m_folder(std::move(folder)), m_mostBytes(mostBytes) {}

std::filesystem::path KeptSequences::fileOf(qint64 conversation) const {
    return m_folder / (std::to_string(conversation) + std::string(kSuffix));
}

std::uint64_t KeptSequences::mostBytesOfOne() const {
    if (!makeFolder(QString::fromStdString(m_folder.string())))
        return 0;
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(m_folder, error);
    return error ? m_mostBytes : std::min<std::uint64_t>(m_mostBytes, space.available / 2);
}

void KeptSequences::touch(qint64 conversation) const {
    std::error_code ignored;
    std::filesystem::last_write_time(fileOf(conversation), std::filesystem::file_time_type::clock::now(), ignored);
}

void KeptSequences::trim() const {
    std::vector<File> files = filesIn(m_folder);
    std::ranges::sort(files, std::ranges::greater{}, &File::used);
    std::uint64_t total = 0;
    for (const File& file : files) {
        total += file.sizeBytes;
        if (total > m_mostBytes)
            removeFile(file.path);
    }
}

void KeptSequences::remove(qint64 conversation) const {
    removeFile(fileOf(conversation));
}

void KeptSequences::removeAllBut(const std::set<qint64>& conversations) const {
    for (const File& file : filesIn(m_folder))
        if (!conversations.contains(conversationOf(file.path)))
            removeFile(file.path);
}

} // namespace hearth
