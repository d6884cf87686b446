#include "engine/models/blocks.h"
#include "engine/models/families.h"

// DeepSeekMoE, the first version (arXiv 2401.06066): Llama's attention, dense leading layers, then fine-grained routed
// experts beside shared ones.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Neighbours));
    HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.normalise = Normalise::No}));
    return spec;
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addAttention(builder, spec, layer, stream, {.rope = ropeWithFactors(builder, spec), .scale = spec.attentionScale});
    if (layer < spec.experts.leadingDense)
        addFeedForward(builder, spec, layer, stream, {});
    else
        addExperts(builder, spec, spec.experts, stream, {});
}

} // namespace

const ModelFamily kDeepseekFamily{"deepseek", describe, buildLayer};

} // namespace hearth
