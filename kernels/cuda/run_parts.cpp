#include "kernels/cuda/run_parts.h"

namespace hearth::cuda {

DeviceCache StepContext::cache(CacheId id) const {
    const CacheSpec& spec = device.program().caches[static_cast<std::size_t>(id)];
    DeviceCache view = device.pool()->view(id);
    view.table = tables[static_cast<std::size_t>(spec.pageClass)];
    return view;
}

LinearCall linearCall(const StepContext& context, const Linear& linear, const float* in, std::int64_t inStride,
                      float* out, std::int64_t outStride, std::int32_t count) {
    LinearCall call;
    call.weight = context.device.matrices(linear.weight);
    call.bias = context.device.floats(linear.bias);
    call.in = in;
    call.inRowStride = inStride;
    call.out = out;
    call.outRowStride = outStride;
    call.count = count;
    return call;
}

float scaleOf(const StepContext& context, const LowRank& change) {
    return change.factor * context.adapterScales[static_cast<std::size_t>(change.adapter)];
}

Status project(const StepContext& context, WeightId weight, const LinearCall& call) {
    launchLinear(context.device.grids(), call, context.stream);
    for (const LowRank& change : context.device.program().weight(weight)->lowRank) {
        LinearCall down = call;
        down.weight = context.device.matrices(change.down);
        down.bias = nullptr;
        const std::int64_t rank = down.weight.rows;
        HEARTH_TRY(down.out, context.device.scratch(rank * call.parts * call.count));
        down.outPartStride = rank;
        down.outRowStride = rank * call.parts;
        launchLinear(context.device.grids(), down, context.stream);
        LinearCall up = call;
        up.weight = context.device.matrices(change.up);
        up.bias = nullptr;
        up.in = down.out;
        up.inRowStride = down.outRowStride;
        up.inPartStride = rank;
        up.scale = scaleOf(context, change);
        up.adds = true;
        launchLinear(context.device.grids(), up, context.stream);
    }
    return {};
}

Result<const float*> normed(const StepContext& context, const Norm& norm, const float* in, std::int32_t columns,
                            std::int32_t count, const std::int32_t* rowIndex) {
    if (norm.kind == NormKind::None && rowIndex == nullptr)
        return in;
    HEARTH_TRY(float* out, context.device.scratch(static_cast<std::int64_t>(count) * columns));
    NormCall call;
    call.in = in;
    call.inRowStride = columns;
    call.out = out;
    call.outRowStride = columns;
    call.count = count;
    call.width = columns;
    call.norm = context.device.norm(norm, columns);
    call.rowIndex = rowIndex;
    launchNorm(call, context.stream);
    return static_cast<const float*>(out);
}

void normHeads(const StepContext& context, const Norm& norm, const float* in, float* out, std::int64_t rowStride,
               std::int32_t headColumns, std::int64_t stride, std::int32_t heads) {
    const DeviceNorm device = context.device.norm(norm, headColumns);
    const bool isWhole = device.width != headColumns;
    NormCall call;
    call.in = in;
    call.out = out;
    call.inRowStride = rowStride;
    call.outRowStride = rowStride;
    call.count = context.step.rows;
    call.width = device.width;
    call.parts = isWhole ? static_cast<std::int32_t>(heads * stride / device.width) : heads;
    call.inPartStride = isWhole ? device.width : stride;
    call.outPartStride = call.inPartStride;
    call.norm = device;
    launchNorm(call, context.stream);
}

Status projectTransposed(const StepContext& context, WeightId weight, const LinearCall& call) {
    launchTransposed(context.device.grids(), call, context.stream);
    for (const LowRank& change : context.device.program().weight(weight)->lowRank) {
        LinearCall up = call;
        up.weight = context.device.matrices(change.up);
        const std::int64_t rank = up.weight.columns;
        HEARTH_TRY(up.out, context.device.scratch(rank * call.parts * call.count));
        up.outPartStride = rank;
        up.outRowStride = rank * call.parts;
        launchTransposed(context.device.grids(), up, context.stream);
        LinearCall down = call;
        down.weight = context.device.matrices(change.down);
        down.in = up.out;
        down.inRowStride = up.outRowStride;
        down.inPartStride = rank;
        down.scale = scaleOf(context, change);
        down.adds = true;
        launchTransposed(context.device.grids(), down, context.stream);
    }
    return {};
}

Status runOp(std::size_t index, const StepContext& context) {
    context.device.beginOp();
    const Op& op = context.device.program().ops[index];
    HEARTH_CHECK(std::visit([&](const auto& typed) { return run(index, typed, context); }, op));
    return statusOf(cudaGetLastError(), opName(op));
}

} // namespace hearth::cuda
