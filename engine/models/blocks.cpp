#include "engine/models/blocks.h"

#include <algorithm>
#include <array>
#include <string>

namespace hearth {

namespace {

Norm rmsNorm(ProgramBuilder& builder, const ModelSpec& spec, std::string_view name) {
    return name.empty() ? Norm{} : builder.norm(name, NormKind::Rms, spec.hidden, spec.normEpsilon);
}

/// Per head if the file's weight is one head wide, over all heads if it spans them; none if it is absent.
Norm optionalHeadNorm(ProgramBuilder& builder, const ModelSpec& spec, const std::string& name, std::int32_t heads) {
    const WeightId weight = builder.optionalWeight(name + ".weight", {spec.keyColumns}, {heads * spec.keyColumns});
    return weight == kNoWeight ? Norm{} : Norm{NormKind::Rms, weight, kNoWeight, spec.normEpsilon};
}

Result<Gating> readGating(const GgufFile& file, const std::string& key, Gating fallback) {
    // Numbered as in GGUF files: 1 softmax, 2 sigmoid, 3 softmax over the chosen.
    HEARTH_TRY(const std::int32_t number, file.int32Or(key, 0, 0, 64));
    switch (number) {
    case 0:
        return fallback;
    case 1:
        return Gating::Softmax;
    case 2:
        return Gating::Sigmoid;
    case 3:
        return Gating::SoftmaxOfChosen;
    default:
        return Error{ErrorCode::Unsupported,
                     file.path().string() + ": '" + key + "' is " + std::to_string(number)
                         + "; 1 (softmax), 2 (sigmoid) and 3 (softmax of the chosen) are known"};
    }
}

/// What a shared expert leaves behind for its DownReduce, once every reader of the stream has read it.
struct SharedExperts {
    BufferId inner = kNoBuffer;
    BufferId gate = kNoBuffer; ///< where the file has one (Qwen2-MoE)
};

SharedExperts addSharedGateUp(ProgramBuilder& builder, const ModelSpec& spec, const ExpertSpec& experts,
                              const Norm& norm, BufferId stream, Activation activation) {
    SharedExperts shared{builder.buffer("shared inner", experts.sharedInner), kNoBuffer};
    const WeightId gateWeight = builder.optionalWeight("ffn_gate_inp_shexp.weight", {spec.hidden});
    if (gateWeight != kNoWeight) {
        shared.gate = builder.buffer("shared gate", 1);
        builder.add(NormProject{stream, norm, {{{gateWeight, kNoWeight}, shared.gate}}});
    }
    builder.add(GateUp{.in = stream,
                       .norm = norm,
                       .gate = builder.linear("ffn_gate_shexp", spec.hidden, experts.sharedInner),
                       .up = builder.linear("ffn_up_shexp", spec.hidden, experts.sharedInner),
                       .activation = activation,
                       .out = shared.inner});
    return shared;
}

} // namespace

void addQueryKeyValue(ProgramBuilder& builder, std::int32_t hidden, BufferId stream, const Norm& norm,
                      const std::array<BufferId, 3>& buffers, const std::array<std::int32_t, 3>& rows) {
    constexpr std::array<const char*, 3> kNames{"attn_q", "attn_k", "attn_v"};
    const std::int32_t allRows = rows[0] + rows[1] + rows[2];
    const WeightId fused = builder.optionalWeight("attn_qkv.weight", {hidden, allRows});
    const WeightId fusedBias = builder.optionalWeight("attn_qkv.bias", {allRows});
    NormProject project{stream, norm, {}};
    std::int32_t first = 0;
    for (std::size_t part = 0; part < buffers.size(); first += rows[part], ++part) {
        const Linear linear = fused == kNoWeight ? builder.linear(kNames[part], hidden, rows[part])
                                                 : Linear{builder.weightRows(fused, first, rows[part]),
                                                          builder.biasPart(fusedBias, first, rows[part])};
        project.projections.push_back({linear, buffers[part]});
    }
    builder.add(std::move(project));
}

Rope ropeWithFactors(ProgramBuilder& builder, const ModelSpec& spec) {
    const WeightShape shape{spec.rope.dimensions / 2};
    const WeightId always = builder.optionalModelWeight("rope_freqs.weight", shape);
    const WeightId beyond = builder.optionalModelWeight("rope_factors_long.weight", shape);
    const WeightId within = builder.optionalModelWeight("rope_factors_short.weight", shape);
    Rope rope = spec.rope;
    rope.factors = builder.contextTokens() > rope.originalContext ? beyond : within;
    if (always != kNoWeight)
        rope.factors = always;
    return rope;
}

void addAttention(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream,
                  const AttentionBlock& block) {
    const auto index = static_cast<std::size_t>(layer);
    const std::int32_t queryHeads = spec.queryHeads[index];
    const std::int32_t keyHeads = spec.keyHeads[index];
    const std::int32_t perQuery = block.gate == QueryGate::PerHead ? 2 : 1;
    const std::array<std::int32_t, 3> columns{perQuery * queryHeads * spec.keyColumns, keyHeads * spec.keyColumns,
                                              keyHeads * spec.valueColumns};
    const std::int32_t attendedColumns = queryHeads * spec.valueColumns;

    const BufferId q = builder.buffer("q", columns[0]);
    const BufferId k = builder.buffer("k", columns[1]);
    const BufferId v = builder.buffer("v", columns[2]);
    const BufferId attended = builder.buffer("attended", attendedColumns);
    const CacheId cache = builder.cache(keyHeads, spec.keyColumns, spec.valueColumns, block.window);

    addQueryKeyValue(builder, spec.hidden, stream, rmsNorm(builder, spec, "attn_norm"), {q, k, v}, columns);
    builder.add(RopeStore{.q = q,
                          .k = k,
                          .v = v,
                          .queryHeads = queryHeads,
                          .keyHeads = keyHeads,
                          .headColumns = spec.keyColumns,
                          .valueColumns = spec.valueColumns,
                          .qNorm = optionalHeadNorm(builder, spec, "attn_q_norm", queryHeads),
                          .kNorm = optionalHeadNorm(builder, spec, "attn_k_norm", keyHeads),
                          .rope = block.rope,
                          .cache = cache,
                          .gate = block.gate});
    builder.add(Attention{.q = q,
                          .out = attended,
                          .cache = cache,
                          .queryHeads = queryHeads,
                          .keyHeads = keyHeads,
                          .headColumns = spec.keyColumns,
                          .valueColumns = spec.valueColumns,
                          .scale = block.scale,
                          .window = block.window,
                          .softCap = block.softCap,
                          .sinks = block.hasSinks ? builder.weight("attn_sinks.weight", {queryHeads}) : kNoWeight,
                          .gate = block.gate});
    builder.add(ProjectResidual{attended, builder.linear("attn_output", attendedColumns, spec.hidden),
                                rmsNorm(builder, spec, block.postNorm), stream, spec.residualScale});
}

void addFeedForward(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream,
                    const FeedForwardBlock& block) {
    const std::int32_t inner = spec.feedForward[static_cast<std::size_t>(layer)];
    const BufferId hidden = builder.buffer("inner", inner);
    const bool isFused = !builder.has("ffn_gate.weight") && !builder.measures("ffn_up.weight", {spec.hidden, inner});
    const WeightId fused = isFused ? builder.weight("ffn_up.weight", {spec.hidden, 2 * inner}) : kNoWeight;
    const Linear gate = isFused ? Linear{builder.weightRows(fused, 0, inner), kNoWeight}
                                : builder.linear("ffn_gate", spec.hidden, inner);
    const Linear up = isFused ? Linear{builder.weightRows(fused, inner, inner), kNoWeight}
                              : builder.linear("ffn_up", spec.hidden, inner);
    builder.add(GateUp{.in = stream,
                       .norm = rmsNorm(builder, spec, block.norm),
                       .gate = gate,
                       .up = up,
                       .activation = block.activation,
                       .out = hidden});
    builder.add(DownReduce{.in = hidden,
                           .down = builder.linear("ffn_down", inner, spec.hidden),
                           .postNorm = rmsNorm(builder, spec, block.postNorm),
                           .residual = stream,
                           .scale = spec.residualScale});
}

Result<ExpertSpec> readExpertSpec(const GgufFile& file, const ModelSpec& spec, ExpertSpec defaults) {
    const std::string prefix = spec.architecture + ".expert_";
    constexpr std::int32_t kMostExperts = 1 << 16;
    constexpr std::int32_t kMostColumns = 1 << 20;
    ExpertSpec experts = defaults;
    HEARTH_TRY(experts.experts, file.int32(prefix + "count", 1, kMostExperts));
    HEARTH_TRY(experts.used, file.int32(prefix + "used_count", 1, experts.experts));
    const std::int32_t dense = spec.feedForward.front();
    // Files that do not say an expert's width share the dense one's among the experts used, or mean it for each.
    const std::int32_t silent = defaults.inner == ExpertSpec::kShareOfDense ? dense / experts.used : dense;
    HEARTH_TRY(experts.inner, file.int32Or(prefix + "feed_forward_length", silent, 1, kMostColumns));
    if (experts.inner == 0 || static_cast<std::int64_t>(experts.used) * experts.inner > (1 << 26))
        return Error{ErrorCode::Corrupt, file.path().string() + ": " + std::to_string(experts.used)
                                             + " experts of width " + std::to_string(experts.inner) + " at once"};
    HEARTH_TRY(const std::int32_t shared, file.int32Or(prefix + "shared_count", 0, 0, kMostExperts));
    if (static_cast<std::int64_t>(shared) * experts.inner > kMostColumns)
        return Error{ErrorCode::Corrupt, file.path().string() + ": " + std::to_string(shared)
                                             + " shared experts of width " + std::to_string(experts.inner)};
    HEARTH_TRY(experts.sharedInner,
               file.int32Or(prefix + "shared_feed_forward_length",
                            shared > 0 ? shared * experts.inner : defaults.sharedInner, 0, kMostColumns));
    HEARTH_TRY(experts.leadingDense, file.int32Or(spec.architecture + ".leading_dense_block_count", 0, 0, spec.layers));
    HEARTH_TRY(experts.gating, readGating(file, prefix + "gating_func", defaults.gating));
    HEARTH_TRY(const bool normalise, file.boolOr(prefix + "weights_norm", defaults.normalise == Normalise::Yes));
    experts.normalise = normalise ? Normalise::Yes : Normalise::No;
    HEARTH_TRY(experts.weightScale, file.float32Or(prefix + "weights_scale", 1.0F));
    if (experts.weightScale == 0.0F) // older converters wrote 0 for "none"
        experts.weightScale = 1.0F;
    HEARTH_TRY(experts.groups, file.int32Or(prefix + "group_count", 1, 0, experts.experts));
    HEARTH_TRY(experts.groupsUsed, file.int32Or(prefix + "group_used_count", 1, 0, experts.experts));
    experts.groups = std::max(experts.groups, 1);
    experts.groupsUsed = experts.groups == 1 ? 1 : std::max(experts.groupsUsed, 1);
    if (experts.experts % experts.groups != 0 || experts.groupsUsed > experts.groups
        || experts.experts / experts.groups * experts.groupsUsed < experts.used)
        return Error{ErrorCode::Corrupt, file.path().string() + ": " + std::to_string(experts.experts) + " experts in "
                                             + std::to_string(experts.groups) + " groups of which "
                                             + std::to_string(experts.groupsUsed) + " are used cannot give "
                                             + std::to_string(experts.used) + " experts"};
    return experts;
}

void addExperts(ProgramBuilder& builder, const ModelSpec& spec, const ExpertSpec& experts, BufferId stream,
                const ExpertBlock& block) {
    const Norm norm = rmsNorm(builder, spec, block.norm);
    const BufferId ids = builder.buffer("expert ids", experts.used, DType::I32);
    const BufferId weights = builder.buffer("expert weights", experts.used);
    const BufferId inner = builder.buffer("expert inner", experts.used * experts.inner);
    builder.add(RouteExperts{.in = stream,
                             .norm = block.routerNorm.kind == NormKind::None ? norm : block.routerNorm,
                             .inputScale = block.routerScale,
                             .router = builder.linear("ffn_gate_inp", spec.hidden, experts.experts),
                             .selectionBias = builder.optionalWeight("exp_probs_b.bias", {experts.experts}),
                             .gating = experts.gating,
                             .expertsUsed = experts.used,
                             .groups = experts.groups,
                             .groupsUsed = experts.groupsUsed,
                             .normalise = experts.normalise,
                             .weightScale = experts.weightScale,
                             .ids = ids,
                             .weights = weights});
    const bool isFused = builder.has("ffn_gate_up_exps.weight");
    const WeightId fused =
        isFused ? builder.weight("ffn_gate_up_exps.weight", {spec.hidden, 2 * experts.inner, experts.experts})
                : kNoWeight;
    builder.add(GateUp{.in = stream,
                       .norm = norm,
                       .gate = isFused
                                   ? Linear{builder.weightRows(fused, 0, experts.inner), kNoWeight}
                                   : builder.expertLinear("ffn_gate_exps", spec.hidden, experts.inner, experts.experts),
                       .up = isFused ? Linear{builder.weightRows(fused, experts.inner, experts.inner), kNoWeight}
                                     : builder.expertLinear("ffn_up_exps", spec.hidden, experts.inner, experts.experts),
                       .activation = block.activation,
                       .out = inner,
                       .expertIds = ids});
    SharedExperts shared;
    if (experts.sharedInner > 0)
        shared = addSharedGateUp(builder, spec, experts, norm, stream, block.activation);
    builder.add(DownReduce{.in = inner,
                           .down = builder.expertLinear("ffn_down_exps", experts.inner, spec.hidden, experts.experts),
                           .postNorm = rmsNorm(builder, spec, block.postNorm),
                           .residual = block.addTo == kNoBuffer ? stream : block.addTo,
                           .scale = spec.residualScale,
                           .expertIds = ids,
                           .expertWeights = weights,
                           .expertScale = builder.optionalWeight("ffn_down_exps.scale", {experts.experts})});
    if (experts.sharedInner > 0)
        builder.add(DownReduce{.in = shared.inner,
                               .down = builder.linear("ffn_down_shexp", experts.sharedInner, spec.hidden),
                               .residual = stream,
                               .scale = spec.residualScale,
                               .gate = shared.gate});
}

} // namespace hearth
