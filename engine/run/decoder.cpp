#include "engine/run/decoder.h"

#include "kernels/api/check.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace hearth {

namespace {

/// Rows that the program for single tokens takes at once: later, the drafts of speculative decoding too.
constexpr std::int32_t kDecodeRows = 8;
/// Sequences whose recurrent states are kept, where a model has such states.
constexpr std::int32_t kStateSlots = 8;
/// Beyond what one context needs, so many bytes are spent on keeping other conversations' pages.
constexpr std::uint64_t kSpareCacheBytes = std::uint64_t{256} << 20;

std::uint64_t bytesPerPage(const Program& program) {
    return std::accumulate(program.caches.begin(), program.caches.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const CacheSpec& cache) { return sum + cache.pageSizeBytes(); });
}

std::int32_t pageCount(std::int32_t contextTokens, std::uint64_t pageBytes) {
    const std::int32_t needed = (contextTokens + kPageTokens - 1) / kPageTokens;
    const auto spare = static_cast<std::int32_t>(
        std::min<std::uint64_t>(kSpareCacheBytes / std::max<std::uint64_t>(pageBytes, 1), needed));
    // One page more lets a full context still branch in its last page.
    return needed + std::max(spare, 1);
}

} // namespace

Decoder::Decoder(std::unique_ptr<Backend> backend, std::unique_ptr<CachePool> pool, ModelSpec spec,
                 const Options& options)
    : m_backend(std::move(backend)), m_pool(std::move(pool)), m_cache(*m_pool), m_spec(std::move(spec)),
      m_options(options) {}

Result<std::unique_ptr<Decoder>> Decoder::create(const GgufFile& file, std::unique_ptr<Backend> backend,
                                                 const Options& options) {
    HEARTH_TRY(const ModelFamily* const family, familyOf(file));
    HEARTH_TRY(ModelSpec spec, family->describe(file));
    HEARTH_TRY(const Program program,
               buildDecoder(file, *family, spec, {kDecodeRows, kDecodeRows, options.cacheType, options.contextTokens}));

    const std::uint64_t pageBytes = bytesPerPage(program);
    const std::int32_t pages = pageCount(options.contextTokens, pageBytes);
    auto pool =
        backend->allocateCache({program.caches, pages, program.states, program.states.empty() ? 0 : kStateSlots});
    if (!pool)
        return pool.error().within(file.path().string() + ": the cache for " + std::to_string(options.contextTokens)
                                   + " tokens of context (a shorter context needs less)");

    std::unique_ptr<Decoder> decoder(
        new Decoder(std::move(backend), std::move(pool).value(), std::move(spec), options));
    decoder->m_file = &file;
    decoder->m_positionsPerRow = positionsPerRow(program);
    decoder->m_family = family;
    decoder->m_cacheBytes = pageBytes * static_cast<std::uint64_t>(pages);
    HEARTH_TRY(decoder->m_decode, decoder->compile(file, kDecodeRows, kDecodeRows));
    HEARTH_TRY(decoder->m_prefill, decoder->compile(file, options.prefillRows, 1));
    return decoder;
}

Result<std::unique_ptr<Executable>> Decoder::compile(const GgufFile& file, std::int32_t rows, std::int32_t outputRows) {
    HEARTH_TRY(Program program,
               buildDecoder(file, *m_family, m_spec, {rows, outputRows, m_options.cacheType, m_options.contextTokens}));
    return m_backend->compile(std::move(program), m_pool.get(), {});
}

Status Decoder::runChunk(Executable& executable, std::span<const TokenId> tokens, std::int32_t outputRows,
                         std::stop_token stop) {
    const auto rows = static_cast<std::int32_t>(tokens.size());
    HEARTH_CHECK(m_cache.reserve(rows));
    fillPositions(rows);
    m_shownRows.resize(static_cast<std::size_t>(outputRows));
    std::iota(m_shownRows.begin(), m_shownRows.end(), rows - outputRows);

    StepState state;
    state.tokens = tokens;
    state.positions = m_positions;
    state.pageTable = m_cache.pageTable();
    state.cacheStart = m_cache.length();
    state.outputRows = m_shownRows;
    HEARTH_CHECK(executable.enqueue(state));
    HEARTH_CHECK(executable.wait(std::move(stop)));
    m_cache.commit(tokens);
    m_last = &executable;
    return {};
}

/// Text stands at the same place on the axes t, h and w, and at 0 on the fourth.
void Decoder::fillPositions(std::int32_t rows) {
    m_positions.clear();
    for (std::int32_t row = 0; row < rows; ++row) {
        const std::int32_t place = m_cache.length() + row;
        m_positions.push_back(place);
        if (m_positionsPerRow == 4)
            m_positions.insert(m_positions.end(), {place, place, 0});
    }
}

Status Decoder::append(std::span<const TokenId> tokens, std::stop_token stop, const Progress& progress) {
    const std::size_t total = tokens.size();
    while (!tokens.empty()) {
        const std::size_t rows = std::min(tokens.size(), static_cast<std::size_t>(m_options.prefillRows));
        Executable& executable = rows <= static_cast<std::size_t>(kDecodeRows) ? *m_decode : *m_prefill;
        const bool isLast = rows == tokens.size();
        HEARTH_CHECK(runChunk(executable, tokens.first(rows), isLast ? 1 : 0, stop));
        tokens = tokens.subspan(rows);
        if (progress)
            progress(static_cast<std::int32_t>(total - tokens.size()));
    }
    return {};
}

std::span<const float> Decoder::logits() const {
    return m_last == nullptr ? std::span<const float>{} : m_last->output();
}

Result<std::vector<float>> Decoder::score(std::span<const TokenId> tokens, std::int32_t rows, std::int32_t decoded,
                                          std::stop_token stop) {
    const auto count = static_cast<std::int32_t>(tokens.size());
    if (count == 0 || rows < 1 || rows > count || decoded < 0 || decoded > rows || count > m_options.contextTokens)
        return Error{ErrorCode::InvalidInput, "cannot score the last " + std::to_string(rows) + " ("
                                                  + std::to_string(decoded) + " one at a time) of "
                                                  + std::to_string(count) + " tokens in a context of "
                                                  + std::to_string(m_options.contextTokens)};
    const std::int32_t chunkRows = std::min(m_options.prefillRows, count);
    HEARTH_TRY(const std::unique_ptr<Executable> executable, compile(*m_file, chunkRows, std::min(rows, chunkRows)));
    m_cache.clear();
    static_cast<void>(m_cache.open(tokens, KvCache::Reuse::No));

    std::vector<float> result;
    const std::int32_t firstShown = count - rows;
    for (std::int32_t start = 0; start < count;) {
        const bool isDecoding = start >= count - decoded;
        const std::int32_t size = isDecoding ? 1 : std::min(chunkRows, count - decoded - start);
        const std::int32_t shown = std::clamp(start + size - firstShown, 0, size);
        Executable& runner = isDecoding ? *m_decode : *executable;
        const auto chunk = tokens.subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(size));
        const Status status = runChunk(runner, chunk, shown, stop);
        if (!status) {
            m_last = nullptr;
            return status.error();
        }
        const std::span<const float> output = runner.output();
        result.insert(result.end(), output.begin(), output.end());
        start += size;
    }
    m_cache.clear();
    m_last = nullptr;
    return result;
}

} // namespace hearth
