#include "engine/gguf/byte_reader.h"
#include "engine/memory/checksum.h"
#include "engine/memory/sequence_format.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace hearth {

using namespace sequence_format;

/// Reads a header and holds it against the file's size and the layout.
class SequenceReader {
public:
    SequenceReader(const SequenceLayout& layout, SequenceFile& file)
        : m_layout(layout), m_file(file), m_bytes(file.m_file->bytes()), m_reader(m_bytes) {}

    Status read() {
        HEARTH_CHECK(readCounts());
        HEARTH_CHECK(readLayout());
        const auto tokens = static_cast<std::size_t>(m_tokenCount);
        m_file.m_tokens.resize(tokens);
        std::memcpy(m_file.m_tokens.data(), m_bytes.data() + m_reader.position(), tokens * sizeof(std::int32_t));
        m_reader.skip(tokens * sizeof(std::int32_t));
        m_file.m_caches.assign(m_layout.caches.begin(), m_layout.caches.end());
        m_file.m_states.assign(m_layout.states.begin(), m_layout.states.end());
        HEARTH_CHECK(readStateRecords());
        return readPageRecords();
    }

private:
    [[nodiscard]] static Error corrupt(std::string message) { return {ErrorCode::Corrupt, std::move(message)}; }
    [[nodiscard]] static Error other(std::string message) { return {ErrorCode::Unsupported, std::move(message)}; }

    template <typename Number>
    Number next() { // the header is as long as its counts say
        Number value;
        std::memcpy(&value, m_bytes.data() + m_reader.position(), sizeof(value));
        m_reader.skip(sizeof(value));
        return value;
    }

    Status readCounts() {
        if (m_bytes.size() < kCountsEnd || std::memcmp(m_bytes.data(), kMagic.data(), kMagic.size()) != 0)
            return corrupt("it is no saved conversation");
        m_reader.skip(kMagic.size());
        const auto version = next<std::uint32_t>();
        const auto pageTokens = next<std::uint32_t>();
        const auto model = next<std::uint64_t>();
        const auto headerBytes = next<std::uint64_t>();
        const auto fileBytes = next<std::uint64_t>();
        if (version != kVersion)
            return other("version " + std::to_string(version) + " of the format; this program writes "
                         + std::to_string(kVersion));
        for (std::uint64_t* count :
             {&m_cacheCount, &m_windowCount, &m_stateCount, &m_tokenCount, &m_copyCount, &m_pageCount})
            *count = next<std::uint32_t>();
        const auto sum = next<std::uint64_t>();
        const std::uint64_t wanted =
            aligned(kCountsEnd + m_cacheCount * kCacheBytes + m_windowCount * 4 + m_stateCount * 8 + m_tokenCount * 4
                    + (m_copyCount + m_pageCount) * kRecordBytes);
        if (headerBytes != wanted || fileBytes != m_bytes.size() || headerBytes > fileBytes)
            return corrupt("its header says " + std::to_string(headerBytes) + " of " + std::to_string(fileBytes)
                           + " bytes; it has " + std::to_string(m_bytes.size()));
        m_headerBytes = static_cast<std::size_t>(headerBytes);
        std::vector<std::byte> header(m_bytes.begin(), m_bytes.begin() + static_cast<std::ptrdiff_t>(m_headerBytes));
        std::memset(header.data() + kChecksumPlace, 0, sizeof(sum));
        if (checksum(header) != sum)
            return corrupt("its header is damaged");
        if (model != m_layout.model || pageTokens != static_cast<std::uint32_t>(kPageTokens))
            return other("it was made with another model");
        return {};
    }

    Status readLayout() {
        if (m_cacheCount != m_layout.caches.size() || m_windowCount != m_layout.windows.size()
            || m_stateCount != m_layout.states.size())
            return other("its cache has another layout");
        bool isSame = true;
        for (const CacheSpec& cache : m_layout.caches) {
            for (const std::int32_t number : {cache.heads, cache.keyColumns, cache.valueColumns})
                isSame &= next<std::int32_t>() == number;
            isSame &= next<std::uint32_t>() == dtypeInfo(cache.dtype).ggmlId;
            isSame &= next<std::int32_t>() == cache.pageClass;
        }
        for (const std::int32_t window : m_layout.windows)
            isSame &= next<std::int32_t>() == window;
        for (const StateSpec& state : m_layout.states)
            isSame &= next<std::uint64_t>() == static_cast<std::uint64_t>(state.values);
        return isSame ? Status{} : other("its cache is of another type or shape");
    }

    /// A record of so many bytes, behind the header and within the file.
    Status checkPlace(std::uint64_t offset, std::uint64_t sizeBytes) const {
        if (offset % kAlignment != 0 || offset < m_headerBytes || offset > m_bytes.size()
            || sizeBytes > m_bytes.size() - offset)
            return corrupt(std::to_string(sizeBytes) + " bytes at " + std::to_string(offset)
                           + " do not lie between the header and the end at " + std::to_string(m_bytes.size()));
        return {};
    }

    Status readStateRecords() {
        for (std::uint64_t index = 0; index < m_copyCount; ++index) {
            SequenceFile::StateRecord record;
            const auto tokens = next<std::uint32_t>();
            static_cast<void>(next<std::uint32_t>());
            record.offset = next<std::uint64_t>();
            record.checksum = next<std::uint64_t>();
            if (tokens == 0 || tokens > m_tokenCount || m_layout.states.empty())
                return corrupt("a state after " + std::to_string(tokens) + " of " + std::to_string(m_tokenCount)
                               + " tokens");
            record.tokens = static_cast<std::int32_t>(tokens);
            HEARTH_CHECK(checkPlace(record.offset, aligned(stateBytes(m_layout.states))));
            m_file.m_stateRecords.push_back(record);
        }
        return {};
    }

    Status readPageRecords() {
        const auto places = static_cast<std::size_t>((m_tokenCount + kPageTokens - 1) / kPageTokens);
        m_file.m_pages.assign(m_layout.windows.size() + 1, std::vector<SequenceFile::PageRecord>(places));
        for (std::uint64_t index = 0; index < m_pageCount; ++index) {
            const auto pageClass = next<std::uint32_t>();
            const auto logical = next<std::uint32_t>();
            SequenceFile::PageRecord record;
            record.offset = next<std::uint64_t>();
            record.checksum = next<std::uint64_t>();
            if (pageClass >= m_file.m_pages.size() || logical >= places)
                return corrupt("page " + std::to_string(logical) + " of " + std::to_string(places) + " in class "
                               + std::to_string(pageClass));
            SequenceFile::PageRecord& place = m_file.m_pages[pageClass][logical];
            if (place.offset != 0)
                return corrupt("page " + std::to_string(logical) + " is there twice");
            HEARTH_CHECK(
                checkPlace(record.offset, aligned(pageBytes(m_layout.caches, static_cast<std::int32_t>(pageClass)))));
            place = record;
        }
        return {};
    }

    const SequenceLayout& m_layout;
    SequenceFile& m_file;
    std::span<const std::byte> m_bytes;
    gguf::ByteReader m_reader;
    std::size_t m_headerBytes = 0;
    std::uint64_t m_cacheCount = 0;
    std::uint64_t m_windowCount = 0;
    std::uint64_t m_stateCount = 0;
    std::uint64_t m_tokenCount = 0;
    std::uint64_t m_copyCount = 0;
    std::uint64_t m_pageCount = 0;
};

namespace {

/// The file's pages for a cache that takes up a sequence.
class FilePages final : public PageSource {
public:
    FilePages(std::span<const std::byte> bytes, std::span<const CacheSpec> caches,
              const std::vector<std::vector<SequenceFile::PageRecord>>& pages, CachePool& pool)
        : m_bytes(bytes), m_caches(caches), m_pages(pages), m_pool(pool) {}

    bool has(std::int32_t pageClass, std::int32_t logical) const override {
        return record(pageClass, logical).offset > 0;
    }

    Status fill(std::int32_t pageClass, std::int32_t logical, std::int32_t page) override {
        const SequenceFile::PageRecord& place = record(pageClass, logical);
        const auto bytes = m_bytes.subspan(place.offset, aligned(pageBytes(m_caches, pageClass)));
        if (checksum(bytes) != place.checksum)
            return Error{ErrorCode::Corrupt, "page " + std::to_string(logical) + " is damaged"};
        std::size_t at = 0;
        for (std::size_t id = 0; id < m_caches.size(); ++id) {
            if (m_caches[id].pageClass != pageClass)
                continue;
            const std::size_t size = m_caches[id].pageSizeBytes();
            HEARTH_CHECK(m_pool.writePage(static_cast<CacheId>(id), page, bytes.subspan(at, size)));
            at += size;
        }
        return {};
    }

private:
    [[nodiscard]] const SequenceFile::PageRecord& record(std::int32_t pageClass, std::int32_t logical) const {
        return m_pages[static_cast<std::size_t>(pageClass)][static_cast<std::size_t>(logical)];
    }

    std::span<const std::byte> m_bytes;
    std::span<const CacheSpec> m_caches;
    const std::vector<std::vector<SequenceFile::PageRecord>>& m_pages;
    CachePool& m_pool;
};

} // namespace

Result<std::unique_ptr<SequenceFile>> SequenceFile::open(const std::filesystem::path& path,
                                                         const SequenceLayout& layout) {
    HEARTH_TRY(std::unique_ptr<MappedFile> mapped, MappedFile::open(path));
    std::unique_ptr<SequenceFile> file(new SequenceFile(std::move(mapped)));
    const Status status = SequenceReader(layout, *file).read();
    if (!status)
        return status.error().within("'" + path.string() + "'");
    return file;
}

std::int32_t SequenceFile::restore(std::int32_t count, KvCache& cache, CachePool& pool) const {
    FilePages pages(m_file->bytes(), m_caches, m_pages, pool);
    const auto wanted = std::clamp<std::int32_t>(count, 0, static_cast<std::int32_t>(m_tokens.size()));
    const std::int32_t restored = cache.restore(std::span(m_tokens).first(static_cast<std::size_t>(wanted)), pages);
    restoreStates(cache, pool);
    return restored;
}

void SequenceFile::restoreStates(KvCache& cache, CachePool& pool) const {
    const std::vector<KvCache::StateCopy> known = cache.stateCopies();
    for (const StateRecord& record : m_stateRecords) {
        if (record.tokens > cache.length()
            || std::ranges::find(known, record.tokens, &KvCache::StateCopy::tokens) != known.end())
            continue;
        const auto bytes = m_file->bytes().subspan(record.offset, aligned(stateBytes(m_states)));
        if (checksum(bytes) != record.checksum)
            continue;
        const std::int32_t slot = cache.takeStateSlot(record.tokens);
        std::size_t at = 0;
        for (std::size_t id = 0; id < m_states.size(); ++id) {
            std::vector<float> values(static_cast<std::size_t>(m_states[id].values));
            std::memcpy(values.data(), bytes.data() + at, values.size() * sizeof(float));
            at += values.size() * sizeof(float);
            if (!pool.writeState(static_cast<StateId>(id), slot, values)) {
                cache.dropState(slot);
                break;
            }
        }
    }
}

} // namespace hearth
