#include "engine/models/blocks.h"
#include "engine/models/families.h"

#include <cmath>

// Gemma 2 (arXiv 2408.00118) and Gemma 3 (arXiv 2503.19786): embeddings times sqrt(hidden), norms before and after each
// block, GELU, windowed layers between full ones. Gemma 2 caps scores and logits; Gemma 3 normalises q and k and turns
// windowed layers by a smaller base. Norm weights are stored with the 1 added.

namespace hearth {

namespace {

// The 27B models divide by hidden / heads instead of the head's width; their files do not say so, and the number of
// layers is the only thing that tells them from the others.
constexpr std::int32_t kGemma2LargeLayers = 46;
constexpr std::int32_t kGemma3LargeLayers = 62;

Result<ModelSpec> describeWith(const GgufFile& file, std::int32_t largeLayers, const WindowDefaults& windows) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Halves));
    HEARTH_CHECK(readWindows(file, spec, windows));
    spec.embeddingScale = std::sqrt(static_cast<float>(spec.hidden));
    if (spec.layers == largeLayers)
        spec.attentionScale = 1.0F / std::sqrt(static_cast<float>(spec.hidden / spec.queryHeads.front()));
    return spec;
}

Result<ModelSpec> describeGemma2(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, describeWith(file, kGemma2LargeLayers, {.window = 4096, .period = 2}));
    HEARTH_TRY(spec.attentionSoftCap, readSoftCap(file, "gemma2.attn_logit_softcapping", 50.0F));
    HEARTH_TRY(spec.logitSoftCap, readSoftCap(file, "gemma2.final_logit_softcapping", 30.0F));
    return spec;
}

Result<ModelSpec> describeGemma3(const GgufFile& file) {
    constexpr float kWindowedBase = 10000.0F;
    HEARTH_TRY(ModelSpec spec, describeWith(file, kGemma3LargeLayers, {.period = 6, .swaBase = kWindowedBase}));
    spec.windowedRope.frequencyScale = 1.0F; // only full layers are stretched
    HEARTH_TRY(spec.logitSoftCap, readSoftCap(file, "gemma3.final_logit_softcapping", 0.0F));
    return spec;
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    const bool isWindowed = spec.isWindowed[static_cast<std::size_t>(layer)];
    addAttention(builder, spec, layer, stream,
                 {.rope = isWindowed ? spec.windowedRope : spec.rope,
                  .scale = spec.attentionScale,
                  .window = isWindowed ? spec.window : 0,
                  .softCap = spec.attentionSoftCap,
                  .postNorm = "post_attention_norm"});
    addFeedForward(builder, spec, layer, stream, {.activation = Activation::GeluTanh, .postNorm = "post_ffw_norm"});
}

} // namespace

const ModelFamily kGemma2Family{"gemma2", describeGemma2, buildLayer};
const ModelFamily kGemma3Family{"gemma3", describeGemma3, buildLayer};

} // namespace hearth
