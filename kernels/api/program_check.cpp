#include "kernels/api/check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace hearth {

namespace {

// More than any machine has, and far from where products of sizes overflow.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 56;

std::string number(std::int64_t value) {
    return std::to_string(value);
}

Error invalid(std::string message) {
    return Error{ErrorCode::InvalidInput, std::move(message)};
}

bool fitsBlocks(DType dtype, std::int32_t columns) {
    return columns % dtypeInfo(dtype).blockValues == 0;
}

Status checkWeight(const WeightView& weight) {
    const std::string name = "weight '" + weight.name + "'";
    if (weight.data == nullptr)
        return invalid(name + " has no data");
    if (weight.columns <= 0 || weight.rows <= 0 || weight.matrices <= 0)
        return invalid(name + " has the shape " + number(weight.matrices) + " x " + number(weight.rows) + " x "
                       + number(weight.columns));
    if (!fitsBlocks(weight.dtype, weight.columns))
        return invalid(name + ": " + number(weight.columns) + " columns are no whole blocks of "
                       + std::string(dtypeInfo(weight.dtype).name));
    if (weight.rowSizeBytes()
        > kMostBytes / static_cast<std::uint64_t>(weight.rows) / static_cast<std::uint64_t>(weight.matrices))
        return invalid(name + " is larger than any memory");
    return {};
}

/// Shapes of the low-rank changes to one weight; down and up have none of their own.
Status checkLowRank(const Program& program, const WeightView& weight) {
    for (const LowRank& change : weight.lowRank) {
        const std::string name = "weight '" + weight.name + "': a low-rank change ";
        const auto isThere = [&](WeightId id) {
            return id >= 0 && static_cast<std::size_t>(id) < program.weights.size();
        };
        if (!isThere(change.down) || !isThere(change.up) || change.adapter < 0 || change.adapter >= program.adapters
            || !std::isfinite(change.factor))
            return invalid(name + "names weights " + number(change.down) + " and " + number(change.up) + " and adapter "
                           + number(change.adapter) + " of " + number(program.adapters));
        const WeightView& down = *program.weight(change.down);
        const WeightView& up = *program.weight(change.up);
        const bool fits = down.columns == weight.columns && up.rows == weight.rows && up.columns == down.rows
                          && up.matrices == weight.matrices && (down.matrices == 1 || down.matrices == weight.matrices);
        if (!fits || !down.lowRank.empty() || !up.lowRank.empty() || down.dtype == DType::I32 || up.dtype == DType::I32)
            return invalid(name + "of '" + down.name + "' and '" + up.name + "' does not fit it");
    }
    return {};
}

std::int32_t plannedRows(const Program& program, std::size_t buffer) {
    return static_cast<std::int32_t>(buffer) == program.output ? program.outputRowLimit() : program.maxRows;
}

Status checkBuffers(const Program& program) {
    if (program.plan.offsets.size() != program.buffers.size())
        return invalid("the plan places " + number(static_cast<std::int64_t>(program.plan.offsets.size())) + " of "
                       + number(static_cast<std::int64_t>(program.buffers.size())) + " buffers");
    for (std::size_t id = 0; id < program.buffers.size(); ++id) {
        const BufferSpec& buffer = program.buffers[id];
        const std::string name = "buffer '" + buffer.name + "'";
        if (buffer.columns <= 0)
            return invalid(name + " has " + number(buffer.columns) + " columns");
        if (buffer.dtype != DType::F32 && buffer.dtype != DType::I32)
            return invalid(name + " has a type that activations do not have");
        const std::size_t offset = program.plan.offsets[id];
        const std::size_t bytes = std::size_t{4} * static_cast<std::size_t>(buffer.columns)
                                  * static_cast<std::size_t>(plannedRows(program, id));
        if (offset % 4 != 0 || offset > program.plan.sizeBytes || bytes > program.plan.sizeBytes - offset)
            return invalid(name + " with " + std::to_string(bytes) + " bytes is planned at " + std::to_string(offset)
                           + " of " + std::to_string(program.plan.sizeBytes));
    }
    return {};
}

/// Only the ops that pack rows may write the output: its buffer has room for outputRowLimit() rows.
Status checkOutput(const Program& program) {
    if (program.output == kNoBuffer)
        return {};
    if (program.output < 0 || static_cast<std::size_t>(program.output) >= program.buffers.size())
        return invalid("the output is buffer " + number(program.output) + " of "
                       + number(static_cast<std::int64_t>(program.buffers.size())));
    const Op* last = program.ops.empty() ? nullptr : &program.ops.back();
    const Logits* logits = last == nullptr ? nullptr : std::get_if<Logits>(last);
    const PoolRows* pool = last == nullptr ? nullptr : std::get_if<PoolRows>(last);
    if (!(logits != nullptr && logits->out == program.output) && !(pool != nullptr && pool->out == program.output))
        return invalid("the output is not what the last op writes");
    return {};
}

Status checkRows(const Program& program, const StepState& state) {
    const std::size_t rows = state.tokens.size();
    if (rows == 0 || rows > static_cast<std::size_t>(program.maxRows))
        return invalid("a step of " + std::to_string(rows) + " rows; the program takes 1 to "
                       + number(program.maxRows));
    const std::size_t outputs = state.outputRows.size();
    if (outputs > static_cast<std::size_t>(program.outputRowLimit()))
        return invalid(std::to_string(outputs) + " output rows; the program shows at most "
                       + number(program.outputRowLimit()));
    std::int64_t previous = -1;
    for (const std::int32_t row : state.outputRows) {
        if (row <= previous || static_cast<std::size_t>(row) >= rows)
            return invalid("output row " + number(row) + " after " + number(previous) + " in a step of "
                           + std::to_string(rows) + " rows");
        previous = row;
    }
    const std::size_t positions = rows * static_cast<std::size_t>(positionsPerRow(program));
    if (positions > 0 && state.positions.size() != positions)
        return invalid(std::to_string(state.positions.size()) + " positions instead of " + std::to_string(positions));
    return {};
}

Status checkTokens(const Program& program, const EmbedRows& embed, const StepState& state) {
    const std::int32_t vocabulary = program.weight(embed.table)->rows;
    const std::int32_t hidden = program.buffers[static_cast<std::size_t>(embed.out)].columns;
    const std::size_t wanted =
        state.tokens.size() * static_cast<std::size_t>(hidden) * static_cast<std::size_t>(program.embeddingParts);
    const bool readsEmbeddings = embed.rowWithoutToken < 0;
    if (readsEmbeddings && !state.embeddings.empty() && state.embeddings.size() != wanted)
        return invalid(std::to_string(state.embeddings.size()) + " embedding values instead of "
                       + std::to_string(wanted));
    for (std::size_t row = 0; row < state.tokens.size(); ++row) {
        const std::int32_t token = state.tokens[row];
        if (token >= vocabulary)
            return invalid("row " + std::to_string(row) + " has token " + number(token) + "; the table has "
                           + number(vocabulary));
        if (embed.positionTable != kNoWeight) {
            const std::int32_t places = program.weight(embed.positionTable)->rows;
            const std::int32_t position = state.positions[row * state.positions.size() / state.tokens.size()];
            if (position < 0 || position >= places)
                return invalid("row " + std::to_string(row) + " has position " + number(position) + "; the table has "
                               + number(places));
        }
        if (token < 0 && readsEmbeddings && state.embeddings.empty())
            return invalid("row " + std::to_string(row) + " has neither a token nor an embedding");
    }
    return {};
}

Status checkEmbeddings(const Program& program, const LoadRows& load, const StepState& state) {
    const std::int32_t columns = program.buffers[static_cast<std::size_t>(load.out)].columns;
    const std::size_t wanted =
        state.tokens.size() * static_cast<std::size_t>(columns) * static_cast<std::size_t>(program.embeddingParts);
    const bool isNeeded = load.which == EmbeddingRows::All || !state.embeddings.empty();
    if (isNeeded && state.embeddings.size() != wanted)
        return invalid(std::to_string(state.embeddings.size()) + " embedding values instead of "
                       + std::to_string(wanted));
    return {};
}

/// The pages that hold the slots from `firstSlot` to the end of the step.
Status checkTable(std::span<const std::int32_t> table, std::int64_t firstSlot, std::int64_t slots,
                  std::int32_t pageCount) {
    const std::int64_t pages = (slots + kPageTokens - 1) / kPageTokens;
    if (slots > std::numeric_limits<std::int32_t>::max() || static_cast<std::int64_t>(table.size()) < pages)
        return invalid("a page table of " + std::to_string(table.size()) + " pages for " + number(slots) + " tokens");
    for (std::int64_t page = firstSlot / kPageTokens; page < pages; ++page) {
        const std::int32_t physical = table[static_cast<std::size_t>(page)];
        if (physical < 0 || physical >= pageCount)
            return invalid("page " + number(page) + " of the sequence is page " + number(physical) + " of "
                           + number(pageCount));
    }
    return {};
}

Status checkPages(const Program& program, const StepState& state, const CachePool* pool) {
    if (state.cacheStart < 0)
        return invalid("the cache starts at " + number(state.cacheStart));
    if (program.caches.empty())
        return {};
    if (state.windowTables.size() < program.windows.size())
        return invalid(std::to_string(state.windowTables.size()) + " page tables for "
                       + std::to_string(program.windows.size()) + " windows");
    const std::int64_t slots = std::int64_t{state.cacheStart} + static_cast<std::int64_t>(state.tokens.size());
    const auto pagesOf = [pool](std::int32_t pageClass) { return pool == nullptr ? 0 : pool->pageCount(pageClass); };
    HEARTH_CHECK(checkTable(state.pageTable, 0, slots, pagesOf(0)));
    for (std::size_t index = 0; index < program.windows.size(); ++index)
        HEARTH_CHECK(checkTable(state.windowTables[index], oldestSlot(state.cacheStart, program.windows[index]), slots,
                                pagesOf(static_cast<std::int32_t>(index) + 1)));
    return {};
}

} // namespace

Status checkCache(const CacheSpec& cache) {
    const std::string name = "cache '" + cache.name + "'";
    if (cache.heads <= 0 || cache.keyColumns <= 0 || cache.valueColumns < 0)
        return invalid(name + " has " + number(cache.heads) + " heads of " + number(cache.keyColumns) + " + "
                       + number(cache.valueColumns) + " columns");
    if (!fitsBlocks(cache.dtype, cache.keyColumns) || !fitsBlocks(cache.dtype, cache.valueColumns))
        return invalid(name + ": " + number(cache.keyColumns) + " + " + number(cache.valueColumns)
                       + " columns are no whole blocks of " + std::string(dtypeInfo(cache.dtype).name));
    if (cache.pageClass < 0)
        return invalid(name + " is of page class " + number(cache.pageClass));
    // A row is below 2^34 bytes and a page has 64 of them a head, so the heads decide.
    if ((rowBytes(cache.dtype, cache.keyColumns) + rowBytes(cache.dtype, cache.valueColumns)) * kPageTokens
        > kMostBytes / static_cast<std::uint64_t>(cache.heads))
        return invalid(name + " has pages larger than any memory");
    return {};
}

Status checkLayout(const CacheLayout& layout) {
    if (layout.pages < 0 || (layout.pages == 0 && !layout.caches.empty()))
        return invalid("a cache of " + number(layout.pages) + " pages");
    for (const std::int32_t pages : layout.windowPages)
        if (pages <= 0)
            return invalid("a windowed cache of " + number(pages) + " pages");
    for (const CacheSpec& cache : layout.caches) {
        HEARTH_CHECK(checkCache(cache));
        if (static_cast<std::size_t>(cache.pageClass) > layout.windowPages.size())
            return invalid("cache '" + cache.name + "' is of page class " + number(cache.pageClass) + "; there are "
                           + std::to_string(layout.windowPages.size() + 1));
    }
    return {};
}

Status checkProgram(const Program& program) {
    if (program.maxRows <= 0 || program.maxOutputRows < 0 || program.maxOutputRows > program.maxRows)
        return invalid("a program of " + number(program.maxRows) + " rows with " + number(program.maxOutputRows)
                       + " output rows");
    for (const WeightView& weight : program.weights)
        HEARTH_CHECK(checkWeight(weight));
    for (const WeightView& weight : program.weights)
        HEARTH_CHECK(checkLowRank(program, weight));
    for (const std::int32_t window : program.windows)
        if (window <= 0)
            return invalid("a page class with a window of " + number(window));
    for (const CacheSpec& cache : program.caches) {
        HEARTH_CHECK(checkCache(cache));
        if (static_cast<std::size_t>(cache.pageClass) > program.windows.size())
            return invalid("cache '" + cache.name + "' is of page class " + number(cache.pageClass) + "; there are "
                           + std::to_string(program.windows.size() + 1));
    }
    for (const StateSpec& state : program.states)
        if (state.values <= 0 || static_cast<std::uint64_t>(state.values) > kMostBytes / sizeof(float))
            return invalid("state '" + state.name + "' holds " + number(state.values) + " numbers");
    if (program.embeddingParts < 1)
        return invalid(number(program.embeddingParts) + " parts of an embedding row");
    for (const BufferId buffer : program.kept)
        if (buffer < 0 || static_cast<std::size_t>(buffer) >= program.buffers.size() || buffer == program.output)
            return invalid("buffer " + number(buffer) + " cannot be kept");
    HEARTH_CHECK(checkBuffers(program));
    for (std::size_t index = 0; index < program.ops.size(); ++index)
        if (const std::optional<std::string> why = whyMalformed(program, program.ops[index]))
            return invalid("op " + std::to_string(index) + ", " + *why);
    return checkOutput(program);
}

std::int32_t positionsPerRow(const Program& program) {
    std::int32_t perRow = 0;
    const auto count = [&perRow](const Rope& rope) {
        if (rope.layout == RopeLayout::None)
            return;
        const bool isMultiAxis = rope.sections != std::array<std::int32_t, 4>{};
        perRow = std::max(perRow, isMultiAxis ? 4 : 1);
    };
    for (const Op& op : program.ops) {
        if (const auto* store = std::get_if<RopeStore>(&op))
            count(store->rope);
        if (const auto* latent = std::get_if<LatentStore>(&op))
            count(latent->rope);
        if (const auto* embed = std::get_if<EmbedRows>(&op); embed != nullptr && embed->positionTable != kNoWeight)
            perRow = std::max(perRow, 1);
    }
    return perRow;
}

Status checkStep(const Program& program, const StepState& state, const CachePool* pool) {
    HEARTH_CHECK(checkRows(program, state));
    for (const Op& op : program.ops) {
        if (const auto* embed = std::get_if<EmbedRows>(&op))
            HEARTH_CHECK(checkTokens(program, *embed, state));
        if (const auto* load = std::get_if<LoadRows>(&op))
            HEARTH_CHECK(checkEmbeddings(program, *load, state));
    }
    if (state.adapterScales.size() < static_cast<std::size_t>(program.adapters)
        || !std::ranges::all_of(state.adapterScales, [](float scale) { return std::isfinite(scale); }))
        return invalid(std::to_string(state.adapterScales.size()) + " scales, or one that is no finite number, for "
                       + number(program.adapters) + " adapters");
    const std::int32_t stateSlots = pool == nullptr ? 0 : pool->stateSlotCount();
    if (!program.states.empty() && (state.stateSlot < 0 || state.stateSlot >= stateSlots))
        return invalid("state slot " + number(state.stateSlot) + " of " + number(stateSlots));
    return checkPages(program, state, pool);
}

} // namespace hearth
