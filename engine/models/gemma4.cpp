#include "engine/models/blocks.h"
#include "engine/models/families.h"

#include <cmath>

// Gemma 4, dense and with experts: Gemma 3's norms around each block, with heads of another width in windowed layers,
// values normalised without a weight (and taken from the keys' projection where the file has no other), last layers
// that read an earlier layer's cache, experts beside the feed-forward network, and rows of a further embedding for
// every layer (the E models).

namespace hearth {

namespace {

constexpr std::int32_t kMostColumns = 1 << 16;

Status describeExperts(const GgufFile& file, ModelSpec& spec) {
    HEARTH_TRY(const std::int32_t experts, file.int32Or("gemma4.expert_count", 0, 0, 1 << 16));
    if (experts > 0) {
        HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.normalise = Normalise::Yes}));
    }
    return {};
}

Result<ModelSpec> describe(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Halves));
    HEARTH_CHECK(readWindows(file, spec, {.period = 1}));
    const std::string attention = "gemma4.attention.";
    HEARTH_TRY(spec.windowedKeyColumns, file.int32Or(attention + "key_length_swa", spec.keyColumns, 1, kMostColumns));
    HEARTH_TRY(const std::int32_t values,
               file.int32Or(attention + "value_length_swa", spec.windowedKeyColumns, 1, kMostColumns));
    if (spec.valueColumns != spec.keyColumns || values != spec.windowedKeyColumns)
        return Error{ErrorCode::Unsupported, file.path().string() + ": keys of " + std::to_string(spec.keyColumns)
                                                 + " and " + std::to_string(spec.windowedKeyColumns)
                                                 + " columns with values of " + std::to_string(spec.valueColumns)
                                                 + " and " + std::to_string(values) + "; this family has them equal"};
    HEARTH_TRY(spec.windowedRope.dimensions,
               file.int32Or("gemma4.rope.dimension_count_swa", spec.windowedKeyColumns, 2, spec.windowedKeyColumns));
    if (spec.windowedRope.dimensions % 2 != 0)
        return Error{ErrorCode::Corrupt, file.path().string() + ": 'gemma4.rope.dimension_count_swa' is "
                                             + std::to_string(spec.windowedRope.dimensions)
                                             + ", expected an even number"};
    spec.windowedRope.frequencyScale = 1.0F; // only full layers are stretched
    HEARTH_TRY(spec.cachelessLayers, file.int32Or(attention + "shared_kv_layers", 0, 0, spec.layers - 1));
    HEARTH_TRY(spec.perLayerColumns, file.int32Or("gemma4.embedding_length_per_layer_input", 0, 0, kMostColumns));
    HEARTH_TRY(spec.logitSoftCap, readSoftCap(file, "gemma4.final_logit_softcapping", 30.0F));
    HEARTH_CHECK(describeExperts(file, spec));
    spec.embeddingScale = std::sqrt(static_cast<float>(spec.hidden));
    spec.attentionScale = 1.0F;
    return spec;
}

/// What one layer's attention measures.
struct Heads {
    bool isWindowed = false;
    std::int32_t query = 0;
    std::int32_t key = 0;
    std::int32_t columns = 0;
};

Heads headsOf(const ModelSpec& spec, std::int32_t layer) {
    const auto index = static_cast<std::size_t>(layer);
    const bool isWindowed = spec.isWindowed[index];
    return {isWindowed, spec.queryHeads[index], spec.keyHeads[index],
            isWindowed ? spec.windowedKeyColumns : spec.keyColumns};
}

/// The last layer of the same kind (windowed or not) that has a cache of its own.
std::int32_t cacheLayer(const ModelSpec& spec, std::int32_t layer) {
    std::int32_t source = spec.layers - spec.cachelessLayers - 1;
    while (source > 0
           && spec.isWindowed[static_cast<std::size_t>(source)] != spec.isWindowed[static_cast<std::size_t>(layer)])
        --source;
    return source;
}

/// Projects and stores; the cache that the layer reads. Without attn_v, the value is the key's projection.
CacheId addStore(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream, BufferId q) {
    const Heads heads = headsOf(spec, layer);
    const auto headNorm = [&](const char* name) {
        return builder.norm(name, NormKind::Rms, heads.columns, spec.normEpsilon);
    };
    RopeStore store{.q = q,
                    .queryHeads = heads.query,
                    .keyHeads = heads.key,
                    .headColumns = heads.columns,
                    .valueColumns = heads.columns,
                    .qNorm = headNorm("attn_q_norm"),
                    .rope = heads.isWindowed ? spec.windowedRope : spec.rope};
    if (!heads.isWindowed)
        store.rope.factors = builder.optionalModelWeight("rope_freqs.weight", {spec.rope.dimensions / 2});
    std::vector<Projection> projections{{builder.linear("attn_q", spec.hidden, heads.query * heads.columns), q}};
    const bool stores = layer < spec.layers - spec.cachelessLayers;
    if (stores) {
        const std::int32_t columns = heads.key * heads.columns;
        store.k = builder.buffer("k", columns);
        store.v = builder.has("attn_v.weight") ? builder.buffer("v", columns) : store.k;
        projections.push_back({builder.linear("attn_k", spec.hidden, columns), store.k});
        if (store.v != store.k)
            projections.push_back({builder.linear("attn_v", spec.hidden, columns), store.v});
        store.kNorm = headNorm("attn_k_norm");
        store.vNorm = {NormKind::Rms, kNoWeight, kNoWeight, spec.normEpsilon};
        store.cache = builder.cache(heads.key, heads.columns, heads.columns, heads.isWindowed ? spec.window : 0);
    } else // some files hold what these layers would have projected
        for (const char* name : {"attn_k.weight", "attn_v.weight", "attn_k_norm.weight"})
            builder.leaveOut(name);
    const CacheId cache = stores ? store.cache : builder.cacheOfLayer(cacheLayer(spec, layer));
    builder.add(NormProject{stream, builder.norm("attn_norm", NormKind::Rms, spec.hidden, spec.normEpsilon),
                            std::move(projections)});
    builder.add(std::move(store));
    return cache;
}

void addGemmaAttention(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    const Heads heads = headsOf(spec, layer);
    const std::int32_t columns = heads.query * heads.columns;
    const BufferId q = builder.buffer("q", columns);
    const BufferId attended = builder.buffer("attended", columns);
    const CacheId cache = addStore(builder, spec, layer, stream, q);
    builder.add(Attention{.q = q,
                          .out = attended,
                          .cache = cache,
                          .queryHeads = heads.query,
                          .keyHeads = heads.key,
                          .headColumns = heads.columns,
                          .valueColumns = heads.columns,
                          .scale = spec.attentionScale,
                          .window = heads.isWindowed ? spec.window : 0});
    builder.add(ProjectResidual{attended, builder.linear("attn_output", columns, spec.hidden),
                                builder.norm("post_attention_norm", NormKind::Rms, spec.hidden, spec.normEpsilon),
                                stream, spec.residualScale});
}

/// x += norm(norm(FFN(norm(x))) + norm(experts(norm(x)))), each norm its own. The router reads x normalised without a
/// weight, divided by sqrt(hidden), times a vector.
void addBothNetworks(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    const auto norm = [&](const char* name) {
        return builder.norm(name, NormKind::Rms, spec.hidden, spec.normEpsilon);
    };
    const BufferId sum = builder.buffer("both networks", spec.hidden);
    const std::int32_t inner = spec.feedForward[static_cast<std::size_t>(layer)];
    const BufferId hidden = builder.buffer("inner", inner);
    builder.add(GateUp{.in = stream,
                       .norm = norm("ffn_norm"),
                       .gate = builder.linear("ffn_gate", spec.hidden, inner),
                       .up = builder.linear("ffn_up", spec.hidden, inner),
                       .activation = Activation::GeluTanh,
                       .out = hidden});
    builder.add(DownReduce{.in = hidden,
                           .down = builder.linear("ffn_down", inner, spec.hidden),
                           .postNorm = norm("post_ffw_norm_1"),
                           .residual = sum,
                           .store = Store::Replace});
    addExperts(builder, spec, spec.experts, stream,
               {.norm = "pre_ffw_norm_2",
                .activation = Activation::GeluTanh,
                .routerNorm = {NormKind::Rms, builder.weight("ffn_gate_inp.scale", {spec.hidden}), kNoWeight,
                               spec.normEpsilon},
                .routerScale = 1.0F / std::sqrt(static_cast<float>(spec.hidden)),
                .postNorm = "post_ffw_norm_2",
                .addTo = sum});
    builder.add(NormRows{.in = sum, .norm = norm("post_ffw_norm"), .other = stream, .out = stream});
}

/// The rows of every layer beside each other: (table * sqrt(P) + norm(W x / sqrt(hidden))) / sqrt(2), P columns a
/// layer.
void addPerLayerRows(ProgramBuilder& builder, const ModelSpec& spec, BufferId stream, BufferId rows) {
    const std::int32_t columns = spec.layers * spec.perLayerColumns;
    const BufferId projected = builder.buffer("projected rows", columns);
    builder.leaveLayer();
    builder.add(EmbedRows{.table = builder.weight("per_layer_token_embd.weight", {columns, spec.vocabulary}),
                          .out = rows,
                          .scale = std::sqrt(static_cast<float>(spec.perLayerColumns)),
                          .rowWithoutToken = 0});
    builder.add(NormProject{stream, {}, {{builder.linear("per_layer_model_proj", spec.hidden, columns), projected}}});
    builder.add(
        NormRows{.in = projected,
                 .inputScale = 1.0F / std::sqrt(static_cast<float>(spec.hidden)),
                 .norm = builder.norm("per_layer_proj_norm", NormKind::Rms, spec.perLayerColumns, spec.normEpsilon),
                 .other = rows,
                 .scale = std::sqrt(0.5F),
                 .out = rows});
    builder.enterLayer(0);
}

/// x += norm(W_2 (gelu(W_1 x) * the layer's row)).
void addPerLayerPart(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream,
                     BufferId rows) {
    const std::int32_t columns = spec.perLayerColumns;
    const BufferId gated = builder.buffer("gated row", columns);
    builder.add(GateUp{.in = stream,
                       .gate = builder.linear("inp_gate", spec.hidden, columns),
                       .activation = Activation::GeluTanh,
                       .out = gated,
                       .upFrom = rows,
                       .upColumn = layer * columns});
    builder.add(DownReduce{.in = gated,
                           .down = builder.linear("proj", columns, spec.hidden),
                           .postNorm = builder.norm("post_norm", NormKind::Rms, spec.hidden, spec.normEpsilon),
                           .residual = stream});
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    const bool hasRows = spec.perLayerColumns > 0;
    const BufferId rows = hasRows ? builder.buffer("rows of layers", spec.layers * spec.perLayerColumns) : kNoBuffer;
    if (hasRows && layer == 0)
        addPerLayerRows(builder, spec, stream, rows);
    addGemmaAttention(builder, spec, layer, stream);
    if (builder.has("ffn_gate_inp.weight"))
        addBothNetworks(builder, spec, layer, stream);
    else
        addFeedForward(builder, spec, layer, stream, {.activation = Activation::GeluTanh, .postNorm = "post_ffw_norm"});
    if (hasRows)
        addPerLayerPart(builder, spec, layer, stream, rows);
    const WeightId factor = builder.optionalWeight("layer_output_scale.weight", {1});
    if (factor != kNoWeight)
        builder.add(NormRows{.in = stream, .factor = factor, .out = stream});
}

} // namespace

const ModelFamily kGemma4Family{"gemma4", describe, buildLayer};

} // namespace hearth
