#include "engine/models/blocks.h"
#include "engine/models/families.h"

// Llama (arXiv 2302.13971, 2407.21783), Mistral, SmolLM, and Mixtral's experts (arXiv 2401.04088): pre-norm blocks,
// grouped-query attention with rotary positions on neighbouring pairs, SwiGLU.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Neighbours));
    HEARTH_TRY(const std::int32_t experts, file.int32Or("llama.expert_count", 0, 0, 1 << 16));
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

const ModelFamily kLlamaFamily{"llama", describe, buildLayer};

} // namespace hearth
