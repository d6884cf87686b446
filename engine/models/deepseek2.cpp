#include "engine/models/blocks.h"
#include "engine/models/families.h"

#include <cmath>

// DeepSeek-V2 and V3 (arXiv 2405.04434, 2412.19437), and what is laid out like them (R1, GLM-4.7-Flash, Kimi K2):
// multi-head latent attention, absorbed so that the cache holds only the latent and the positional key; dense leading
// layers, then routed experts beside shared ones.

namespace hearth {

namespace {

constexpr std::int32_t kMostColumns = 1 << 16;

/// Which of YaRN's two factors on attention a file leaves out, the one on cos and sin or the one on scores
/// (yarn_log_multiplier holds 0.1 * mscale_all_dim of the second): V2 and V3 files mean the first to be as large.
enum class YarnOnRope : std::uint8_t { AsOnScores, Usual };

/// With L = ln(factor), cos and sin are multiplied by (1 + m L) / (1 + a L) and scores by (1 + m L)^2, where
/// a = 0.1 mscale_all_dim and m = a or 0.1. Without a, both take 1 + 0.1 L, once and squared.
Status readAttentionScale(const GgufFile& file, std::int32_t headColumns, YarnOnRope yarn, ModelSpec& spec) {
    const std::string scaling = spec.architecture + ".rope.scaling.";
    HEARTH_TRY(const float logMultiplier, file.float32Or(scaling + "yarn_log_multiplier", 0.0F));
    float growth = spec.rope.magnitude;
    if (spec.rope.extrapolationFactor != 0.0F && logMultiplier != 0.0F) {
        const float logFactor = std::log(1.0F / spec.rope.frequencyScale);
        HEARTH_TRY(const float attention, file.float32Or(scaling + "attn_factor", 1.0F));
        growth = attention * (1.0F + (yarn == YarnOnRope::Usual ? 0.1F : logMultiplier) * logFactor);
        spec.rope.magnitude = growth / (1.0F + logMultiplier * logFactor);
    }
    spec.attentionScale = growth * growth / std::sqrt(static_cast<float>(headColumns));
    if (!std::isfinite(spec.attentionScale) || !std::isfinite(spec.rope.magnitude))
        return Error{ErrorCode::Corrupt, file.path().string() + ": '" + scaling + "yarn_log_multiplier' is "
                                             + std::to_string(logMultiplier)};
    return {};
}

/// Mistral Large 3 has this layout too, with queries that grow with their position, which is not known here.
Status refuseTemperature(const GgufFile& file, const std::string& attention) {
    HEARTH_TRY(const float scale, file.float32Or(attention + "temperature_scale", 0.0F));
    if (scale == 0.0F)
        return {};
    return Error{ErrorCode::Unsupported, file.path().string() + ": '" + attention + "temperature_scale' is "
                                             + std::to_string(scale) + "; only 0 is known"};
}

Result<ModelSpec> describeWith(const GgufFile& file, YarnOnRope yarn) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Neighbours));
    const std::string attention = spec.architecture + ".attention.";
    HEARTH_CHECK(refuseTemperature(file, attention));
    LatentSpec& latent = spec.latent;
    HEARTH_TRY(latent.queryRank, file.int32Or(attention + "q_lora_rank", 0, 0, kMostColumns));
    if (file.tensor("blk.0.attn_q.weight") != nullptr) // some Lite models announce a rank all the same
        latent.queryRank = 0;
    HEARTH_TRY(latent.rank, file.int32(attention + "kv_lora_rank", 1, kMostColumns));
    // Files with split k_b and v_b describe the compressed cache in key_length; the heads' own widths stand beside it.
    HEARTH_TRY(const std::int32_t keyColumns,
               file.int32Or(attention + "key_length_mla", spec.keyColumns, 1, kMostColumns));
    HEARTH_TRY(latent.valueColumns, file.int32Or(attention + "value_length_mla", spec.valueColumns, 1, kMostColumns));
    latent.ropeColumns = spec.rope.dimensions;
    latent.contentColumns = keyColumns - latent.ropeColumns;
    if (latent.contentColumns < 1)
        return Error{ErrorCode::Corrupt, file.path().string() + ": heads of " + std::to_string(keyColumns)
                                             + " columns cannot hold " + std::to_string(latent.ropeColumns)
                                             + " positional ones"};
    HEARTH_CHECK(readAttentionScale(file, keyColumns, yarn, spec));
    // Older files do not say how experts are scored; a correction bias came with the sigmoid.
    const std::string last = "blk." + std::to_string(spec.layers - 1) + ".exp_probs_b.bias";
    const Gating gating = file.tensor(last) != nullptr ? Gating::Sigmoid : Gating::Softmax;
    HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.gating = gating}));
    return spec;
}

Result<ModelSpec> describe(const GgufFile& file) {
    return describeWith(file, YarnOnRope::AsOnScores);
}

/// DeepSeek-V3.2: the same with sparse attention (DeepSeek-V3.2-Exp, 2025).
Result<ModelSpec> describeSparse(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, describeWith(file, YarnOnRope::Usual));
    const std::string prefix = spec.architecture + ".attention.indexer.";
    HEARTH_TRY(spec.indexer.heads, file.int32(prefix + "head_count", 1, 4096));
    HEARTH_TRY(spec.indexer.columns, file.int32(prefix + "key_length", spec.latent.ropeColumns, 8192));
    HEARTH_TRY(spec.indexer.kept, file.int32(prefix + "top_k", 1, 1 << 24));
    if (spec.latent.queryRank == 0)
        return Error{ErrorCode::Corrupt, file.path().string() + ": '" + spec.architecture
                                             + ".attention.q_lora_rank' is 0; the indexer reads compressed queries"};
    return spec;
}

/// W_UK and W_UV of every head: from attn_k_b and attn_v_b, or from the older attn_kv_b, whose rows are, per head, k's
/// then v's.
struct HeadWeights {
    WeightId keyUp = kNoWeight;
    WeightId valueUp = kNoWeight;
    KeyUpLayout keyUpLayout = KeyUpLayout::Direct;
};
HeadWeights headWeights(ProgramBuilder& builder, const LatentSpec& latent, std::int32_t heads) {
    // Files of a time between have both.
    if (builder.has("attn_k_b.weight") || !builder.has("attn_kv_b.weight"))
        return {builder.weight("attn_k_b.weight", {latent.contentColumns, latent.rank, heads}),
                builder.weight("attn_v_b.weight", {latent.rank, latent.valueColumns, heads})};
    const std::int32_t rowsPerHead = latent.contentColumns + latent.valueColumns;
    const WeightId both =
        builder.asMatrices(builder.weight("attn_kv_b.weight", {latent.rank, heads * rowsPerHead}), heads);
    return {builder.weightRows(both, 0, latent.contentColumns),
            builder.weightRows(both, latent.contentColumns, latent.valueColumns), KeyUpLayout::Transposed};
}

/// What the indexer of sparse attention projects: its queries from the compressed ones, the rest from the stream.
struct IndexerBuffers {
    BufferId q = kNoBuffer;
    BufferId k = kNoBuffer;
    BufferId weights = kNoBuffer;
};

/// q = W_q n, or W_qb norm(W_qa n); compressed = W_kva n = [latent, positional key].
void addProjections(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t heads, BufferId stream, BufferId q,
                    BufferId compressed, const IndexerBuffers& indexer) {
    const LatentSpec& latent = spec.latent;
    const std::int32_t qColumns = heads * (latent.contentColumns + latent.ropeColumns);
    const Norm norm = builder.norm("attn_norm", NormKind::Rms, spec.hidden, spec.normEpsilon);
    std::vector<Projection> down{
        {builder.linear("attn_kv_a_mqa", spec.hidden, latent.rank + latent.ropeColumns), compressed}};
    if (latent.queryRank == 0) {
        down.push_back({builder.linear("attn_q", spec.hidden, qColumns), q});
        builder.add(NormProject{stream, norm, std::move(down)});
        return;
    }
    const BufferId compressedQ = builder.buffer("compressed q", latent.queryRank);
    down.push_back({builder.linear("attn_q_a", spec.hidden, latent.queryRank), compressedQ});
    std::vector<Projection> up{{builder.linear("attn_q_b", latent.queryRank, qColumns), q}};
    if (indexer.q != kNoBuffer) {
        const IndexerSpec& widths = spec.indexer;
        down.push_back({builder.linear("indexer.attn_k", spec.hidden, widths.columns), indexer.k});
        down.push_back({builder.linear("indexer.proj", spec.hidden, widths.heads), indexer.weights});
        up.push_back({builder.linear("indexer.attn_q_b", latent.queryRank, widths.heads * widths.columns), indexer.q});
    }
    builder.add(NormProject{stream, norm, std::move(down)});
    builder.add(NormProject{
        compressedQ, builder.norm("attn_q_a_norm", NormKind::Rms, latent.queryRank, spec.normEpsilon), std::move(up)});
}

/// Stores the indexer's key and chooses the slots that each row attends to. Its rope turns halves, at the front of a
/// head, by the angles of the attention's.
BufferId addIndexer(ProgramBuilder& builder, const ModelSpec& spec, const IndexerBuffers& buffers) {
    constexpr float kEpsilon = 1e-6F; // of its LayerNorm; the files do not say it
    const IndexerSpec& indexer = spec.indexer;
    Rope rope = spec.rope;
    rope.layout = RopeLayout::Halves;
    const CacheId cache = builder.cache(1, indexer.columns, 0);
    const BufferId slots = builder.buffer("attended slots", indexer.kept, DType::I32);
    builder.add(RopeStore{.q = buffers.q,
                          .k = buffers.k,
                          .queryHeads = indexer.heads,
                          .keyHeads = 1,
                          .headColumns = indexer.columns,
                          .kNorm = builder.norm("indexer.k_norm", NormKind::Layer, indexer.columns, kEpsilon),
                          .rope = rope,
                          .cache = cache});
    builder.add(SelectSlots{.q = buffers.q,
                            .weights = buffers.weights,
                            .cache = cache,
                            .heads = indexer.heads,
                            .headColumns = indexer.columns,
                            .count = indexer.kept,
                            .slots = slots});
    return slots;
}

/// Where a context holds no more than the indexer keeps, it would choose everything. The layer for multi-token
/// prediction attends to everything anyway.
IndexerBuffers indexerBuffers(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer) {
    const IndexerSpec& indexer = spec.indexer;
    if (indexer.heads == 0)
        return {};
    const bool fits = builder.contextTokens() > 0 && builder.contextTokens() <= indexer.kept;
    if (fits || layer >= spec.layers) {
        for (const char* name : {"attn_k.weight", "attn_q_b.weight", "proj.weight", "k_norm.weight", "k_norm.bias"})
            builder.leaveOut("indexer." + std::string(name));
        return {};
    }
    return {builder.buffer("indexer q", indexer.heads * indexer.columns), builder.buffer("indexer k", indexer.columns),
            builder.buffer("indexer weights", indexer.heads)};
}

void addLatentAttention(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    const LatentSpec& latent = spec.latent;
    const std::int32_t heads = spec.queryHeads[static_cast<std::size_t>(layer)];
    const std::int32_t cachedColumns = latent.rank + latent.ropeColumns;
    const BufferId q = builder.buffer("q", heads * (latent.contentColumns + latent.ropeColumns));
    const BufferId compressed = builder.buffer("compressed", cachedColumns);
    const BufferId absorbed = builder.buffer("absorbed", heads * cachedColumns);
    const BufferId attended = builder.buffer("attended latents", heads * latent.rank);
    const BufferId values = builder.buffer("attended", heads * latent.valueColumns);
    const CacheId cache = builder.cache(1, cachedColumns, 0);
    const HeadWeights weights = headWeights(builder, latent, heads);
    const IndexerBuffers indexer = indexerBuffers(builder, spec, layer);

    addProjections(builder, spec, heads, stream, q, compressed, indexer);
    builder.add(LatentStore{.q = q,
                            .compressed = compressed,
                            .out = absorbed,
                            .heads = heads,
                            .contentColumns = latent.contentColumns,
                            .ropeColumns = latent.ropeColumns,
                            .rank = latent.rank,
                            .latentNorm = builder.norm("attn_kv_a_norm", NormKind::Rms, latent.rank, spec.normEpsilon),
                            .keyUp = weights.keyUp,
                            .keyUpLayout = weights.keyUpLayout,
                            .rope = spec.rope,
                            .cache = cache});
    const BufferId slots = indexer.q == kNoBuffer ? kNoBuffer : addIndexer(builder, spec, indexer);
    builder.add(Attention{.q = absorbed,
                          .out = attended,
                          .cache = cache,
                          .queryHeads = heads,
                          .keyHeads = 1,
                          .headColumns = cachedColumns,
                          .valueColumns = latent.rank,
                          .scale = spec.attentionScale,
                          .slots = slots});
    builder.add(HeadProject{attended, weights.valueUp, values});
    builder.add(ProjectResidual{values,
                                builder.linear("attn_output", heads * latent.valueColumns, spec.hidden),
                                {},
                                stream,
                                spec.residualScale});
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addLatentAttention(builder, spec, layer, stream);
    if (layer < spec.experts.leadingDense)
        addFeedForward(builder, spec, layer, stream, {});
    else
        addExperts(builder, spec, spec.experts, stream, {});
}

} // namespace

const ModelFamily kDeepseek2Family{"deepseek2", describe, buildLayer};
const ModelFamily kDeepseek32Family{"deepseek32", describeSparse, buildLayer};

} // namespace hearth
