#include "engine/models/blocks.h"
#include "engine/models/encoder_blocks.h"
#include "engine/models/families.h"

// Nomic Embed: BERT with rotary positions. The first (arXiv 2402.01613) has gated SiLU layers, the second
// (arXiv 2502.07972) plain GELU ones. Of each moe_every_n_layers layers the second is a mixture of GELU experts without
// gates, whose chosen probabilities are not normalised.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, readEncoderSpec(file, RopeLayout::Halves));
    HEARTH_TRY(spec.expertPeriod, file.int32Or(spec.architecture + ".moe_every_n_layers", 0, 0, 1 << 16));
    if (spec.expertPeriod > 0) {
        HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.normalise = Normalise::No}));
    }
    return spec;
}

void buildAnyLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream,
                   Activation dense) {
    addEncoderAttention(builder, spec, layer, stream, {.rope = spec.rope});
    if (spec.expertPeriod > 0 && layer % spec.expertPeriod == 1)
        addEncoderExperts(builder, spec, stream, Activation::GeluTanh);
    else
        addEncoderFeedForward(builder, spec, layer, stream, dense);
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    buildAnyLayer(builder, spec, layer, stream, Activation::Silu);
}

void buildMoeLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    buildAnyLayer(builder, spec, layer, stream, Activation::GeluTanh);
}

} // namespace

const ModelFamily kNomicBertFamily{"nomic-bert", describe, buildLayer, ModelKind::Encoder};
const ModelFamily kNomicBertMoeFamily{"nomic-bert-moe", describe, buildMoeLayer, ModelKind::Encoder};

} // namespace hearth
