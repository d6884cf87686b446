#include "engine/models/blocks.h"
#include "engine/models/families.h"

// GLM-4.5 (arXiv 2508.06471): partial rotary positions, optional norms on q and k, dense leading layers, then experts
// chosen by sigmoid scores with a correction bias. The norm before the experts is named post_attention_norm.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Halves));
    HEARTH_TRY(spec.experts,
               readExpertSpec(file, spec, {.inner = ExpertSpec::kShareOfDense, .gating = Gating::Sigmoid}));
    // The models that see have three axes; files of others may say so with zeros.
    const std::string sections = spec.architecture + ".rope.dimension_sections";
    const auto axes = file.int32PerLayer(sections, 4, 0, spec.rope.dimensions);
    if (axes && (*axes)[0] > 0 && (*axes)[1] > 0)
        HEARTH_CHECK(readSections(file, spec.architecture, SectionOrder::Together, spec.rope));
    return spec;
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addAttention(builder, spec, layer, stream, {.rope = spec.rope, .scale = spec.attentionScale});
    if (layer < spec.experts.leadingDense)
        addFeedForward(builder, spec, layer, stream, {.norm = "post_attention_norm"});
    else
        addExperts(builder, spec, spec.experts, stream, {.norm = "post_attention_norm"});
}

} // namespace

const ModelFamily kGlm4MoeFamily{"glm4moe", describe, buildLayer};

} // namespace hearth
