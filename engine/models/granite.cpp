#include "engine/models/blocks.h"
#include "engine/models/families.h"

// Granite 3 and its mixtures (IBM Granite 3.0 language models, 2024): Llama with factors on embeddings, residuals,
// attention scores and logits (the last is a divisor). rope.scaling.finetuned false means no positions at all.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Neighbours));
    const std::string prefix = spec.architecture + ".";
    HEARTH_TRY(const float divisor, file.float32Or(prefix + "logit_scale", 1.0F));
    HEARTH_TRY(const float residual, file.float32Or(prefix + "residual_scale", 1.0F));
    HEARTH_TRY(const float embedding, file.float32Or(prefix + "embedding_scale", 1.0F));
    HEARTH_TRY(const bool turns, file.boolOr(prefix + "rope.scaling.finetuned", true));
    // 0 stands for "not used" in these files.
    spec.logitScale = divisor == 0.0F ? 1.0F : 1.0F / divisor;
    spec.residualScale = residual == 0.0F ? 1.0F : residual;
    spec.embeddingScale = embedding == 0.0F ? 1.0F : embedding;
    if (!turns)
        spec.rope.layout = RopeLayout::None;
    HEARTH_TRY(const std::int32_t experts, file.int32Or(prefix + "expert_count", 0, 0, 1 << 16));
    if (experts > 0) {
        HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.normalise = Normalise::Yes}));
    }
    return spec;
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addAttention(builder, spec, layer, stream, {.rope = ropeWithFactors(builder, spec), .scale = spec.attentionScale});
    if (spec.experts.experts > 0)
        addExperts(builder, spec, spec.experts, stream, {});
    else
        addFeedForward(builder, spec, layer, stream, {});
}

} // namespace

const ModelFamily kGraniteFamily{"granite", describe, buildLayer};
const ModelFamily kGraniteMoeFamily{"granitemoe", describe, buildLayer};

} // namespace hearth
