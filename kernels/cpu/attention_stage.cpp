#include "kernels/cpu/position_stages.h"

#include "kernels/api/alibi_slopes.h"
#include "kernels/cpu/kernel_choice.h"
#include "kernels/cpu/owned_norm.h"
#include "kernels/cpu/scratch_layout.h"
#include "kernels/cpu/softmax_partial.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace hearth {

namespace {

// Streaming: the cache that a row sees is cut into at most so many parts of at least so many pages, so that a model
// with few key heads keeps many cores busy. Where it is cut depends on what that row sees and on nothing else: neither
// the number of threads nor other rows of the step change a bit.
constexpr std::int32_t kMaxSplits = 16;
constexpr std::int32_t kMinSplitPages = 4;

// Panels: rows times heads of a tile share expanded pages; more than this and their sums leave the L2 cache. Rows are
// multiples of 6, as the tiles of panelProduct.
constexpr std::int32_t kTileQueries = 128;
constexpr std::int32_t kMaxTileRows = 30;
constexpr std::int32_t kTileRowStep = 6;
// Pages that one step of the softmax takes in: its fixed cost a row is that of 100 to 200 scores.
constexpr std::int32_t kTilePages = 4;
constexpr std::int32_t kTileSlots = kTilePages * kPageTokens;

static_assert(kTileTokens == kPageTokens);

std::int32_t roundUp(std::int32_t value, std::int32_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

/// Slots first .. end - 1.
struct SlotRange {
    std::int32_t first = 0;
    std::int32_t end = 0;

    /// The part of it on `pages` pages from `page` on, counted from the first one's first token.
    [[nodiscard]] SlotRange onPages(std::int32_t page, std::int32_t pages) const {
        const std::int32_t base = page * kPageTokens;
        const std::int32_t slots = pages * kPageTokens;
        const SlotRange part{std::clamp(first - base, 0, slots), std::clamp(end - base, 0, slots)};
        return part.first < part.end ? part : SlotRange{};
    }
    [[nodiscard]] std::int32_t count() const { return end - first; }
};

/// Which head asks, and from which slot.
struct QueryPlace {
    std::int32_t head = 0;
    std::int32_t slot = 0;
};

class AttentionStage final : public Stage {
public:
    AttentionStage(const StagePlan& plan, const Attention& op)
        : m_op(op), m_spec(plan.program.caches[static_cast<std::size_t>(op.cache)]), m_vectors(plan.vectors),
          m_cacheKernels(*chooseCacheKernels(m_spec.dtype, plan.isa)), m_sinks(ownedVector(plan.program, op.sinks)),
          m_slopes(alibiSlopes(op.alibiMaxBias, op.queryHeads)), m_group(op.queryHeads / op.keyHeads),
          m_tileRows(std::clamp(kTileQueries / m_group / kTileRowStep * kTileRowStep, kTileRowStep, kMaxTileRows)),
          m_partialSize(SoftmaxPartial::size(op.valueColumns)), m_maxRows(plan.program.maxRows) {
        const auto queries = static_cast<std::size_t>(mostStreamedRows()) * static_cast<std::size_t>(op.queryHeads);
        m_mostSplits = std::min(kMaxSplits, plan.cache->pageCount(m_spec.pageClass) / kMinSplitPages + 1);
        m_sharedBytes = queries * static_cast<std::size_t>(m_mostSplits) * m_partialSize * sizeof(float);
        layOutWorker();
    }

    [[nodiscard]] std::size_t sharedBytes() const override { return m_sharedBytes; }
    [[nodiscard]] std::size_t workerBytes() const override { return m_workerBytes; }

    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        const bool few = streamsRows(m_maxRows, step.rows);
        if (phase == 0) {
            planStep(step);
            return m_op.keyHeads * (few ? m_splits : m_tiles.chunks());
        }
        // The parts of a split cache come together on whichever thread ended the last one.
        return phase == 1 && few && m_splits > 1 ? 1 : PhasedWork::kNoMorePhases;
    }

    void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) override {
        if (phase == 1)
            combineSplits(step);
        else if (streamsRows(m_maxRows, step.rows))
            streamSplit(chunk / m_splits, chunk % m_splits, step.workerScratch(worker), step);
        else // the longest tiles first, so that the last chunks to end are short ones
            runTile(chunk % m_op.keyHeads, m_tiles.chunks() - 1 - chunk / m_op.keyHeads, step.workerScratch(worker),
                    step);
    }

private:
    void layOutWorker();
    void planStep(const StepContext& step);
    void streamSplit(std::int32_t head, std::int32_t split, std::byte* scratch, const StepContext& step) const;
    void streamPage(std::int32_t head, std::int32_t row, std::int32_t page, std::byte* scratch, float* partials,
                    std::size_t stride, const StepContext& step) const;
    void combineSplits(const StepContext& step) const;
    void runTile(std::int32_t head, std::int32_t tile, std::byte* scratch, const StepContext& step) const;
    void expandPage(std::int32_t head, std::int32_t page, SlotRange range, std::byte* scratch, float* values,
                    const StepContext& step) const;
    void scoreTile(std::int32_t query, SlotRange rows, std::byte* scratch, float* scores,
                   const StepContext& step) const;
    void attendTile(std::int32_t query, SlotRange rows, std::int32_t page, std::int32_t pages, const float* values,
                    float* scores, float* partials, const StepContext& step) const;

    [[nodiscard]] std::int32_t mostStreamedRows() const { return m_maxRows <= kNarrowRows ? m_maxRows : kFewRows; }
    /// The pages that a row sees, and how many of them are one split.
    struct RowPages {
        std::int32_t first = 0;
        std::int32_t end = 0;
        std::int32_t perSplit = 1;
        [[nodiscard]] std::int32_t splits() const { return (end - first + perSplit - 1) / perSplit; }
    };
    [[nodiscard]] RowPages pagesOf(std::int32_t row, const StepContext& step) const {
        const SlotRange seen = seenBy(row, step);
        RowPages pages{seen.first / kPageTokens, (seen.end + kPageTokens - 1) / kPageTokens};
        pages.perSplit = std::max(kMinSplitPages, (pages.end - pages.first + m_mostSplits - 1) / m_mostSplits);
        return pages;
    }
    [[nodiscard]] SlotRange seenBy(std::int32_t row, const StepContext& step) const {
        const std::int32_t own = step.state->cacheStart + row;
        if (m_op.mask == Mask::Full)
            return {0, step.state->cacheStart + step.rows};
        return {m_op.window > 0 ? std::max(0, own - m_op.window + 1) : 0, own + 1};
    }
    [[nodiscard]] const std::byte* pageOf(std::int32_t page, const StepContext& step) const {
        return step.cache->page(m_op.cache, step.state->pageTableOf(m_spec.pageClass)[static_cast<std::size_t>(page)]);
    }
    [[nodiscard]] CacheTile keyTile(std::int32_t head, std::int32_t page, SlotRange range,
                                    const StepContext& step) const;
    [[nodiscard]] CacheTile valueTile(std::int32_t head, std::int32_t page, SlotRange range,
                                      const StepContext& step) const;
    /// scores: of slots firstSlot .. firstSlot + count - 1 for one query.
    float softmaxStep(float* scores, std::int32_t firstSlot, std::int32_t count, QueryPlace query,
                      SoftmaxPartial partial) const;
    /// Writes out one query's result from `count` partials that lie `stride` numbers apart.
    void finish(std::int32_t head, const float* partials, std::int32_t count, std::size_t stride, float* out) const;
    [[nodiscard]] float* outputOf(std::int32_t row, std::int32_t head, const StepContext& step) const {
        return step.buffer(m_op.out)
               + static_cast<std::size_t>(row * m_op.queryHeads + head) * static_cast<std::size_t>(m_op.valueColumns);
    }
    /// Columns from one query head to the next: where heads are gated, each is followed by its gate.
    [[nodiscard]] std::size_t queryStride() const {
        return static_cast<std::size_t>(m_op.headColumns) * (m_op.gate == QueryGate::PerHead ? 2 : 1);
    }
    [[nodiscard]] const float* queryOf(std::int32_t row, std::int32_t head, const StepContext& step) const {
        return step.buffer(m_op.q) + static_cast<std::size_t>(row * m_op.queryHeads + head) * queryStride();
    }
    /// Writes out one head's result, times the sigmoid of its gate if it has one.
    void finishHead(std::int32_t row, std::int32_t head, const float* partials, std::int32_t count, std::size_t stride,
                    const StepContext& step) const {
        float* out = outputOf(row, head, step);
        finish(head, partials, count, stride, out);
        if (m_op.gate == QueryGate::None)
            return;
        const float* gate = queryOf(row, head, step) + m_op.headColumns;
        for (std::int32_t column = 0; column < m_op.valueColumns; ++column)
            out[column] /= 1.0F + std::exp(-gate[column]);
    }

    Attention m_op;
    CacheSpec m_spec;
    const VectorKernels& m_vectors;
    const CacheKernels& m_cacheKernels;
    std::vector<float> m_sinks;
    std::vector<float> m_slopes; ///< of ALiBi, one a head; empty: off
    std::int32_t m_group;        ///< query heads that share a cache head
    std::int32_t m_tileRows;
    std::size_t m_partialSize;
    std::int32_t m_maxRows;
    std::int32_t m_mostSplits = 1;
    std::size_t m_sharedBytes = 0;

    struct WorkerOffsets {
        std::size_t scores = 0;
        std::size_t partials = 0;
        std::size_t expanded = 0;
        std::size_t keys = 0;
        std::size_t values = 0;
    };
    WorkerOffsets m_offsets;
    std::size_t m_workerBytes = 0;

    // Of the step that runs.
    std::int32_t m_splits = 1; ///< of the row that sees most
    Split m_tiles;
};

void AttentionStage::layOutWorker() {
    const bool tiles = m_maxRows > kNarrowRows;
    const auto group = static_cast<std::size_t>(m_group);
    const std::size_t rows = static_cast<std::size_t>(tiles ? std::max(m_tileRows, kFewRows) : kNarrowRows);
    const auto keyStride = static_cast<std::size_t>(roundUp(m_op.headColumns, 16));
    ScratchLayout layout;
    m_offsets.scores = layout.add<float>(group * (tiles ? rows * kTileSlots : kPageTokens));
    m_offsets.partials = layout.add<float>(rows * group * m_partialSize);
    if (tiles) {
        m_offsets.expanded = layout.add<float>(kPageTokens * keyStride);
        m_offsets.keys = layout.add<float>(keyStride * kPageTokens);
        m_offsets.values = layout.add<float>(kTileSlots * (m_partialSize - SoftmaxPartial::kValues));
    }
    m_workerBytes = layout.sizeBytes();
}

void AttentionStage::planStep(const StepContext& step) {
    m_splits = 1;
    if (streamsRows(m_maxRows, step.rows))
        for (std::int32_t row = 0; row < step.rows; ++row)
            m_splits = std::max(m_splits, pagesOf(row, step).splits());
    m_tiles = {step.rows, m_tileRows};
}

CacheTile AttentionStage::keyTile(std::int32_t head, std::int32_t page, SlotRange range,
                                  const StepContext& step) const {
    const std::size_t bytes = rowBytes(m_spec.dtype, m_spec.keyColumns);
    const std::byte* data =
        pageOf(page, step)
        + (static_cast<std::size_t>(head) * kPageTokens + static_cast<std::size_t>(range.first)) * bytes;
    return {reinterpret_cast<const unsigned char*>(data), bytes, m_op.headColumns, range.count()};
}

CacheTile AttentionStage::valueTile(std::int32_t head, std::int32_t page, SlotRange range,
                                    const StepContext& step) const {
    if (m_spec.valueColumns == 0) {
        CacheTile keys = keyTile(head, page, range, step);
        keys.columns = m_op.valueColumns;
        return keys;
    }
    const std::size_t bytes = rowBytes(m_spec.dtype, m_spec.valueColumns);
    const std::byte* data =
        pageOf(page, step) + m_spec.keyBytesPerPage()
        + (static_cast<std::size_t>(head) * kPageTokens + static_cast<std::size_t>(range.first)) * bytes;
    return {reinterpret_cast<const unsigned char*>(data), bytes, m_op.valueColumns, range.count()};
}

float AttentionStage::softmaxStep(float* scores, std::int32_t firstSlot, std::int32_t count, QueryPlace query,
                                  SoftmaxPartial partial) const {
    float scale = m_op.scale;
    if (m_op.softCap != 0.0F || !m_slopes.empty()) {
        for (std::int32_t i = 0; i < count; ++i)
            scores[i] *= scale;
        scale = 1.0F;
    }
    if (m_op.softCap != 0.0F)
        m_vectors.softCap(m_op.softCap, count, scores);
    if (!m_slopes.empty()) {
        const float slope = m_slopes[static_cast<std::size_t>(query.head)];
        const std::int32_t ahead = firstSlot - query.slot;
        for (std::int32_t i = 0; i < count; ++i)
            scores[i] -= slope * static_cast<float>(std::abs(ahead + i));
    }
    return m_vectors.softmaxStep(scale, count, scores, &partial.maximum(), &partial.sum());
}

void AttentionStage::finish(std::int32_t head, const float* partials, std::int32_t count, std::size_t stride,
                            float* out) const {
    const float* sink = m_sinks.empty() ? nullptr : &m_sinks[static_cast<std::size_t>(head)];
    writeSoftmax(m_vectors, partials, count, stride, sink, m_op.valueColumns, out);
}

void AttentionStage::streamSplit(std::int32_t head, std::int32_t split, std::byte* scratch,
                                 const StepContext& step) const {
    // Partials lie as (row, query head of the group, split): in shared scratch if there are several splits.
    const bool alone = m_splits == 1;
    const std::size_t stride = m_partialSize * static_cast<std::size_t>(alone ? 1 : m_splits);
    for (std::int32_t row = 0; row < step.rows; ++row) {
        const RowPages pages = pagesOf(row, step);
        const std::int32_t firstPage = pages.first + split * pages.perSplit;
        const std::int32_t endPage = std::min(pages.end, firstPage + pages.perSplit);
        const auto query = static_cast<std::size_t>(row * m_op.queryHeads + head * m_group);
        float* partials = alone ? pieceAt<float>(scratch, m_offsets.partials)
                                : reinterpret_cast<float*>(step.shared) + query * stride
                                      + static_cast<std::size_t>(split) * m_partialSize;
        for (std::int32_t g = 0; g < m_group; ++g)
            SoftmaxPartial{partials + static_cast<std::size_t>(g) * stride}.clear(m_op.valueColumns);
        for (std::int32_t page = firstPage; page < endPage; ++page)
            streamPage(head, row, page, scratch, partials, stride, step);
        if (alone)
            for (std::int32_t g = 0; g < m_group; ++g)
                finishHead(row, head * m_group + g, partials + static_cast<std::size_t>(g) * stride, 1, m_partialSize,
                           step);
    }
}

void AttentionStage::streamPage(std::int32_t head, std::int32_t row, std::int32_t page, std::byte* scratch,
                                float* partials, std::size_t stride, const StepContext& step) const {
    const SlotRange range = seenBy(row, step).onPages(page, 1);
    if (range.count() == 0)
        return;
    auto* scores = pieceAt<float>(scratch, m_offsets.scores);
    m_cacheKernels.scores(keyTile(head, page, range, step), queryOf(row, head * m_group, step), queryStride(), m_group,
                          scores);
    for (std::int32_t g = 0; g < m_group; ++g) {
        const SoftmaxPartial partial{partials + static_cast<std::size_t>(g) * stride};
        const QueryPlace query{head * m_group + g, step.state->cacheStart + row};
        const float factor =
            softmaxStep(scores + g * kTileTokens, page * kPageTokens + range.first, range.count(), query, partial);
        partial.rescale(factor, m_op.valueColumns);
    }
    m_cacheKernels.addValues(valueTile(head, page, range, step), scores, m_group, partials + SoftmaxPartial::kValues,
                             stride);
}

void AttentionStage::combineSplits(const StepContext& step) const {
    const std::size_t stride = m_partialSize * static_cast<std::size_t>(m_splits);
    for (std::int32_t row = 0; row < step.rows; ++row)
        for (std::int32_t head = 0; head < m_op.queryHeads; ++head)
            finishHead(row, head,
                       reinterpret_cast<const float*>(step.shared)
                           + static_cast<std::size_t>(row * m_op.queryHeads + head) * stride,
                       pagesOf(row, step).splits(), m_partialSize, step);
}

void AttentionStage::runTile(std::int32_t head, std::int32_t tile, std::byte* scratch, const StepContext& step) const {
    const std::int32_t firstRow = m_tiles.first(tile);
    const SlotRange rows{firstRow, firstRow + m_tiles.size(tile)};
    auto* partials = pieceAt<float>(scratch, m_offsets.partials);
    const std::size_t perHead = static_cast<std::size_t>(m_tileRows) * m_partialSize;
    for (std::int32_t g = 0; g < m_group; ++g)
        for (std::int32_t row = 0; row < rows.count(); ++row)
            SoftmaxPartial{partials + static_cast<std::size_t>(g) * perHead
                           + static_cast<std::size_t>(row) * m_partialSize}
                .clear(m_op.valueColumns);
    const SlotRange seen{seenBy(rows.first, step).first, seenBy(rows.end - 1, step).end};
    const std::int32_t endPage = (seen.end + kPageTokens - 1) / kPageTokens;
    auto* values = pieceAt<float>(scratch, m_offsets.values);
    auto* scores = pieceAt<float>(scratch, m_offsets.scores);
    const std::size_t valueStride = m_partialSize - SoftmaxPartial::kValues;
    const std::size_t scoresPerHead = static_cast<std::size_t>(m_tileRows) * kTileSlots;
    for (std::int32_t first = seen.first / kPageTokens; first < endPage; first += kTilePages) {
        if (step.cancelled())
            return;
        const std::int32_t pages = std::min(kTilePages, endPage - first);
        for (std::int32_t page = 0; page < pages; ++page) {
            const auto slot = static_cast<std::size_t>(page * kPageTokens);
            expandPage(head, first + page, seen.onPages(first + page, 1), scratch, values + slot * valueStride, step);
            for (std::int32_t g = 0; g < m_group; ++g)
                scoreTile(head * m_group + g, rows, scratch,
                          scores + static_cast<std::size_t>(g) * scoresPerHead + slot, step);
        }
        for (std::int32_t g = 0; g < m_group; ++g)
            attendTile(head * m_group + g, rows, first, pages, values,
                       scores + static_cast<std::size_t>(g) * scoresPerHead,
                       partials + static_cast<std::size_t>(g) * perHead, step);
    }
    for (std::int32_t g = 0; g < m_group; ++g)
        for (std::int32_t row = 0; row < rows.count(); ++row)
            finishHead(rows.first + row, head * m_group + g,
                       partials + static_cast<std::size_t>(g) * perHead + static_cast<std::size_t>(row) * m_partialSize,
                       1, m_partialSize, step);
}

void AttentionStage::expandPage(std::int32_t head, std::int32_t page, SlotRange range, std::byte* scratch,
                                float* values, const StepContext& step) const {
    // What no row of the tile sees may hold anything, NaN included: it must be zero for its weight of zero to hold.
    const auto keyStride = static_cast<std::size_t>(roundUp(m_op.headColumns, 16));
    const std::size_t valueStride = m_partialSize - SoftmaxPartial::kValues;
    auto* expanded = pieceAt<float>(scratch, m_offsets.expanded);
    if (range.count() < kPageTokens) {
        std::memset(expanded, 0, kPageTokens * keyStride * sizeof(float));
        std::memset(values, 0, kPageTokens * valueStride * sizeof(float));
    }
    const auto first = static_cast<std::size_t>(range.first);
    m_cacheKernels.expand(keyTile(head, page, range, step), expanded + first * keyStride, keyStride);
    m_cacheKernels.expand(valueTile(head, page, range, step), values + first * valueStride, valueStride);
    auto* keys = pieceAt<float>(scratch, m_offsets.keys);
    for (std::size_t token = 0; token < kPageTokens; token += 16)
        m_vectors.transpose16(expanded + token * keyStride, keyStride, m_op.headColumns, keys + token, kPageTokens);
}

void AttentionStage::scoreTile(std::int32_t query, SlotRange rows, std::byte* scratch, float* scores,
                               const StepContext& step) const {
    m_vectors.panelProduct({.a = queryOf(rows.first, query, step),
                            .aStride = static_cast<std::size_t>(m_op.queryHeads) * queryStride(),
                            .b = pieceAt<float>(scratch, m_offsets.keys),
                            .bStride = kPageTokens,
                            .c = scores,
                            .cStride = kTileSlots,
                            .rows = rows.count(),
                            .depth = m_op.headColumns,
                            .columns = kPageTokens});
}

void AttentionStage::attendTile(std::int32_t query, SlotRange rows, std::int32_t page, std::int32_t pages,
                                const float* values, float* scores, float* partials, const StepContext& step) const {
    for (std::int32_t row = 0; row < rows.count(); ++row) {
        float* rowScores = scores + row * kTileSlots;
        const SlotRange range = seenBy(rows.first + row, step).onPages(page, pages);
        if (range.count() > 0) {
            const SoftmaxPartial partial{partials + static_cast<std::size_t>(row) * m_partialSize};
            const QueryPlace place{query, step.state->cacheStart + rows.first + row};
            const float factor =
                softmaxStep(rowScores + range.first, page * kPageTokens + range.first, range.count(), place, partial);
            partial.rescale(factor, m_op.valueColumns);
        }
        std::fill(rowScores, rowScores + range.first, 0.0F);
        std::fill(rowScores + range.end, rowScores + pages * kPageTokens, 0.0F);
    }
    const std::size_t valueStride = m_partialSize - SoftmaxPartial::kValues;
    m_vectors.panelProduct({.a = scores,
                            .aStride = kTileSlots,
                            .b = values,
                            .bStride = valueStride,
                            .c = partials + SoftmaxPartial::kValues,
                            .cStride = m_partialSize,
                            .rows = rows.count(),
                            .depth = pages * kPageTokens,
                            .columns = static_cast<std::int32_t>(valueStride),
                            .accumulate = true});
}

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const Attention& op) {
    if (op.slots != kNoBuffer)
        return makeSparseAttention(plan, op);
    return std::make_unique<AttentionStage>(plan, op);
}

} // namespace hearth
