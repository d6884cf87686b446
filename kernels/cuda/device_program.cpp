#include "kernels/cuda/device_program.h"

#include "kernels/api/alibi_slopes.h"
#include "kernels/api/rope_angles.h"
#include "kernels/quant/dequantise.h"

#include <algorithm>

namespace hearth::cuda {

namespace {

template <typename T>
Result<DeviceMemory> uploaded(const std::vector<T>& numbers) {
    HEARTH_TRY(DeviceMemory memory, DeviceMemory::create(numbers.size() * sizeof(T)));
    HEARTH_CHECK(memory.write(0, std::as_bytes(std::span(numbers))));
    return memory;
}

constexpr std::size_t kScratchAlignment = 256;

} // namespace

Result<std::unique_ptr<DeviceProgram>> DeviceProgram::create(Program program, CudaCachePool* pool,
                                                             std::shared_ptr<WeightStore> store) {
    std::unique_ptr<DeviceProgram> device(new DeviceProgram(std::move(program), pool, std::move(store)));
    HEARTH_TRY(device->m_grids, device->m_store->grids());
    HEARTH_TRY(device->m_arena, DeviceMemory::create(device->m_program.plan.sizeBytes));
    for (std::size_t index = 0; index < device->m_program.ops.size(); ++index)
        HEARTH_CHECK(device->prepare(index));
    return device;
}

Status DeviceProgram::prepare(std::size_t index) {
    return std::visit([&](const auto& op) { return prepareOp(index, op); }, m_program.ops[index]);
}

Matrices DeviceProgram::matrices(WeightId id) const {
    const auto found = m_matrices.find(id);
    if (found == m_matrices.end())
        return {};
    const WeightView& view = *m_program.weight(id);
    return {found->second->data(), view.dtype, view.columns, view.rows, view.matrices, view.rowSizeBytes()};
}

const float* DeviceProgram::floats(WeightId id) const {
    const auto found = m_floats.find(id);
    return found == m_floats.end() ? nullptr : found->second->data<float>();
}

DeviceNorm DeviceProgram::norm(const Norm& norm, std::int32_t width) const {
    const WeightView* weight = m_program.weight(norm.weight);
    return {norm.kind, floats(norm.weight), floats(norm.bias), norm.epsilon,
            weight == nullptr ? width : weight->columns};
}

Result<float*> DeviceProgram::scratch(std::int64_t floats) {
    const std::size_t bytes = static_cast<std::size_t>(std::max<std::int64_t>(floats, 1)) * sizeof(float);
    const std::size_t wanted = (bytes + kScratchAlignment - 1) / kScratchAlignment * kScratchAlignment;
    if (m_scratchUsed + wanted > m_scratch.sizeBytes()) {
        // What was handed out before stays where it is until the stream is done with it.
        HEARTH_CHECK(statusOf(cudaDeviceSynchronize(), "waiting for memory to be free"));
        HEARTH_TRY(DeviceMemory larger, DeviceMemory::create(2 * (m_scratchUsed + wanted)));
        if (m_scratchUsed > 0)
            HEARTH_CHECK(statusOf(cudaMemcpy(larger.data(), m_scratch.data(), m_scratchUsed, cudaMemcpyDeviceToDevice),
                                  "moving intermediate numbers"));
        m_tables.push_back(std::move(m_scratch)); // pointers into it are in use for the rest of this op
        m_scratch = std::move(larger);
    }
    float* start = m_scratch.data<float>(m_scratchUsed);
    m_scratchUsed += wanted;
    return start;
}

Status DeviceProgram::useMatrices(WeightId id) {
    if (id == kNoWeight || m_matrices.contains(id))
        return {};
    HEARTH_TRY(m_matrices[id], m_store->upload(*m_program.weight(id)));
    for (const LowRank& change : m_program.weight(id)->lowRank) {
        HEARTH_CHECK(useMatrices(change.down));
        HEARTH_CHECK(useMatrices(change.up));
    }
    return {};
}

Status DeviceProgram::useFloats(WeightId id) {
    if (id == kNoWeight || m_floats.contains(id))
        return {};
    HEARTH_TRY(m_floats[id], m_store->uploadFloats(*m_program.weight(id)));
    return {};
}

Status DeviceProgram::useNorm(const Norm& norm) {
    HEARTH_CHECK(useFloats(norm.weight));
    return useFloats(norm.bias);
}

Status DeviceProgram::useLinear(const Linear& linear) {
    HEARTH_CHECK(useMatrices(linear.weight));
    return useFloats(linear.bias);
}

Status DeviceProgram::useRope(std::size_t op, const Rope& rope) {
    DeviceRope& device = m_ropes[op];
    if (rope.layout == RopeLayout::None)
        return {};
    std::vector<float> factors;
    if (const WeightView* view = m_program.weight(rope.factors)) {
        factors.resize(static_cast<std::size_t>(view->columns));
        dequantiseRow(view->dtype, view->data, view->columns, factors.data());
    }
    const RopeAngles angles = ropeAngles(rope, factors);
    std::vector<std::int32_t> axes(angles.axes.begin(), angles.axes.end());
    axes.resize(angles.frequencies.size(), 0);
    HEARTH_TRY(DeviceMemory frequencies, uploaded(angles.frequencies));
    HEARTH_TRY(DeviceMemory axisTable, uploaded(axes));
    device = {rope.layout, static_cast<std::int32_t>(angles.frequencies.size()), frequencies.data<double>(),
              axisTable.data<std::int32_t>(), rope.magnitude};
    m_tables.push_back(std::move(frequencies));
    m_tables.push_back(std::move(axisTable));
    return {};
}

Status DeviceProgram::useSlopes(std::size_t op, float maxBias, std::int32_t heads) {
    HEARTH_TRY(m_slopes[op], uploaded(alibiSlopes(maxBias, heads))); // none without ALiBi: no memory
    return {};
}

Status DeviceProgram::prepareOp(std::size_t, const EmbedRows& op) {
    HEARTH_CHECK(useMatrices(op.table));
    HEARTH_CHECK(useMatrices(op.positionTable));
    HEARTH_CHECK(useMatrices(op.typeTable));
    return useNorm(op.norm);
}

Status DeviceProgram::prepareOp(std::size_t, const NormProject& op) {
    for (const Projection& projection : op.projections)
        HEARTH_CHECK(useLinear(projection.linear));
    return useNorm(op.norm);
}

Status DeviceProgram::prepareOp(std::size_t index, const RopeStore& op) {
    HEARTH_CHECK(useNorm(op.qNorm));
    HEARTH_CHECK(useNorm(op.kNorm));
    HEARTH_CHECK(useNorm(op.vNorm));
    return useRope(index, op.rope);
}

Status DeviceProgram::prepareOp(std::size_t index, const Attention& op) {
    HEARTH_CHECK(useFloats(op.sinks));
    return useSlopes(index, op.alibiMaxBias, op.queryHeads);
}

Status DeviceProgram::prepareOp(std::size_t, const ProjectResidual& op) {
    HEARTH_CHECK(useLinear(op.linear));
    return useNorm(op.postNorm);
}

Status DeviceProgram::prepareOp(std::size_t, const GateUp& op) {
    HEARTH_CHECK(useLinear(op.gate));
    HEARTH_CHECK(useLinear(op.up));
    return useNorm(op.norm);
}

Status DeviceProgram::prepareOp(std::size_t, const DownReduce& op) {
    HEARTH_CHECK(useLinear(op.down));
    HEARTH_CHECK(useFloats(op.expertScale));
    return useNorm(op.postNorm);
}

Status DeviceProgram::prepareOp(std::size_t, const Logits& op) {
    HEARTH_CHECK(useLinear(op.linear));
    return useNorm(op.norm);
}

Status DeviceProgram::prepareOp(std::size_t, const RouteExperts& op) {
    HEARTH_CHECK(useLinear(op.router));
    HEARTH_CHECK(useFloats(op.selectionBias));
    return useNorm(op.norm);
}

Status DeviceProgram::prepareOp(std::size_t index, const LatentStore& op) {
    HEARTH_CHECK(useMatrices(op.keyUp));
    HEARTH_CHECK(useNorm(op.latentNorm));
    return useRope(index, op.rope);
}

Status DeviceProgram::prepareOp(std::size_t, const HeadProject& op) {
    return useMatrices(op.weight);
}

Status DeviceProgram::prepareOp(std::size_t, const NormRows& op) {
    HEARTH_CHECK(useFloats(op.factor));
    return useNorm(op.norm);
}

Status DeviceProgram::prepareOp(std::size_t, const DeltaStep& op) {
    HEARTH_CHECK(useFloats(op.convolution));
    HEARTH_CHECK(useFloats(op.decay));
    HEARTH_CHECK(useFloats(op.timeBias));
    return useNorm(op.norm);
}

Status DeviceProgram::prepareOp(std::size_t, const ShortConvolution& op) {
    return useFloats(op.convolution);
}

Status DeviceProgram::prepareOp(std::size_t, const PoolRows& op) {
    HEARTH_CHECK(useLinear(op.dense));
    HEARTH_CHECK(useLinear(op.head));
    return useNorm(op.norm);
}

} // namespace hearth::cuda
