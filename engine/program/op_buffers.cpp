#include "engine/program/op_buffers.h"

#include <algorithm>

namespace hearth {

namespace {

struct BufferVisitor {
    std::vector<BufferId> operator()(const EmbedRows& op) const { return {op.out}; }
    std::vector<BufferId> operator()(const NormProject& op) const {
        std::vector<BufferId> buffers{op.in};
        for (const Projection& projection : op.projections)
            buffers.push_back(projection.out);
        return buffers;
    }
    std::vector<BufferId> operator()(const RopeStore& op) const { return {op.q, op.k, op.v}; }
    std::vector<BufferId> operator()(const Attention& op) const { return {op.q, op.out, op.slots}; }
    std::vector<BufferId> operator()(const ProjectResidual& op) const { return {op.in, op.residual}; }
    std::vector<BufferId> operator()(const GateUp& op) const { return {op.in, op.out, op.expertIds, op.upFrom}; }
    std::vector<BufferId> operator()(const DownReduce& op) const {
        return {op.in, op.residual, op.expertIds, op.expertWeights, op.gate};
    }
    std::vector<BufferId> operator()(const Logits& op) const { return {op.in, op.out}; }
    std::vector<BufferId> operator()(const RouteExperts& op) const { return {op.in, op.ids, op.weights}; }
    std::vector<BufferId> operator()(const LatentStore& op) const { return {op.q, op.compressed, op.out}; }
    std::vector<BufferId> operator()(const HeadProject& op) const { return {op.in, op.out}; }
    std::vector<BufferId> operator()(const LoadRows& op) const { return {op.out}; }
    std::vector<BufferId> operator()(const NormRows& op) const { return {op.in, op.other, op.out}; }
    std::vector<BufferId> operator()(const DeltaStep& op) const { return {op.mixed, op.z, op.beta, op.alpha, op.out}; }
    std::vector<BufferId> operator()(const ShortConvolution& op) const { return {op.in, op.out}; }
    std::vector<BufferId> operator()(const SelectSlots& op) const { return {op.q, op.weights, op.slots}; }
    std::vector<BufferId> operator()(const PoolRows& op) const { return {op.in, op.out}; }
};

} // namespace

std::vector<BufferId> buffersOf(const Op& op) {
    std::vector<BufferId> buffers = std::visit(BufferVisitor{}, op);
    buffers.erase(std::remove(buffers.begin(), buffers.end(), kNoBuffer), buffers.end());
    return buffers;
}

} // namespace hearth
