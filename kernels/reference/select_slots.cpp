#include "kernels/quant/dequantise.h"
#include "kernels/reference/linear.h"
#include "kernels/reference/ops.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace hearth::reference {

namespace {

/// The key of each slot, expanded.
Matrix keysOf(const Step& step, CacheId cache, std::int32_t slots) {
    const CacheSpec& spec = step.program.caches[static_cast<std::size_t>(cache)];
    Matrix keys(slots, spec.keyColumns);
    std::vector<float> row(static_cast<std::size_t>(spec.keyColumns));
    for (std::int32_t slot = 0; slot < slots; ++slot) {
        dequantiseRow(spec.dtype, step.pool->keyRow(cache, step.pageOf(cache, slot), 0, slot % kPageTokens),
                      spec.keyColumns, row.data());
        std::ranges::copy(row, keys.row(slot).begin());
    }
    return keys;
}

/// What is no number counts as the lowest score.
double scoreOf(std::span<const double> q, std::span<const float> weights, std::span<const double> key) {
    double score = 0.0;
    for (std::size_t head = 0; head < weights.size(); ++head)
        score += weights[head] * std::max(0.0, dot(q.subspan(head * key.size(), key.size()), key));
    return std::isnan(score) ? -std::numeric_limits<double>::infinity() : score;
}

} // namespace

void run(const SelectSlots& op, const Step& step) {
    const Matrix keys = keysOf(step, op.cache, step.state.cacheStart + step.rows());
    const Matrix queries = step.load(op.q);
    for (std::int32_t row = 0; row < step.rows(); ++row) {
        const std::int32_t seen = step.state.cacheStart + row + 1;
        std::vector<double> scores;
        for (std::int32_t slot = 0; slot < seen; ++slot)
            scores.push_back(scoreOf(queries.row(row), step.row(op.weights, row), keys.row(slot)));
        std::vector<std::int32_t> order(scores.size());
        std::iota(order.begin(), order.end(), 0);
        std::ranges::sort(order, {}, [&](std::int32_t slot) {
            return std::pair(-scores[static_cast<std::size_t>(slot)], slot); // ties to the lower slot
        });
        order.resize(static_cast<std::size_t>(std::min(seen, op.count)));
        std::ranges::sort(order);
        const std::span<std::int32_t> out = step.ids(op.slots, row);
        std::ranges::fill(out, -1);
        std::ranges::copy(order, out.begin());
    }
}

} // namespace hearth::reference
