#include "engine/models/encoder_blocks.h"

#include "engine/models/blocks.h"

namespace hearth {

namespace {

Norm layerNorm(ProgramBuilder& builder, const ModelSpec& spec, std::string_view name) {
    return builder.norm(name, NormKind::Layer, spec.hidden, spec.normEpsilon);
}

Norm optionalLayerNorm(ProgramBuilder& builder, const ModelSpec& spec, const std::string& name) {
    return builder.has(name + ".weight") ? layerNorm(builder, spec, name) : Norm{};
}

void normalise(ProgramBuilder& builder, const ModelSpec& spec, std::string_view name, BufferId stream) {
    builder.add(NormRows{.in = stream, .norm = layerNorm(builder, spec, name), .out = stream});
}

} // namespace

void addEncoderInput(ProgramBuilder& builder, const ModelSpec& spec, BufferId stream) {
    builder.add(
        EmbedRows{.table = builder.weight("token_embd.weight", {spec.hidden, spec.vocabulary}),
                  .out = stream,
                  .scale = spec.embeddingScale,
                  .positionTable = builder.optionalWeight("position_embd.weight", {spec.hidden, spec.trainedContext}),
                  .typeTable = builder.optionalWeight("token_types.weight", {spec.hidden, spec.tokenTypes}),
                  .norm = layerNorm(builder, spec, "token_embd_norm")});
}

void addEncoderAttention(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream,
                         const EncoderAttention& block) {
    const auto index = static_cast<std::size_t>(layer);
    const std::int32_t queryHeads = spec.queryHeads[index];
    const std::int32_t keyHeads = spec.keyHeads[index];
    const std::int32_t attendedColumns = queryHeads * spec.valueColumns;
    const std::array<std::int32_t, 3> columns{queryHeads * spec.keyColumns, keyHeads * spec.keyColumns,
                                              keyHeads * spec.valueColumns};
    const std::array<BufferId, 3> buffers{builder.buffer("q", columns[0]), builder.buffer("k", columns[1]),
                                          builder.buffer("v", columns[2])};
    const BufferId attended = builder.buffer("attended", attendedColumns);
    const CacheId cache = builder.cache(keyHeads, spec.keyColumns, spec.valueColumns);

    addQueryKeyValue(builder, spec.hidden, stream, {}, buffers, columns);
    builder.add(RopeStore{.q = buffers[0],
                          .k = buffers[1],
                          .v = buffers[2],
                          .queryHeads = queryHeads,
                          .keyHeads = keyHeads,
                          .headColumns = spec.keyColumns,
                          .valueColumns = spec.valueColumns,
                          .qNorm = optionalLayerNorm(builder, spec, "attn_q_norm"),
                          .kNorm = optionalLayerNorm(builder, spec, "attn_k_norm"),
                          .rope = block.rope,
                          .cache = cache});
    builder.add(Attention{.q = buffers[0],
                          .out = attended,
                          .cache = cache,
                          .queryHeads = queryHeads,
                          .keyHeads = keyHeads,
                          .headColumns = spec.keyColumns,
                          .valueColumns = spec.valueColumns,
                          .scale = spec.attentionScale,
                          .mask = Mask::Full,
                          .alibiMaxBias = block.alibiMaxBias});
    const bool addsAgain = builder.has("attn_norm_2.weight");
    const BufferId before = addsAgain ? builder.buffer("layer input", spec.hidden) : kNoBuffer;
    if (addsAgain)
        builder.add(NormRows{.in = stream, .out = before});
    builder.add(ProjectResidual{
        .in = attended, .linear = builder.linear("attn_output", attendedColumns, spec.hidden), .residual = stream});
    builder.add(
        NormRows{.in = stream, .norm = layerNorm(builder, spec, "attn_output_norm"), .other = before, .out = stream});
    if (addsAgain)
        normalise(builder, spec, "attn_norm_2", stream);
}

void addEncoderFeedForward(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream,
                           Activation activation) {
    const std::int32_t inner = spec.feedForward[static_cast<std::size_t>(layer)];
    const BufferId hidden = builder.buffer("inner", inner);
    GateUp gateUp{.in = stream, .activation = activation, .out = hidden};
    if (builder.has("ffn_gate.weight")) {
        gateUp.gate = builder.linear("ffn_gate", spec.hidden, inner);
        gateUp.up = builder.linear("ffn_up", spec.hidden, inner);
    } else if (builder.measures("ffn_up.weight", {spec.hidden, 2 * inner})) {
        const Linear both = builder.linear("ffn_up", spec.hidden, 2 * inner);
        gateUp.gate = {builder.weightRows(both.weight, 0, inner), builder.biasPart(both.bias, 0, inner)};
        gateUp.up = {builder.weightRows(both.weight, inner, inner), builder.biasPart(both.bias, inner, inner)};
    } else {
        gateUp.up = builder.linear("ffn_up", spec.hidden, inner);
    }
    builder.add(gateUp);
    builder.add(DownReduce{.in = hidden, .down = builder.linear("ffn_down", inner, spec.hidden), .residual = stream});
    normalise(builder, spec, "layer_output_norm", stream);
}

void addEncoderExperts(ProgramBuilder& builder, const ModelSpec& spec, BufferId stream, Activation activation) {
    const ExpertSpec& experts = spec.experts;
    const BufferId ids = builder.buffer("expert ids", experts.used, DType::I32);
    const BufferId weights = builder.buffer("expert weights", experts.used);
    const BufferId inner = builder.buffer("expert inner", experts.used * experts.inner);
    builder.add(RouteExperts{.in = stream,
                             .router = builder.linear("ffn_gate_inp", spec.hidden, experts.experts),
                             .gating = experts.gating,
                             .expertsUsed = experts.used,
                             .normalise = experts.normalise,
                             .weightScale = experts.weightScale,
                             .ids = ids,
                             .weights = weights});
    builder.add(GateUp{.in = stream,
                       .up = builder.expertLinear("ffn_up_exps", spec.hidden, experts.inner, experts.experts),
                       .activation = activation,
                       .out = inner,
                       .expertIds = ids});
    builder.add(DownReduce{.in = inner,
                           .down = builder.expertLinear("ffn_down_exps", experts.inner, spec.hidden, experts.experts),
                           .residual = stream,
                           .expertIds = ids,
                           .expertWeights = weights});
    normalise(builder, spec, "layer_output_norm", stream);
}

} // namespace hearth
