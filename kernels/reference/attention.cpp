#include "kernels/quant/dequantise.h"
#include "kernels/reference/linear.h"
#include "kernels/reference/ops.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace hearth::reference {

namespace {

/// A range of slots: first .. last.
struct Seen {
    std::int32_t first;
    std::int32_t last;
};

/// Keys and values of one cache head from slot `first` on, expanded: (slots, columns).
struct HeadCache {
    std::int32_t first;
    Matrix keys;
    Matrix values;

    [[nodiscard]] std::span<const double> key(std::int32_t slot) const { return keys.row(slot - first); }
    [[nodiscard]] std::span<const double> value(std::int32_t slot) const { return values.row(slot - first); }
};

HeadCache expandedHead(const Step& step, const Attention& op, std::int32_t head, Seen seen) {
    const CacheSpec& spec = step.program.caches[static_cast<std::size_t>(op.cache)];
    const std::int32_t slots = seen.last - seen.first + 1;
    HeadCache out{seen.first, Matrix(slots, op.headColumns), Matrix(slots, op.valueColumns)};
    std::vector<float> row(static_cast<std::size_t>(std::max(spec.keyColumns, spec.valueColumns)));
    for (std::int32_t slot = seen.first; slot <= seen.last; ++slot) {
        const std::int32_t page = step.pageOf(op.cache, slot);
        const std::int32_t token = slot % kPageTokens;
        dequantiseRow(spec.dtype, step.pool->keyRow(op.cache, page, head, token), spec.keyColumns, row.data());
        std::copy_n(row.begin(), op.headColumns, out.keys.row(slot - seen.first).begin());
        if (spec.valueColumns > 0)
            dequantiseRow(spec.dtype, step.pool->valueRow(op.cache, page, head, token), spec.valueColumns, row.data());
        std::copy_n(row.begin(), op.valueColumns, out.values.row(slot - seen.first).begin());
    }
    return out;
}

Seen seenBy(const Attention& op, const StepState& state, std::int32_t row) {
    const std::int32_t own = state.cacheStart + row;
    if (op.mask == Mask::Full)
        return {0, state.cacheStart + static_cast<std::int32_t>(state.tokens.size()) - 1};
    const std::int32_t first = op.window > 0 ? std::max(0, own - op.window + 1) : 0;
    return {first, own};
}

/// arXiv 2108.12409: a geometric series for a power of two; for other counts the odd members of the finer series
/// follow.
double alibiSlope(float maxBias, std::int32_t head, std::int32_t heads) {
    std::int32_t power = 1;
    while (power * 2 <= heads)
        power *= 2;
    const double exponent = head < power ? (head + 1.0) / power : (2.0 * (head - power) + 1.0) / (2.0 * power);
    return std::exp2(-maxBias * exponent);
}

/// One query row of one head and how it looks at the slots.
struct Query {
    std::span<const double> values;
    std::int32_t slot = 0;
    double slope = 0.0;
    std::optional<double> sink;
};

double scoreOf(const Attention& op, const Query& query, std::span<const double> key, std::int32_t slot) {
    const double score = dot(query.values, key) * op.scale;
    const double capped = op.softCap > 0 ? op.softCap * std::tanh(score / op.softCap) : score;
    return capped - query.slope * std::abs(query.slot - slot);
}

/// The slots that one row attends to, ascending.
std::vector<std::int32_t> slotsOf(const Attention& op, const Step& step, std::int32_t row) {
    if (op.slots != kNoBuffer) {
        const std::span<const std::int32_t> chosen = step.ids(op.slots, row);
        return {chosen.begin(), std::ranges::find(chosen, -1)};
    }
    const Seen seen = seenBy(op, step.state, row);
    std::vector<std::int32_t> slots(static_cast<std::size_t>(seen.last - seen.first + 1));
    std::iota(slots.begin(), slots.end(), seen.first);
    return slots;
}

/// softmax(scores) . values for one query; the sink takes part in the sum of weights only.
void attend(const Attention& op, const Query& query, const HeadCache& cache, std::span<const std::int32_t> slots,
            std::span<double> out) {
    std::vector<double> weights;
    double largest = query.sink.value_or(-std::numeric_limits<double>::infinity());
    for (const std::int32_t slot : slots) {
        weights.push_back(scoreOf(op, query, cache.key(slot), slot));
        largest = std::max(largest, weights.back());
    }
    double sum = query.sink ? std::exp(*query.sink - largest) : 0.0;
    for (double& weight : weights) {
        weight = std::exp(weight - largest);
        sum += weight;
    }
    for (std::size_t place = 0; place < slots.size(); ++place)
        for (std::size_t column = 0; column < out.size(); ++column)
            out[column] += weights[place] / sum * cache.value(slots[place])[column];
}

} // namespace

void run(const Attention& op, const Step& step) {
    const Seen all{seenBy(op, step.state, 0).first, seenBy(op, step.state, step.rows() - 1).last};
    const std::int32_t group = op.queryHeads / op.keyHeads;
    const auto queryColumns = static_cast<std::size_t>(op.headColumns);
    const std::size_t queryStride = op.gate == QueryGate::PerHead ? 2 * queryColumns : queryColumns;
    const auto valueColumns = static_cast<std::size_t>(op.valueColumns);
    const std::vector<double> sinks = vectorOr(step.program, op.sinks, op.queryHeads, 0.0);
    const Matrix queries = step.load(op.q);
    Matrix out(step.rows(), step.columns(op.out));
    for (std::int32_t keyHead = 0; keyHead < op.keyHeads; ++keyHead) {
        const HeadCache cache = expandedHead(step, op, keyHead, all);
        for (std::int32_t row = 0; row < step.rows(); ++row) {
            for (std::int32_t head = keyHead * group; head < (keyHead + 1) * group; ++head) {
                const auto index = static_cast<std::size_t>(head);
                const std::span<const double> query = queries.row(row).subspan(index * queryStride, queryStride);
                const std::span<double> result = out.row(row).subspan(index * valueColumns, valueColumns);
                const Query one{query.first(queryColumns), step.state.cacheStart + row,
                                op.alibiMaxBias > 0 ? alibiSlope(op.alibiMaxBias, head, op.queryHeads) : 0.0,
                                op.sinks == kNoWeight ? std::nullopt : std::optional<double>(sinks[index])};
                attend(op, one, cache, slotsOf(op, step, row), result);
                if (op.gate == QueryGate::PerHead)
                    for (std::size_t column = 0; column < valueColumns; ++column)
                        result[column] /= 1.0 + std::exp(-query[queryColumns + column]);
            }
        }
    }
    step.store(out, op.out);
}

} // namespace hearth::reference
