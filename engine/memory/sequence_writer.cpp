#include "engine/gguf/unfinished_file.h"
#include "engine/memory/checksum.h"
#include "engine/memory/sequence_format.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace hearth {

namespace {

using namespace sequence_format;

static_assert(std::endian::native == std::endian::little);

/// The newest copies of the states: a conversation goes on after its last answer, or is asked its last question again.
constexpr std::size_t kStateCopies = 2;

struct PageEntry {
    std::int32_t pageClass = 0;
    std::int32_t logical = 0;
    std::uint64_t checksum = 0;
};

template <typename Number>
void append(std::vector<std::byte>& bytes, Number number) {
    const std::size_t at = bytes.size();
    bytes.resize(at + sizeof(number));
    std::memcpy(bytes.data() + at, &number, sizeof(number));
}

class Writer {
public:
    Writer(const SequenceLayout& layout, const KvCache& cache, const CachePool& pool)
        : m_layout(layout), m_cache(cache), m_pool(pool), m_tokens(cache.tokens()), m_states(cache.stateCopies()),
          m_stateSums(std::min(m_states.size(), kStateCopies)) {
        m_states.resize(m_stateSums.size());
        const auto count = static_cast<std::int32_t>((m_tokens.size() + kPageTokens - 1) / kPageTokens);
        for (std::int32_t logical = 0; logical < count; ++logical)
            m_pages.push_back({0, logical});
        for (std::int32_t pageClass = 1; pageClass <= static_cast<std::int32_t>(layout.windows.size()); ++pageClass)
            for (std::int32_t logical = 0; logical < count; ++logical)
                if (cache.isWindowKept(pageClass, logical))
                    m_pages.push_back({pageClass, logical});
        m_headerBytes = aligned(kCountsEnd + layout.caches.size() * kCacheBytes + layout.windows.size() * 4
                                + layout.states.size() * 8 + m_tokens.size() * 4
                                + (m_states.size() + m_pages.size()) * kRecordBytes);
        m_fileBytes = m_headerBytes + m_states.size() * aligned(stateBytes(layout.states));
        for (const PageEntry& page : m_pages)
            m_fileBytes += aligned(pageBytes(layout.caches, page.pageClass));
    }

    [[nodiscard]] std::uint64_t fileBytes() const { return m_fileBytes; }
    [[nodiscard]] std::int32_t tokenCount() const { return static_cast<std::int32_t>(m_tokens.size()); }

    /// Everything is read twice, for the sums stand in front: the pages of a conversation are in memory anyway.
    Status write(UnfinishedFile& file, const std::stop_token& stop) {
        HEARTH_CHECK(forEachRecord(stop, [this](std::uint64_t& sum) {
            sum = checksum(m_record);
            return Status{};
        }));
        HEARTH_CHECK(file.append(header()));
        return forEachRecord(stop, [&](std::uint64_t&) { return file.append(m_record); });
    }

private:
    /// Calls use() with each record in m_record, padded, and the place of its sum.
    template <typename Use>
    Status forEachRecord(const std::stop_token& stop, Use use) {
        for (std::size_t index = 0; index < m_states.size(); ++index) {
            HEARTH_CHECK(readStates(m_states[index].slot));
            HEARTH_CHECK(use(m_stateSums[index]));
        }
        for (PageEntry& page : m_pages) {
            if (stop.stop_requested())
                return Error{ErrorCode::Cancelled, "saving was cancelled"};
            HEARTH_CHECK(readPage(page));
            HEARTH_CHECK(use(page.checksum));
        }
        return {};
    }

    Status readStates(std::int32_t slot) {
        m_record.assign(aligned(stateBytes(m_layout.states)), std::byte{0});
        std::size_t at = 0;
        for (std::size_t id = 0; id < m_layout.states.size(); ++id) {
            m_state.resize(static_cast<std::size_t>(m_layout.states[id].values));
            HEARTH_CHECK(m_pool.readState(static_cast<StateId>(id), slot, m_state));
            std::memcpy(m_record.data() + at, m_state.data(), m_state.size() * sizeof(float));
            at += m_state.size() * sizeof(float);
        }
        return {};
    }

    Status readPage(const PageEntry& page) {
        m_record.assign(aligned(pageBytes(m_layout.caches, page.pageClass)), std::byte{0});
        const std::span<const std::int32_t> table =
            page.pageClass == 0 ? m_cache.pageTable()
                                : m_cache.windowTables()[static_cast<std::size_t>(page.pageClass - 1)];
        std::size_t at = 0;
        for (std::size_t id = 0; id < m_layout.caches.size(); ++id) {
            const CacheSpec& cache = m_layout.caches[id];
            if (cache.pageClass != page.pageClass)
                continue;
            const auto room = std::span(m_record).subspan(at, cache.pageSizeBytes());
            HEARTH_CHECK(
                m_pool.readPage(static_cast<CacheId>(id), table[static_cast<std::size_t>(page.logical)], room));
            at += room.size();
        }
        return {};
    }

    [[nodiscard]] std::vector<std::byte> header() const {
        std::vector<std::byte> bytes;
        bytes.reserve(m_headerBytes);
        for (const char letter : kMagic)
            append(bytes, letter);
        append(bytes, kVersion);
        append(bytes, static_cast<std::uint32_t>(kPageTokens));
        append(bytes, m_layout.model);
        append(bytes, m_headerBytes);
        append(bytes, m_fileBytes);
        for (const std::size_t count : {m_layout.caches.size(), m_layout.windows.size(), m_layout.states.size(),
                                        m_tokens.size(), m_states.size(), m_pages.size()})
            append(bytes, static_cast<std::uint32_t>(count));
        append(bytes, std::uint64_t{0});
        appendTables(bytes);
        bytes.resize(m_headerBytes);
        const std::uint64_t sum = checksum(bytes);
        std::memcpy(bytes.data() + kChecksumPlace, &sum, sizeof(sum));
        return bytes;
    }

    void appendTables(std::vector<std::byte>& bytes) const {
        for (const CacheSpec& cache : m_layout.caches) {
            for (const std::int32_t number : {cache.heads, cache.keyColumns, cache.valueColumns})
                append(bytes, number);
            append(bytes, dtypeInfo(cache.dtype).ggmlId);
            append(bytes, cache.pageClass);
        }
        for (const std::int32_t window : m_layout.windows)
            append(bytes, window);
        for (const StateSpec& state : m_layout.states)
            append(bytes, static_cast<std::uint64_t>(state.values));
        for (const std::int32_t token : m_tokens)
            append(bytes, token);
        std::uint64_t offset = m_headerBytes;
        for (std::size_t index = 0; index < m_states.size(); ++index) {
            append(bytes, m_states[index].tokens);
            append(bytes, std::uint32_t{0});
            append(bytes, offset);
            append(bytes, m_stateSums[index]);
            offset += aligned(stateBytes(m_layout.states));
        }
        for (const PageEntry& page : m_pages) {
            append(bytes, page.pageClass);
            append(bytes, page.logical);
            append(bytes, offset);
            append(bytes, page.checksum);
            offset += aligned(pageBytes(m_layout.caches, page.pageClass));
        }
    }

    const SequenceLayout& m_layout;
    const KvCache& m_cache;
    const CachePool& m_pool;
    std::vector<std::int32_t> m_tokens;
    std::vector<KvCache::StateCopy> m_states;
    std::vector<std::uint64_t> m_stateSums;
    std::vector<PageEntry> m_pages;
    std::uint64_t m_headerBytes = 0;
    std::uint64_t m_fileBytes = 0;
    std::vector<std::byte> m_record;
    std::vector<float> m_state;
};

} // namespace

Result<SavedSequence> writeSequence(const std::filesystem::path& path, const SequenceLayout& layout,
                                    const KvCache& cache, const CachePool& pool, std::uint64_t mostBytes,
                                    std::stop_token stop) {
    if (cache.length() == 0)
        return Error{ErrorCode::InvalidInput, "there is no sequence to save"};
    Writer writer(layout, cache, pool);
    if (writer.fileBytes() > mostBytes)
        return Error{ErrorCode::InvalidInput, "the cache of " + std::to_string(cache.length()) + " tokens takes "
                                                  + std::to_string(writer.fileBytes()) + " bytes; "
                                                  + std::to_string(mostBytes) + " may be written"};
    HEARTH_TRY(UnfinishedFile file, UnfinishedFile::create(path, UnfinishedFile::Access::Owner));
    HEARTH_CHECK(writer.write(file, stop));
    // Not waited for: what a broken disk leaves is told by the checksums, and costs only time.
    HEARTH_CHECK(file.finish(UnfinishedFile::Durable::No));
    return SavedSequence{writer.tokenCount(), writer.fileBytes()};
}

} // namespace hearth
