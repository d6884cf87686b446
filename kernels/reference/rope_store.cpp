#include "kernels/quant/quantise.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"
#include "kernels/reference/rope.h"

#include <algorithm>

namespace hearth::reference {

namespace {

/// The positions of one row: one number, or one an axis.
std::span<const std::int32_t> positionsOf(const StepState& state, std::int32_t row) {
    const std::size_t perRow = state.positions.size() / state.tokens.size();
    return state.positions.subspan(static_cast<std::size_t>(row) * perRow, perRow);
}

/// Every head of `rows` normalised and turned.
Matrix normalisedAndTurned(const Step& step, BufferId buffer, std::int32_t headColumns, const Norm& norm,
                           const Rope& rope) {
    const Normaliser normaliser(step.program, norm, headColumns);
    const Rotation rotation(step.program, rope);
    Matrix rows = step.load(buffer);
    const auto width = static_cast<std::size_t>(headColumns);
    for (std::int32_t row = 0; row < rows.rows; ++row) {
        for (std::size_t start = 0; start < static_cast<std::size_t>(rows.columns); start += width) {
            const std::span<double> head = rows.row(row).subspan(start, width);
            normaliser.apply(head);
            if (rope.layout != RopeLayout::None)
                rotation.apply(head, positionsOf(step.state, row));
        }
    }
    return rows;
}

using RowOf = std::byte* (ReferenceCachePool::*)(CacheId, std::int32_t, std::int32_t, std::int32_t);

/// Appends (rows, heads * columns) to the keys or the values of the cache.
void append(const Step& step, const RopeStore& op, const Matrix& rows, RowOf rowOf) {
    const DType dtype = step.program.caches[static_cast<std::size_t>(op.cache)].dtype;
    const std::int32_t columns = rows.columns / op.keyHeads;
    std::vector<float> rounded(static_cast<std::size_t>(columns));
    for (std::int32_t row = 0; row < rows.rows; ++row) {
        const std::int32_t slot = step.state.cacheStart + row;
        for (std::int32_t head = 0; head < op.keyHeads; ++head) {
            const auto start = static_cast<std::size_t>(head) * rounded.size();
            std::ranges::transform(rows.row(row).subspan(start, rounded.size()), rounded.begin(),
                                   [](double value) { return static_cast<float>(value); });
            std::byte* stored = (step.pool->*rowOf)(op.cache, step.pageOf(slot), head, slot % kPageTokens);
            quantiseRow(dtype, rounded.data(), columns, stored);
        }
    }
}

} // namespace

void run(const RopeStore& op, const Step& step) {
    if (op.q != kNoBuffer)
        step.store(normalisedAndTurned(step, op.q, op.headColumns, op.qNorm, op.rope), op.q);
    if (op.k != kNoBuffer)
        append(step, op, normalisedAndTurned(step, op.k, op.headColumns, op.kNorm, op.rope),
               &ReferenceCachePool::keyRow);
    if (op.v != kNoBuffer)
        append(step, op, step.load(op.v), &ReferenceCachePool::valueRow);
}

} // namespace hearth::reference
