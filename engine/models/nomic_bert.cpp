#include "engine/models/blocks.h"
#include "engine/models/encoder_blocks.h"
#include "engine/models/families.h"

// Nomic Embed: BERT with rotary positions. The first (arXiv 2402.01613) has gated SiLU layers; the second
// (arXiv 2502.07972) plain GELU ones, of which every moe_every_n_layers-th is a mixture without gates, whose chosen
// probabilities are not normalised.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    return readEncoderSpec(file, RopeLayout::Halves);
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addEncoderAttention(builder, spec, layer, stream, {.rope = spec.rope});
    addEncoderFeedForward(builder, spec, layer, stream, Activation::Silu);
}

Result<ModelSpec> describeMoe(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, describe(file));
    HEARTH_TRY(spec.expertPeriod, file.int32Or(spec.architecture + ".moe_every_n_layers", 0, 0, 1 << 16));
    if (spec.expertPeriod > 0) {
        HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.normalise = Normalise::No}));
    }
    return spec;
}

void buildMoeLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addEncoderAttention(builder, spec, layer, stream, {.rope = spec.rope});
    if (spec.expertPeriod > 0 && layer % spec.expertPeriod == 1)
        addEncoderExperts(builder, spec, stream, Activation::GeluTanh);
    else
        addEncoderFeedForward(builder, spec, layer, stream, Activation::GeluTanh);
}

} // namespace

const ModelFamily kNomicBertFamily{"nomic-bert", describe, buildLayer, ModelKind::Encoder};
const ModelFamily kNomicBertMoeFamily{"nomic-bert-moe", describeMoe, buildMoeLayer, ModelKind::Encoder};

} // namespace hearth
