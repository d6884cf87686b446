#include "engine/models/blocks.h"
#include "engine/models/families.h"

// Qwen2-MoE (arXiv 2407.10671) and Qwen3-MoE (arXiv 2505.09388): the dense models' attention with a mixture of experts;
// Qwen2's has a gated shared expert and leaves the chosen probabilities as they are, Qwen3's normalises them.

namespace hearth {

namespace {

Result<ModelSpec> describeWith(const GgufFile& file, Normalise normalise) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Halves));
    HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.normalise = normalise}));
    return spec;
}

Result<ModelSpec> describeQwen2(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, describeWith(file, Normalise::No));
    if (spec.experts.sharedInner == 0) // files of before the key existed
        spec.experts.sharedInner = spec.feedForward.front();
    return spec;
}

Result<ModelSpec> describeQwen3(const GgufFile& file) {
    return describeWith(file, Normalise::Yes);
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addAttention(builder, spec, layer, stream, {.rope = spec.rope, .scale = spec.attentionScale});
    addExperts(builder, spec, spec.experts, stream, {});
}

} // namespace

const ModelFamily kQwen2MoeFamily{"qwen2moe", describeQwen2, buildLayer};
const ModelFamily kQwen3MoeFamily{"qwen3moe", describeQwen3, buildLayer};

} // namespace hearth
