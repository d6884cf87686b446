#include "engine/models/blocks.h"
#include "engine/models/families.h"

// OLMoE (arXiv 2409.02060): q and k are normalised over all heads together; the chosen probabilities are not
// normalised. feed_forward_length is one expert's width.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Halves));
    HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.normalise = Normalise::No}));
    return spec;
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addAttention(builder, spec, layer, stream, {.rope = spec.rope, .scale = spec.attentionScale});
    addExperts(builder, spec, spec.experts, stream, {});
}

} // namespace

const ModelFamily kOlmoeFamily{"olmoe", describe, buildLayer};

} // namespace hearth
