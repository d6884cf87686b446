// Ops that read or write what a sequence keeps: caches and states.

#include "kernels/cuda/run_parts.h"

namespace hearth::cuda {

Status run(std::size_t index, const RopeStore& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t rows = context.step.rows;
    if (op.v != kNoBuffer) { // first: they may be what the keys were before their norm and rope
        const std::int32_t columns = op.keyHeads * op.valueColumns;
        HEARTH_TRY(float* values, device.scratch(static_cast<std::int64_t>(rows) * columns));
        normHeads(context, op.vNorm, device.buffer(op.v), values, columns, op.valueColumns, op.valueColumns,
                  op.keyHeads);
        launchStore({values, columns, rows, columns}, context.cache(op.cache), CacheSide::Values,
                    context.step.cacheStart, context.stream);
    }
    if (op.q != kNoBuffer) {
        const std::int64_t stride = op.gate == QueryGate::PerHead ? 2 * op.headColumns : op.headColumns;
        float* q = device.buffer(op.q);
        if (op.qNorm.kind != NormKind::None)
            normHeads(context, op.qNorm, q, q, op.queryHeads * stride, op.headColumns, stride, op.queryHeads);
        launchTurn({q, op.queryHeads * stride, stride, rows, op.queryHeads, device.rope(index)}, context.step,
                   context.stream);
    }
    if (op.k != kNoBuffer) {
        const std::int32_t columns = op.keyHeads * op.headColumns;
        HEARTH_TRY(float* keys, device.scratch(static_cast<std::int64_t>(rows) * columns));
        normHeads(context, op.kNorm, device.buffer(op.k), keys, columns, op.headColumns, op.headColumns, op.keyHeads);
        launchTurn({keys, columns, op.headColumns, rows, op.keyHeads, device.rope(index)}, context.step,
                   context.stream);
        launchStore({keys, columns, rows, columns}, context.cache(op.cache), CacheSide::Keys, context.step.cacheStart,
                    context.stream);
    }
    return {};
}

Status run(std::size_t index, const Attention& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    AttentionCall call;
    call.q = device.buffer(op.q);
    call.queryStride = op.gate == QueryGate::PerHead ? 2 * op.headColumns : op.headColumns;
    call.out = device.buffer(op.out);
    call.cache = context.cache(op.cache);
    call.rows = context.step.rows;
    call.queryHeads = op.queryHeads;
    call.keyHeads = op.keyHeads;
    call.headColumns = op.headColumns;
    call.valueColumns = op.valueColumns;
    call.scale = op.scale;
    call.seesAll = op.mask == Mask::Full;
    call.window = op.window;
    call.softCap = op.softCap;
    call.sinks = device.floats(op.sinks);
    call.isGated = op.gate == QueryGate::PerHead;
    call.slopes = device.slopes(index);
    if (op.slots != kNoBuffer) {
        call.slots = device.buffer<std::int32_t>(op.slots);
        call.slotCount = device.columns(op.slots);
    }
    call.cacheStart = context.step.cacheStart;
    launchAttention(call, context.stream);
    return {};
}

Status run(std::size_t index, const LatentStore& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t rows = context.step.rows;
    const std::int64_t inHead = op.contentColumns + op.ropeColumns;
    const std::int64_t outHead = op.rank + op.ropeColumns;
    float* out = device.buffer(op.out);
    LinearCall absorb = linearCall(context, {op.keyUp, kNoWeight}, device.buffer(op.q), op.heads * inHead, out,
                                   op.heads * outHead, rows);
    absorb.inPartStride = inHead;
    absorb.outPartStride = outHead;
    absorb.parts = op.heads;
    if (op.keyUpLayout == KeyUpLayout::Direct)
        HEARTH_CHECK(project(context, op.keyUp, absorb));
    else
        HEARTH_CHECK(projectTransposed(context, op.keyUp, absorb));
    NormCall copy; // the positional part of each head
    copy.in = device.buffer(op.q) + op.contentColumns;
    copy.inRowStride = op.heads * inHead;
    copy.inPartStride = inHead;
    copy.out = out + op.rank;
    copy.outRowStride = op.heads * outHead;
    copy.outPartStride = outHead;
    copy.count = rows;
    copy.parts = op.heads;
    copy.width = op.ropeColumns;
    launchNorm(copy, context.stream);
    launchTurn({out + op.rank, op.heads * outHead, outHead, rows, op.heads, device.rope(index)}, context.step,
               context.stream);

    HEARTH_TRY(float* keys, device.scratch(rows * outHead));
    NormCall latent;
    latent.in = device.buffer(op.compressed);
    latent.inRowStride = outHead;
    latent.out = keys;
    latent.outRowStride = outHead;
    latent.count = rows;
    latent.width = op.rank;
    latent.norm = device.norm(op.latentNorm, op.rank);
    launchNorm(latent, context.stream);
    copy.in = device.buffer(op.compressed) + op.rank;
    copy.inRowStride = outHead;
    copy.out = keys + op.rank;
    copy.outRowStride = outHead;
    copy.parts = 1;
    launchNorm(copy, context.stream);
    launchTurn({keys + op.rank, outHead, 0, rows, 1, device.rope(index)}, context.step, context.stream);
    launchStore({keys, outHead, rows, static_cast<std::int32_t>(outHead)}, context.cache(op.cache), CacheSide::Keys,
                context.step.cacheStart, context.stream);
    return {};
}

Status run(std::size_t, const DeltaStep& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t rows = context.step.rows;
    const WeightView& weights = *device.program().weight(op.convolution);
    float* state = device.pool()->stateValues(op.state, context.stateSlot);
    const bool begins = context.step.cacheStart == 0;
    HEARTH_TRY(float* channels, device.scratch(static_cast<std::int64_t>(rows) * weights.rows));
    ConvolutionCall convolution;
    convolution.in = device.buffer(op.mixed);
    convolution.inStride = device.columns(op.mixed);
    convolution.weights = device.floats(op.convolution);
    convolution.history = state;
    convolution.out = channels;
    convolution.outStride = weights.rows;
    convolution.rows = rows;
    convolution.channels = weights.rows;
    convolution.taps = weights.columns;
    convolution.begins = begins;
    launchConvolution(convolution, context.stream);
    DeltaCall call;
    call.channels = channels;
    call.z = device.buffer(op.z);
    call.beta = device.buffer(op.beta);
    call.alpha = op.alpha == kNoBuffer ? nullptr : device.buffer(op.alpha);
    call.decay = device.floats(op.decay);
    call.timeBias = device.floats(op.timeBias);
    call.state = state + static_cast<std::int64_t>(weights.columns - 1) * weights.rows;
    call.out = device.buffer(op.out);
    call.rows = rows;
    call.keyHeads = op.keyHeads;
    call.valueHeads = op.valueHeads;
    call.columns = op.stateColumns;
    call.divides = op.keyHeadOf == KeyHeadOf::Divide;
    call.epsilon = op.epsilon;
    call.norm = device.norm(op.norm, op.stateColumns);
    call.begins = begins;
    launchDelta(call, context.stream);
    return {};
}

Status run(std::size_t, const ShortConvolution& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const WeightView& weights = *device.program().weight(op.convolution);
    ConvolutionCall call;
    call.in = device.buffer(op.in);
    call.inStride = device.columns(op.in);
    call.weights = device.floats(op.convolution);
    call.history = device.pool()->stateValues(op.state, context.stateSlot);
    call.out = device.buffer(op.out);
    call.outStride = device.columns(op.out);
    call.rows = context.step.rows;
    call.channels = weights.rows;
    call.taps = weights.columns;
    call.isShort = true;
    call.begins = context.step.cacheStart == 0;
    launchConvolution(call, context.stream);
    return {};
}

Status run(std::size_t, const SelectSlots& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    SelectCall call;
    call.q = device.buffer(op.q);
    call.weights = device.buffer(op.weights);
    call.cache = context.cache(op.cache);
    call.heads = op.heads;
    call.headColumns = op.headColumns;
    call.count = op.count;
    call.rows = context.step.rows;
    call.cacheStart = context.step.cacheStart;
    HEARTH_TRY(call.scores, device.scratch(static_cast<std::int64_t>(call.rows) * (call.cacheStart + call.rows)));
    call.slots = device.buffer<std::int32_t>(op.slots);
    launchSelect(call, context.stream);
    return {};
}

} // namespace hearth::cuda
