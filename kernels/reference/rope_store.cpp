#include "kernels/quant/quantise.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"
#include "kernels/reference/rope.h"

#include <algorithm>

namespace hearth::reference {

namespace {

/// Normalises each row of an activation by parts of the norm's own width (a head, or all heads together); a norm
/// without weight goes by heads. Parts begin `stride` columns apart.
void normaliseParts(const Step& step, const Norm& norm, std::int32_t headColumns, std::size_t stride, Matrix& rows) {
    const WeightView* weight = step.program.weight(norm.weight);
    const std::int32_t columns = weight == nullptr ? headColumns : weight->columns;
    const Normaliser normaliser(step.program, norm, columns);
    const std::size_t partStride = columns == headColumns ? stride : static_cast<std::size_t>(columns);
    for (std::int32_t row = 0; row < rows.rows; ++row)
        for (std::size_t start = 0; start < static_cast<std::size_t>(rows.columns); start += partStride)
            normaliser.apply(rows.row(row).subspan(start, static_cast<std::size_t>(columns)));
}

/// Every head of `rows` normalised and turned. Heads begin `stride` columns apart.
Matrix normalisedAndTurned(const Step& step, BufferId buffer, std::int32_t headColumns, std::size_t stride,
                           const Norm& norm, const Rope& rope) {
    const Rotation rotation(step.program, rope);
    Matrix rows = step.load(buffer);
    normaliseParts(step, norm, headColumns, stride, rows);
    const auto width = static_cast<std::size_t>(headColumns);
    for (std::int32_t row = 0; row < rows.rows; ++row) {
        for (std::size_t start = 0; start < static_cast<std::size_t>(rows.columns); start += stride) {
            const std::span<double> head = rows.row(row).subspan(start, width);
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
            std::byte* stored = (step.pool->*rowOf)(op.cache, step.pageOf(op.cache, slot), head, slot % kPageTokens);
            quantiseRow(dtype, rounded.data(), columns, stored);
        }
    }
}

} // namespace

void run(const RopeStore& op, const Step& step) {
    const auto width = static_cast<std::size_t>(op.headColumns);
    // Values first: they may be what the keys were before their norm and rope.
    if (op.v != kNoBuffer) {
        Matrix values = step.load(op.v);
        normaliseParts(step, op.vNorm, op.valueColumns, static_cast<std::size_t>(op.valueColumns), values);
        append(step, op, values, &ReferenceCachePool::valueRow);
    }
    if (op.q != kNoBuffer) {
        const std::size_t stride = op.gate == QueryGate::PerHead ? 2 * width : width;
        step.store(normalisedAndTurned(step, op.q, op.headColumns, stride, op.qNorm, op.rope), op.q);
    }
    if (op.k != kNoBuffer)
        append(step, op, normalisedAndTurned(step, op.k, op.headColumns, width, op.kNorm, op.rope),
               &ReferenceCachePool::keyRow);
}

} // namespace hearth::reference
