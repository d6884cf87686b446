// Ops on the rows of a step.

#include "kernels/cuda/run_parts.h"

namespace hearth::cuda {

namespace {

Status linear(const StepContext& context, const Linear& linear, const float* in, std::int64_t inStride, float* out,
              std::int64_t outStride, std::int32_t count) {
    return project(context, linear.weight, linearCall(context, linear, in, inStride, out, outStride, count));
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

} // namespace

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

} // namespace hearth::cuda
