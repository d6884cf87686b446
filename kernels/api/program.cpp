#include "kernels/api/program.h"

#include <algorithm>

namespace hearth {

namespace {

double weightBytes(const Program& program, WeightId id) {
    const WeightView* weight = program.weight(id);
    return weight == nullptr ? 0.0 : static_cast<double>(weight->sizeBytes());
}

double bufferBytes(const Program& program, BufferId id, std::int32_t rows) {
    return id == kNoBuffer ? 0.0 : 4.0 * rows * program.buffers[static_cast<std::size_t>(id)].columns;
}

/// expertIds: the buffer that chooses among the weight's matrices, or kNoBuffer. Every row can choose other ones.
OpCost linearCost(const Program& program, const Linear& linear, std::int32_t rows, BufferId expertIds = kNoBuffer) {
    const WeightView* weight = program.weight(linear.weight);
    if (weight == nullptr)
        return {};
    const int used = expertIds == kNoBuffer ? 1 : program.buffers[static_cast<std::size_t>(expertIds)].columns;
    const double share = expertIds == kNoBuffer ? 1.0 : std::min(1.0, double(used) * rows / weight->matrices);
    OpCost cost{share * (weightBytes(program, linear.weight) + weightBytes(program, linear.bias)),
                2.0 * rows * used * weight->rows * weight->columns};
    for (const LowRank& change : weight->lowRank) {
        const double rank = program.weight(change.down)->rows;
        cost.bytes += share * (weightBytes(program, change.down) + weightBytes(program, change.up));
        cost.flops += 2.0 * rows * used * rank * (weight->rows + weight->columns);
    }
    return cost;
}

void add(OpCost& cost, const OpCost& more) {
    cost.bytes += more.bytes;
    cost.flops += more.flops;
}

struct CostVisitor {
    const Program& program;
    std::int32_t rows;
    std::int32_t cacheTokens;

    OpCost operator()(const EmbedRows& op) const {
        const WeightView* table = program.weight(op.table);
        const double read = table == nullptr ? 0.0 : static_cast<double>(table->rowSizeBytes()) * rows;
        return {read + bufferBytes(program, op.out, rows), 0.0};
    }
    OpCost operator()(const NormProject& op) const {
        OpCost cost{bufferBytes(program, op.in, rows), 0.0};
        for (const Projection& projection : op.projections) {
            add(cost, linearCost(program, projection.linear, rows));
            cost.bytes += bufferBytes(program, projection.out, rows);
        }
        return cost;
    }
    OpCost operator()(const RopeStore& op) const {
        return {2.0
                    * (bufferBytes(program, op.q, rows) + bufferBytes(program, op.k, rows)
                       + bufferBytes(program, op.v, rows)),
                6.0 * rows * (op.queryHeads + op.keyHeads) * op.headColumns};
    }
    OpCost operator()(const Attention& op) const {
        const CacheSpec& cache = program.caches[static_cast<std::size_t>(op.cache)];
        const int most =
            op.slots != kNoBuffer ? program.buffers[static_cast<std::size_t>(op.slots)].columns : op.window;
        const int seen = most > 0 && most < cacheTokens ? most : cacheTokens;
        const double perToken = static_cast<double>(cache.pageSizeBytes()) / kPageTokens;
        return {perToken * seen + bufferBytes(program, op.q, rows) + bufferBytes(program, op.out, rows),
                2.0 * rows * seen * op.queryHeads * (op.headColumns + op.valueColumns)};
    }
    OpCost operator()(const ProjectResidual& op) const {
        OpCost cost = linearCost(program, op.linear, rows);
        cost.bytes += bufferBytes(program, op.in, rows) + 2.0 * bufferBytes(program, op.residual, rows);
        return cost;
    }
    OpCost operator()(const GateUp& op) const {
        OpCost cost = linearCost(program, op.gate, rows, op.expertIds);
        add(cost, linearCost(program, op.up, rows, op.expertIds));
        cost.bytes += bufferBytes(program, op.in, rows) + bufferBytes(program, op.out, rows);
        return cost;
    }
    OpCost operator()(const DownReduce& op) const {
        OpCost cost = linearCost(program, op.down, rows, op.expertIds);
        cost.bytes += bufferBytes(program, op.in, rows) + 2.0 * bufferBytes(program, op.residual, rows);
        return cost;
    }
    OpCost operator()(const Logits& op) const {
        // One output row is the rule: prompts ask for their last row only.
        OpCost cost = linearCost(program, op.linear, 1);
        cost.bytes += bufferBytes(program, op.in, 1) + bufferBytes(program, op.out, 1);
        return cost;
    }
    OpCost operator()(const RouteExperts& op) const {
        OpCost cost = linearCost(program, op.router, rows);
        cost.bytes += bufferBytes(program, op.in, rows) + 2.0 * bufferBytes(program, op.ids, rows);
        return cost;
    }
    OpCost operator()(const LatentStore& op) const {
        const double products = 2.0 * rows * op.heads * op.rank * op.contentColumns;
        return {weightBytes(program, op.keyUp) + bufferBytes(program, op.q, rows) + bufferBytes(program, op.out, rows)
                    + 2.0 * bufferBytes(program, op.compressed, rows),
                products + 6.0 * rows * (op.heads + 1) * op.ropeColumns};
    }
    OpCost operator()(const HeadProject& op) const {
        const WeightView* weight = program.weight(op.weight);
        const double products = 2.0 * rows * weight->matrices * weight->rows * weight->columns;
        return {weightBytes(program, op.weight) + bufferBytes(program, op.in, rows)
                    + bufferBytes(program, op.out, rows),
                products};
    }
    OpCost operator()(const LoadRows& op) const { return {2.0 * bufferBytes(program, op.out, rows), 0.0}; }
    OpCost operator()(const NormRows& op) const {
        return {2.0 * bufferBytes(program, op.in, rows) + bufferBytes(program, op.other, rows),
                4.0 * rows * program.buffers[static_cast<std::size_t>(op.in)].columns};
    }
    OpCost operator()(const DeltaStep& op) const {
        const double state = 4.0 * op.valueHeads * op.stateColumns * op.stateColumns;
        return {2.0 * state + weightBytes(program, op.convolution) + bufferBytes(program, op.mixed, rows)
                    + bufferBytes(program, op.z, rows) + bufferBytes(program, op.out, rows),
                2.0 * rows * state};
    }
    OpCost operator()(const ShortConvolution& op) const {
        return {weightBytes(program, op.convolution) + bufferBytes(program, op.in, rows)
                    + bufferBytes(program, op.out, rows),
                6.0 * bufferBytes(program, op.out, rows)};
    }
    OpCost operator()(const SelectSlots& op) const {
        const CacheSpec& cache = program.caches[static_cast<std::size_t>(op.cache)];
        const double perToken = static_cast<double>(cache.pageSizeBytes()) / kPageTokens;
        return {perToken * cacheTokens + bufferBytes(program, op.q, rows) + bufferBytes(program, op.slots, rows),
                2.0 * rows * cacheTokens * op.heads * op.headColumns};
    }
    OpCost operator()(const PoolRows& op) const {
        OpCost cost = linearCost(program, op.dense, 1);
        add(cost, linearCost(program, op.head, 1));
        cost.bytes += bufferBytes(program, op.in, rows);
        return cost;
    }
};

} // namespace

bool isCausal(const Program& program) {
    return std::ranges::none_of(program.ops, [](const Op& op) {
        const auto* attention = std::get_if<Attention>(&op);
        return std::holds_alternative<PoolRows>(op) || (attention != nullptr && attention->mask == Mask::Full);
    });
}

OpCost costOf(const Program& program, const Op& op, std::int32_t rows, std::int32_t cacheTokens) {
    return std::visit(CostVisitor{program, rows, cacheTokens}, op);
}

} // namespace hearth
