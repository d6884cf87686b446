#include "engine/program/activation_planner.h"

#include "engine/program/op_buffers.h"

#include <algorithm>
#include <numeric>

namespace hearth {

namespace {

constexpr std::size_t kAlignment = 64;

struct Interval {
    std::size_t firstOp = 0;
    std::size_t lastOp = 0;
    std::size_t sizeBytes = 0;
    bool used = false;
};

std::size_t bufferSize(const Program& program, std::size_t buffer) {
    const BufferSpec& spec = program.buffers[buffer];
    const bool isOutput = static_cast<BufferId>(buffer) == program.output;
    const auto rows = static_cast<std::size_t>(isOutput ? program.outputRowLimit() : program.maxRows);
    const std::size_t bytes = rows * rowBytes(spec.dtype, spec.columns);
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::vector<Interval> lifetimes(const Program& program) {
    std::vector<Interval> intervals(program.buffers.size());
    for (std::size_t op = 0; op < program.ops.size(); ++op) {
        for (const BufferId buffer : buffersOf(program.ops[op])) {
            Interval& interval = intervals[static_cast<std::size_t>(buffer)];
            if (!interval.used)
                interval.firstOp = op;
            interval.lastOp = op;
            interval.used = true;
        }
    }
    for (const BufferId buffer : program.kept)
        intervals[static_cast<std::size_t>(buffer)].lastOp = program.ops.size();
    for (std::size_t buffer = 0; buffer < intervals.size(); ++buffer)
        intervals[buffer].sizeBytes = bufferSize(program, buffer);
    return intervals;
}

bool liveTogether(const Interval& a, const Interval& b) {
    return a.firstOp <= b.lastOp && b.firstOp <= a.lastOp;
}

/// The lowest offset at which `buffer` meets no placed buffer that lives at the same time.
std::size_t lowestFit(std::size_t buffer, const std::vector<Interval>& intervals,
                      const std::vector<std::size_t>& placedByOffset, const std::vector<std::size_t>& offsets) {
    std::size_t candidate = 0;
    for (const std::size_t other : placedByOffset) {
        if (!liveTogether(intervals[buffer], intervals[other]))
            continue;
        if (candidate + intervals[buffer].sizeBytes <= offsets[other])
            break;
        candidate = std::max(candidate, offsets[other] + intervals[other].sizeBytes);
    }
    return candidate;
}

} // namespace

ActivationPlan planActivations(const Program& program) {
    const std::vector<Interval> intervals = lifetimes(program);
    std::vector<std::size_t> order(intervals.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return intervals[a].sizeBytes > intervals[b].sizeBytes; });

    ActivationPlan plan;
    plan.offsets.assign(intervals.size(), 0);
    std::vector<std::size_t> placedByOffset;
    for (const std::size_t buffer : order) {
        if (!intervals[buffer].used)
            continue;
        plan.offsets[buffer] = lowestFit(buffer, intervals, placedByOffset, plan.offsets);
        plan.sizeBytes = std::max(plan.sizeBytes, plan.offsets[buffer] + intervals[buffer].sizeBytes);
        const auto position =
            std::upper_bound(placedByOffset.begin(), placedByOffset.end(), buffer,
                             [&](std::size_t a, std::size_t b) { return plan.offsets[a] < plan.offsets[b]; });
        placedByOffset.insert(position, buffer);
    }
    return plan;
}

} // namespace hearth
