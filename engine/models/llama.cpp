#include "engine/models/families.h"

// Llama (arXiv 2302.13971, 2307.09288, 2407.21783) and everything that is laid out like it: Mistral, SmolLM, Granite's
// dense predecessors. Pre-norm blocks, grouped-query attention with rotary positions on neighbouring pairs, SwiGLU.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Neighbours));
    HEARTH_TRY(const std::int32_t experts, file.int32Or("llama.expert_count", 0, 0, 1 << 16));
    if (experts > 0)
        return Error{ErrorCode::Unsupported, file.path().string() + ": 'llama' with " + std::to_string(experts)
                                                 + " experts is not supported; dense models are"};
    return spec;
}

/// q, k, v as three tensors, or as one whose rows are q's, then k's, then v's.
std::vector<Projection> projections(ProgramBuilder& builder, std::int32_t hidden, const Projection (&parts)[3],
                                    const std::int32_t (&rows)[3]) {
    const char* const names[3] = {"attn_q", "attn_k", "attn_v"};
    const std::int32_t allRows = rows[0] + rows[1] + rows[2];
    const WeightId fused = builder.optionalWeight("attn_qkv.weight", {hidden, allRows});
    std::vector<Projection> result(std::begin(parts), std::end(parts));
    std::int32_t first = 0;
    for (std::size_t part = 0; part < 3; first += rows[part], ++part)
        result[part].linear = fused == kNoWeight ? builder.linear(names[part], hidden, rows[part])
                                                 : Linear{builder.weightRows(fused, first, rows[part]), kNoWeight};
    return result;
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    const auto index = static_cast<std::size_t>(layer);
    const std::int32_t queryHeads = spec.queryHeads[index];
    const std::int32_t keyHeads = spec.keyHeads[index];
    const std::int32_t feedForward = spec.feedForward[index];
    const std::int32_t qColumns = queryHeads * spec.keyColumns;
    const std::int32_t kColumns = keyHeads * spec.keyColumns;
    const std::int32_t vColumns = keyHeads * spec.valueColumns;
    const std::int32_t attendedColumns = queryHeads * spec.valueColumns;

    const BufferId q = builder.buffer("q", qColumns);
    const BufferId k = builder.buffer("k", kColumns);
    const BufferId v = builder.buffer("v", vColumns);
    const BufferId attended = builder.buffer("attended", attendedColumns);
    const BufferId inner = builder.buffer("inner", feedForward);
    const CacheId cache = builder.cache(keyHeads, spec.keyColumns, spec.valueColumns);
    Rope rope = spec.rope;
    rope.factors = builder.optionalModelWeight("rope_freqs.weight", {rope.dimensions / 2});

    // x += W_o Attention(rope(W_q n), rope(W_k n), W_v n) with n = norm(x)
    builder.add(
        NormProject{stream, builder.norm("attn_norm", NormKind::Rms, spec.hidden, spec.normEpsilon),
                    projections(builder, spec.hidden, {{{}, q}, {{}, k}, {{}, v}}, {qColumns, kColumns, vColumns})});
    builder.add(RopeStore{.q = q,
                          .k = k,
                          .v = v,
                          .queryHeads = queryHeads,
                          .keyHeads = keyHeads,
                          .headColumns = spec.keyColumns,
                          .valueColumns = spec.valueColumns,
                          .rope = rope,
                          .cache = cache});
    builder.add(Attention{.q = q,
                          .out = attended,
                          .cache = cache,
                          .queryHeads = queryHeads,
                          .keyHeads = keyHeads,
                          .headColumns = spec.keyColumns,
                          .valueColumns = spec.valueColumns,
                          .scale = spec.attentionScale});
    builder.add(ProjectResidual{
        attended, builder.linear("attn_output", attendedColumns, spec.hidden), {}, stream, spec.residualScale});

    // x += W_down (silu(W_gate n) * W_up n) with n = norm(x)
    builder.add(GateUp{stream, builder.norm("ffn_norm", NormKind::Rms, spec.hidden, spec.normEpsilon),
                       builder.linear("ffn_gate", spec.hidden, feedForward),
                       builder.linear("ffn_up", spec.hidden, feedForward), Activation::Silu, inner});
    builder.add(
        DownReduce{inner, builder.linear("ffn_down", feedForward, spec.hidden), {}, stream, spec.residualScale});
}

} // namespace

const ModelFamily kLlamaFamily{"llama", describe, buildLayer};

} // namespace hearth
