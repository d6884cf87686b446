#include "kernels/cuda/run_op.h"

namespace hearth::cuda {

DeviceCache StepContext::cache(CacheId id) const {
    const CacheSpec& spec = device.program().caches[static_cast<std::size_t>(id)];
    DeviceCache view = device.pool()->view(id);
    view.table = tables[static_cast<std::size_t>(spec.pageClass)];
    return view;
}

namespace {

/// A linear from rows in memory to rows in memory, one part.
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

/// A linear and its low-rank changes: scale * up (down in) is added.
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

Status linear(const StepContext& context, const Linear& linear, const float* in, std::int64_t inStride, float* out,
              std::int64_t outStride, std::int32_t count) {
    return project(context, linear.weight, linearCall(context, linear, in, inStride, out, outStride, count));
}

/// norm(in) in scratch memory; `in` itself if there is no norm.
Result<const float*> normed(const StepContext& context, const Norm& norm, const float* in, std::int32_t columns,
                            std::int32_t count, const std::int32_t* rowIndex = nullptr) {
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

/// Heads (or all of them together, as the norm's weight spans) normalised, `stride` apart; a plain copy without norm.
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

Status run(std::size_t, const EmbedRows& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t columns = device.columns(op.out);
    EmbedCall call;
    call.table = device.matrices(op.table);
    call.positionTable = device.matrices(op.positionTable);
    call.typeTable = device.matrices(op.typeTable);
    call.scale = op.scale;
    call.rowWithoutToken = op.rowWithoutToken;
    call.embeddingParts = device.program().embeddingParts;
    call.out = {device.buffer(op.out), columns, context.step.rows, columns};
    launchEmbed(device.grids(), call, context.step, context.stream);
    for (const LowRank& change : device.program().weight(op.table)->lowRank) {
        EmbedCall up; // row `token` of up, then times down
        up.table = device.matrices(change.up);
        up.scale = op.scale;
        up.rowWithoutToken = op.rowWithoutToken;
        up.tokensOnly = true;
        const std::int32_t rank = up.table.columns;
        HEARTH_TRY(float* inner, device.scratch(static_cast<std::int64_t>(rank) * context.step.rows));
        up.out = {inner, rank, context.step.rows, rank};
        launchEmbed(device.grids(), up, context.step, context.stream);
        LinearCall down;
        down.weight = device.matrices(change.down);
        down.in = inner;
        down.inRowStride = rank;
        down.out = call.out.data;
        down.outRowStride = columns;
        down.count = context.step.rows;
        down.scale = scaleOf(context, change);
        down.adds = true;
        launchTransposed(device.grids(), down, context.stream);
    }
    if (op.norm.kind != NormKind::None)
        normHeads(context, op.norm, call.out.data, call.out.data, columns, columns, columns, 1);
    return {};
}

Status run(std::size_t, const NormProject& op, const StepContext& context) {
    const std::int32_t columns = context.device.columns(op.in);
    HEARTH_TRY(const float* in, normed(context, op.norm, context.device.buffer(op.in), columns, context.step.rows));
    for (const Projection& projection : op.projections)
        HEARTH_CHECK(linear(context, projection.linear, in, columns, context.device.buffer(projection.out),
                            context.device.columns(projection.out), context.step.rows));
    return {};
}

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

/// residual += scale * gate * postNorm(added), or without the residual's former value.
void addToResidual(const StepContext& context, const float* added, BufferId residual, float scale, const float* gate,
                   Store store) {
    const std::int32_t columns = context.device.columns(residual);
    CombineCall call;
    call.in = added;
    call.inStride = columns;
    call.gate = gate;
    call.scale = scale;
    call.out = context.device.buffer(residual);
    call.outStride = columns;
    call.count = context.step.rows;
    call.columns = columns;
    call.adds = store == Store::Add;
    launchCombine(call, context.stream);
}

Status run(std::size_t, const ProjectResidual& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t columns = device.columns(op.residual);
    HEARTH_TRY(float* projected, device.scratch(static_cast<std::int64_t>(context.step.rows) * columns));
    HEARTH_CHECK(
        linear(context, op.linear, device.buffer(op.in), device.columns(op.in), projected, columns, context.step.rows));
    HEARTH_TRY(const float* added, normed(context, op.postNorm, projected, columns, context.step.rows));
    addToResidual(context, added, op.residual, op.scale, nullptr, Store::Add);
    return {};
}

Status run(std::size_t, const GateUp& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t rows = context.step.rows;
    const std::int32_t columns = device.columns(op.in);
    const std::int32_t outColumns = device.columns(op.out);
    HEARTH_TRY(const float* in, normed(context, op.norm, device.buffer(op.in), columns, rows));
    ActivateCall call;
    call.out = device.buffer(op.out);
    call.count = rows;
    call.activation = op.activation;
    if (op.expertIds != kNoBuffer) {
        call.ids = device.buffer<std::int32_t>(op.expertIds);
        call.parts = device.columns(op.expertIds);
    }
    call.columns = outColumns / call.parts;
    call.upStride = outColumns;
    const auto each = [&](const Linear& part) -> Result<const float*> {
        HEARTH_TRY(float* out, device.scratch(static_cast<std::int64_t>(rows) * outColumns));
        LinearCall one = linearCall(context, part, in, columns, out, outColumns, rows);
        one.outPartStride = call.columns;
        one.parts = call.parts;
        one.ids = call.ids;
        HEARTH_CHECK(project(context, part.weight, one));
        return static_cast<const float*>(out);
    };
    if (op.gate.weight != kNoWeight) {
        HEARTH_TRY(call.gate, each(op.gate));
    }
    if (op.upFrom != kNoBuffer) {
        call.up = device.buffer(op.upFrom) + op.upColumn;
        call.upStride = device.columns(op.upFrom);
    } else {
        HEARTH_TRY(call.up, each(op.up));
    }
    launchActivate(call, context.stream);
    return {};
}

/// The sum over the chosen experts of weight * scale * down_expert(part).
Result<const float*> reducedExperts(const DownReduce& op, const StepContext& context, std::int32_t columns) {
    DeviceProgram& device = context.device;
    const std::int32_t rows = context.step.rows;
    const std::int32_t parts = device.columns(op.expertIds);
    const std::int32_t inColumns = device.columns(op.in);
    HEARTH_TRY(float* each, device.scratch(static_cast<std::int64_t>(rows) * parts * columns));
    HEARTH_TRY(float* sum, device.scratch(static_cast<std::int64_t>(rows) * columns));
    LinearCall call = linearCall(context, op.down, device.buffer(op.in), inColumns, each,
                                 static_cast<std::int64_t>(parts) * columns, rows);
    call.inPartStride = inColumns / parts;
    call.outPartStride = columns;
    call.parts = parts;
    call.ids = device.buffer<std::int32_t>(op.expertIds);
    HEARTH_CHECK(project(context, op.down.weight, call));
    launchReduce(
        {each, call.ids, device.buffer(op.expertWeights), device.floats(op.expertScale), sum, rows, parts, columns},
        context.stream);
    return static_cast<const float*>(sum);
}

Status run(std::size_t, const DownReduce& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t rows = context.step.rows;
    const std::int32_t columns = device.columns(op.residual);
    const float* down = nullptr;
    if (op.expertIds != kNoBuffer) {
        HEARTH_TRY(down, reducedExperts(op, context, columns));
    } else {
        HEARTH_TRY(float* whole, device.scratch(static_cast<std::int64_t>(rows) * columns));
        HEARTH_CHECK(linear(context, op.down, device.buffer(op.in), device.columns(op.in), whole, columns, rows));
        down = whole;
    }
    HEARTH_TRY(const float* added, normed(context, op.postNorm, down, columns, rows));
    addToResidual(context, added, op.residual, op.scale, op.gate == kNoBuffer ? nullptr : device.buffer(op.gate),
                  op.store);
    return {};
}

Status run(std::size_t, const Logits& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t count = context.step.outputCount;
    const std::int32_t columns = device.columns(op.in);
    const std::int32_t outColumns = device.columns(op.out);
    if (count == 0)
        return {};
    HEARTH_TRY(const float* in,
               normed(context, op.norm, device.buffer(op.in), columns, count, context.step.outputRows));
    HEARTH_CHECK(linear(context, op.linear, in, columns, device.buffer(op.out), outColumns, count));
    launchScaleCap(device.buffer(op.out), static_cast<std::int64_t>(count) * outColumns, op.scale, op.softCap, false,
                   context.stream);
    return {};
}

Status run(std::size_t, const RouteExperts& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t rows = context.step.rows;
    const std::int32_t columns = device.columns(op.in);
    const std::int32_t experts = device.program().weight(op.router.weight)->rows;
    HEARTH_TRY(const float* in, normed(context, op.norm, device.buffer(op.in), columns, rows));
    if (op.inputScale != 1.0F) {
        HEARTH_TRY(float* scaled, device.scratch(static_cast<std::int64_t>(rows) * columns));
        CombineCall call;
        call.in = in;
        call.inStride = columns;
        call.scale = op.inputScale;
        call.out = scaled;
        call.outStride = columns;
        call.count = rows;
        call.columns = columns;
        launchCombine(call, context.stream);
        in = scaled;
    }
    HEARTH_TRY(float* scores, device.scratch(static_cast<std::int64_t>(rows) * experts));
    HEARTH_CHECK(linear(context, op.router, in, columns, scores, experts, rows));
    launchRoute({scores, device.floats(op.selectionBias), rows, experts, op, device.buffer<std::int32_t>(op.ids),
                 device.buffer(op.weights)},
                context.stream);
    return {};
}

/// The same by the transpose: (up down)^T in = down^T (up^T in).
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

Status run(std::size_t, const HeadProject& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    LinearCall call = linearCall(context, {op.weight, kNoWeight}, device.buffer(op.in), device.columns(op.in),
                                 device.buffer(op.out), device.columns(op.out), context.step.rows);
    call.parts = call.weight.matrices;
    call.inPartStride = call.weight.columns;
    call.outPartStride = call.weight.rows;
    return project(context, op.weight, call);
}

Status run(std::size_t, const LoadRows& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t columns = device.columns(op.out);
    launchLoadRows(context.step, op.part, device.program().embeddingParts, op.which == EmbeddingRows::MediaOnly,
                   op.store == Store::Add, {device.buffer(op.out), columns, context.step.rows, columns},
                   context.stream);
    return {};
}

Status run(std::size_t, const NormRows& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t rows = context.step.rows;
    const std::int32_t columns = device.columns(op.in);
    const std::int32_t outColumns = device.columns(op.out);
    HEARTH_TRY(float* values, device.scratch(static_cast<std::int64_t>(rows) * columns));
    NormCall call;
    call.norm = device.norm(op.norm, columns);
    call.width = call.norm.width;
    call.parts = columns / call.width;
    call.in = device.buffer(op.in);
    call.inRowStride = columns;
    call.inPartStride = call.width;
    call.out = values;
    call.outRowStride = columns;
    call.outPartStride = call.width;
    call.count = rows;
    call.inputScale = op.inputScale;
    launchNorm(call, context.stream);
    CombineCall combine;
    combine.in = values;
    combine.inStride = columns;
    if (op.other != kNoBuffer) {
        combine.other = device.buffer(op.other);
        combine.otherStride = device.columns(op.other);
    }
    combine.scale = op.scale;
    combine.factor = device.floats(op.factor);
    combine.out = device.buffer(op.out) + op.outColumn;
    combine.outStride = outColumns;
    combine.count = rows;
    combine.columns = columns;
    launchCombine(combine, context.stream);
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

Status run(std::size_t, const PoolRows& op, const StepContext& context) {
    DeviceProgram& device = context.device;
    const std::int32_t columns = device.columns(op.in);
    const std::int32_t outColumns = device.columns(op.out);
    HEARTH_TRY(const float* in, normed(context, op.norm, device.buffer(op.in), columns, context.step.rows));
    const bool hasDense = op.dense.weight != kNoWeight;
    const bool hasHead = op.head.weight != kNoWeight;
    float* out = device.buffer(op.out);
    float* pooled = out;
    if (hasDense || hasHead) {
        HEARTH_TRY(pooled, device.scratch(columns));
    }
    launchPool({const_cast<float*>(in), columns, context.step.rows, columns}, op.pooling, pooled, context.stream);
    if (hasDense) {
        const std::int32_t inner = device.program().weight(op.dense.weight)->rows;
        float* dense = out;
        if (hasHead) {
            HEARTH_TRY(dense, device.scratch(inner));
        }
        HEARTH_CHECK(linear(context, op.dense, pooled, columns, dense, inner, 1));
        launchScaleCap(dense, inner, 1.0F, 0.0F, true, context.stream);
        pooled = dense;
    }
    if (hasHead)
        HEARTH_CHECK(
            linear(context, op.head, pooled, device.program().weight(op.head.weight)->columns, out, outColumns, 1));
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

} // namespace

Status runOp(std::size_t index, const StepContext& context) {
    context.device.beginOp();
    const Op& op = context.device.program().ops[index];
    HEARTH_CHECK(std::visit([&](const auto& typed) { return run(index, typed, context); }, op));
    return statusOf(cudaGetLastError(), opName(op));
}

} // namespace hearth::cuda
