#include "engine/models/blocks.h"
#include "engine/models/families.h"

// Qwen2-MoE (arXiv 2407.10671) and Qwen3-MoE (arXiv 2505.09388): the dense models' attention with a mixture of experts;
// Qwen2's has a gated shared expert and leaves the chosen probabilities as they are, Qwen3's normalises them.

namespace hearth {

namespace {

Result<ModelSpec> describeWith(const GgufFile& file, Normalise normalise) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Halves));
    HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.inner = ExpertSpec::kShareOfDense, .normalise = normalise}));
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

/// The text part of Qwen3-VL (arXiv 2511.21631): positions on three axes; the first layers' outputs get further rows of
/// the picture added (deepstack).
Result<ModelSpec> describeQwen3Vl(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, describeWith(file, Normalise::Yes));
    HEARTH_CHECK(readSections(file, spec.architecture, SectionOrder::Interleaved, spec.rope));
    HEARTH_TRY(spec.deepstackLayers, file.int32Or(spec.architecture + ".n_deepstack_layers", 0, 0, spec.layers));
    return spec;
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addAttention(builder, spec, layer, stream, {.rope = spec.rope, .scale = spec.attentionScale});
    addExperts(builder, spec, spec.experts, stream, {});
}

void buildQwen3VlLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    builder.setEmbeddingParts(1 + spec.deepstackLayers);
    buildLayer(builder, spec, layer, stream);
    if (layer < spec.deepstackLayers)
        builder.add(LoadRows{.part = 1 + layer, .out = stream, .store = Store::Add});
}

} // namespace

const ModelFamily kQwen2MoeFamily{"qwen2moe", describeQwen2, buildLayer};
const ModelFamily kQwen3MoeFamily{"qwen3moe", describeQwen3, buildLayer};
const ModelFamily kQwen3VlMoeFamily{"qwen3vlmoe", describeQwen3Vl, buildQwen3VlLayer};

} // namespace hearth
