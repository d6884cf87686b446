#include "engine/run/decoder.h"

#include "engine/memory/machine_memory.h"
#include "engine/run/model_identity.h"
#include "kernels/api/check.h"
#include "kernels/base/assert.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

namespace hearth {

namespace {

/// Sequences whose recurrent states are kept, where a model has such states.
constexpr std::int32_t kStateSlots = 9;
/// Ends of prompts and answers whose windows are kept, where a model has windowed layers.
constexpr std::int32_t kKeptEnds = 8;

std::uint64_t bytesPerPage(std::span<const CacheSpec> caches, std::int32_t pageClass) {
    std::uint64_t bytes = 0;
    for (const CacheSpec& cache : caches)
        bytes += cache.pageClass == pageClass ? cache.pageSizeBytes() : 0;
    return bytes;
}

/// Pages of the classes; by Decoder::Options.
class PagePlan {
public:
    PagePlan(const Program& program, const Decoder::Options& options) : m_options(options) {
        const std::int32_t needed = (options.contextTokens + kPageTokens - 1) / kPageTokens;
        const std::uint64_t treeBytes = bytesPerPage(program.caches, 0);
        // One page more lets a full context still branch in its last page.
        count = needed + std::max(spare(needed, treeBytes), 1);
        bytes = treeBytes * static_cast<std::uint64_t>(count);
        for (std::size_t index = 0; index < program.windows.size(); ++index) {
            const std::uint64_t pageBytes = bytesPerPage(program.caches, static_cast<std::int32_t>(index) + 1);
            windowed.push_back(windowPages(program.windows[index], pageBytes));
            bytes += pageBytes * static_cast<std::uint64_t>(windowed.back());
        }
        for (const StateSpec& state : program.states)
            bytes += sizeof(float) * static_cast<std::uint64_t>(state.values) * kStateSlots;
    }

    std::int32_t count = 0; ///< of class 0
    std::vector<std::int32_t> windowed;
    std::uint64_t bytes = 0; ///< of all pages and states

private:
    /// So many pages more as are wished for and fit into the bytes that may be spent on them.
    [[nodiscard]] std::int32_t spare(std::int64_t wished, std::uint64_t pageBytes) const {
        const std::uint64_t fitting = m_options.spareCacheBytes / std::max<std::uint64_t>(pageBytes, 1);
        return static_cast<std::int32_t>(std::min(fitting, static_cast<std::uint64_t>(wished)));
    }
    /// What one step looks at, with a page before it (see KvCache) and one for a branch; and the windows at some ends
    /// of sequences. Never more than the tree has pages.
    [[nodiscard]] std::int32_t windowPages(std::int32_t window, std::uint64_t pageBytes) const {
        const std::int32_t rows = std::max(m_options.prefillRows, Decoder::kDecodeRows);
        const std::int64_t slots = std::int64_t{window} + kPageTokens + rows;
        const std::int64_t needed = (slots + kPageTokens - 1) / kPageTokens + 2;
        const std::int64_t anEnd = (std::int64_t{window} + kPageTokens - 1) / kPageTokens + 2;
        const std::int64_t wished = std::min<std::int64_t>(kKeptEnds * anEnd, count);
        return static_cast<std::int32_t>(std::min<std::int64_t>(needed + spare(wished, pageBytes), count));
    }

    const Decoder::Options& m_options;
};

// For saying how slow a model beyond memory will be where nobody has measured: two channels of DDR4, a SATA disk.
constexpr double kUsualMemorySpeed = 25e9;
constexpr double kUsualDiskSpeed = 500e6;

} // namespace

Decoder::Decoder(std::unique_ptr<Backend> backend, std::unique_ptr<CachePool> pool,
                 std::span<const std::int32_t> windows, ModelSpec spec, const Options& options)
    : m_backend(std::move(backend)), m_pool(std::move(pool)), m_cache(*m_pool, windows), m_spec(std::move(spec)),
      m_options(options), m_windows(windows.begin(), windows.end()), m_adapterScales(options.adapters.size(), 1.0F) {}

ProgramBuilder::Limits Decoder::limitsOf(const Options& options, std::int32_t rows, std::int32_t outputRows) {
    return {.maxRows = rows,
            .maxOutputRows = outputRows,
            .cacheType = options.cacheType,
            .contextTokens = options.contextTokens,
            .expertShare = options.expertShare,
            .adapters = options.adapters};
}

Result<std::unique_ptr<Decoder>> Decoder::create(const GgufFile& file, std::unique_ptr<Backend> backend,
                                                 const Options& options) {
    HEARTH_TRY(const ModelFamily* const family, familyOf(file));
    HEARTH_TRY(ModelSpec spec, family->describe(file));
    const ProgramBuilder::Limits limits = limitsOf(options, kDecodeRows, kDecodeRows);
    HEARTH_TRY(Program program, buildDecoder(file, *family, spec, limits));
    const std::int32_t perRow = positionsPerRow(program);
    const bool predicts = options.prediction == Prediction::On && hasPredictionLayer(file, spec);
    if (predicts) {
        HEARTH_TRY(const Program head, buildPredictionLayer(file, *family, spec, limits, program));
        program.caches = head.caches;
        program.windows = head.windows;
    }

    const PagePlan pages(program, options);
    auto pool = backend->allocateCache(
        {program.caches, pages.count, program.states, program.states.empty() ? 0 : kStateSlots, pages.windowed});
    if (!pool)
        return pool.error().within(file.path().string() + ": the cache for " + std::to_string(options.contextTokens)
                                   + " tokens of context (a shorter context needs less)");

    std::unique_ptr<Decoder> decoder(
        new Decoder(std::move(backend), std::move(pool).value(), program.windows, std::move(spec), options));
    decoder->m_file = &file;
    decoder->m_positionsPerRow = perRow;
    decoder->m_family = family;
    decoder->m_cacheBytes = pages.bytes;
    decoder->settleWeights(program); // first: reading anything of the experts would read ahead of it
    decoder->m_identity = modelIdentity(file, program, options.expertShare);
    decoder->m_stateSpecs = program.states;
    decoder->m_caches = std::move(program.caches);
    decoder->m_predicts = predicts;
    HEARTH_TRY(decoder->m_decode, decoder->compile(kDecodeRows, kDecodeRows));
    HEARTH_TRY(decoder->m_prefill, decoder->compile(options.prefillRows, 1));
    if (predicts) {
        const std::int32_t rows = std::max(options.prefillRows, kDecodeRows);
        HEARTH_TRY(decoder->m_head, decoder->compileHead(rows, 1));
        decoder->m_headStates.reserve(static_cast<std::size_t>(rows)
                                      * static_cast<std::size_t>(decoder->m_spec.hidden));
    }
    return decoder;
}

void Decoder::settleWeights(const Program& program) {
    // Other devices read every weight once, to copy it.
    if (device().id != "cpu" && device().id != "reference")
        return;
    const std::vector<TensorUse> uses = tensorUses(*m_file, program);
    const std::uint64_t room = m_options.memoryBytes > 0 ? m_options.memoryBytes : usableMemoryBytes();
    ResidencyRequest request{.gpus = {},
                             .ram = {PlaceKind::Ram, "memory", room, kUsualMemorySpeed},
                             .disk = {PlaceKind::Disk, "disk", m_file->sizeBytes(), kUsualDiskSpeed},
                             .workBytes = m_cacheBytes + program.plan.sizeBytes};
    m_residency = planResidency(uses, request);
    if (room > 0 && m_residency.needsDisk()) {
        const auto speed = measureDiskBandwidth(m_file->path(), expertBytes(uses));
        if (speed.ok())
            request.disk.bytesPerSecond = *speed;
        m_residency = planResidency(uses, request);
    }
    const bool fits = room == 0 || !m_residency.needsDisk();
    m_pager = std::make_unique<ExpertPager>(uses, fits ? Fit::InMemory : Fit::BeyondMemory);
}

Result<Decoder::Compiled> Decoder::compile(std::int32_t rows, std::int32_t outputRows) {
    HEARTH_TRY(Program program, buildDecoder(*m_file, *m_family, m_spec, limitsOf(m_options, rows, outputRows),
                                             m_predicts ? FinalStates::Kept : FinalStates::Dropped));
    program.caches = m_caches;
    program.windows = m_windows;
    Compiled compiled;
    compiled.states = finalStates(program);
    if (rows <= kDecodeRows)
        compiled.routing = keepRouting(program);
    HEARTH_TRY(compiled.executable, m_backend->compile(std::move(program), m_pool.get(), {.pager = m_pager.get()}));
    return compiled;
}

Status Decoder::runRows(const Compiled& compiled, const Rows& rows, std::int32_t first,
                        std::span<const std::int32_t> shown, std::stop_token stop) {
    const auto count = static_cast<std::int32_t>(rows.tokens.size());
    HEARTH_CHECK(m_cache.reserve(first - m_cache.length() + count));
    fillPositions(first, count, rows.positions);

    StepState state;
    state.tokens = rows.tokens;
    state.embeddings = rows.embeddings;
    state.positions = m_positions;
    state.pageTable = m_cache.pageTable();
    state.windowTables = m_cache.windowTables();
    state.cacheStart = first;
    state.outputRows = shown;
    state.adapterScales = m_adapterScales;
    HEARTH_CHECK(compiled.executable->enqueue(state));
    HEARTH_CHECK(compiled.executable->wait(std::move(stop)));
    m_states = {&compiled, first, count, m_cache.sequence()};
    m_last = compiled.executable.get();
    return {};
}

Status Decoder::runChunk(const Compiled& compiled, const Rows& rows, std::span<const std::int32_t> shown,
                         std::stop_token stop) {
    HEARTH_ASSERT(m_tried.empty());
    if (canPredict())
        keepLastState();
    const Status status = runRows(compiled, rows, m_cache.length(), shown, stop);
    if (!status)
        m_cache.loseState(); // part of the layers may have gone on
    HEARTH_CHECK(status);
    m_cache.commit(rows.tokens);
    return canPredict() ? followWithHead(rows.tokens, std::move(stop)) : Status{};
}

Status Decoder::runLastRows(const Compiled& compiled, std::span<const TokenId> tokens, std::int32_t shown,
                            std::stop_token stop) {
    m_shownRows.resize(static_cast<std::size_t>(shown));
    std::iota(m_shownRows.begin(), m_shownRows.end(), static_cast<std::int32_t>(tokens.size()) - shown);
    return runChunk(compiled, {tokens}, m_shownRows, std::move(stop));
}

/// Text stands at the same place on the axes t, h and w, and at 0 on the fourth.
void Decoder::fillPositions(std::int32_t first, std::int32_t rows, std::span<const std::int32_t> given) {
    constexpr std::size_t kAxes = 4;
    m_positions.clear();
    for (std::int32_t row = 0; row < rows; ++row) {
        const std::int32_t place = first + row;
        std::array<std::int32_t, kAxes> axes{place, place, place, 0};
        if (!given.empty())
            std::copy_n(given.begin() + std::ptrdiff_t{row} * static_cast<std::ptrdiff_t>(kAxes), kAxes, axes.begin());
        m_positions.insert(m_positions.end(), axes.begin(), axes.begin() + m_positionsPerRow);
    }
}

Status Decoder::append(std::span<const TokenId> tokens, std::stop_token stop, const Progress& progress) {
    const std::size_t total = tokens.size();
    while (!tokens.empty()) {
        const std::size_t rows = std::min(tokens.size(), static_cast<std::size_t>(m_options.prefillRows));
        const Compiled& compiled = rows <= static_cast<std::size_t>(kDecodeRows) ? m_decode : m_prefill;
        const bool isLast = rows == tokens.size();
        HEARTH_CHECK(runLastRows(compiled, tokens.first(rows), isLast ? 1 : 0, stop));
        tokens = tokens.subspan(rows);
        if (progress)
            progress(static_cast<std::int32_t>(total - tokens.size()));
    }
    return {};
}

Status Decoder::setAdapterScales(std::span<const float> scales) {
    if (scales.size() != m_adapterScales.size()
        || !std::ranges::all_of(scales, [](float scale) { return std::isfinite(scale); }))
        return Error{ErrorCode::InvalidInput, std::to_string(scales.size())
                                                  + " scales, or one that is no finite number, " + "for "
                                                  + std::to_string(m_adapterScales.size()) + " adapters"};
    if (std::ranges::equal(scales, m_adapterScales))
        return {};
    std::ranges::copy(scales, m_adapterScales.begin());
    m_cache.clear();
    forgetResults();
    return {};
}

std::span<const float> Decoder::logits() const {
    return m_last == nullptr ? std::span<const float>{} : m_last->output();
}

bool Decoder::readRouting(std::int32_t row, std::span<std::int32_t> ids, std::span<float> weights) const {
    if (m_last == nullptr || m_last != m_decode.executable.get())
        return false;
    hearth::readRouting(m_decode.routing, *m_last, row, ids, weights);
    return true;
}

} // namespace hearth
