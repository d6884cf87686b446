#include "engine/models/blocks.h"
#include "engine/models/families.h"

// Phi-3 (arXiv 2404.14219): fused q, k, v and fused gate and up. LongRoPE (arXiv 2402.13753): one set of frequency
// divisors up to the original context, another for contexts beyond it; the context's size decides, not the prompt's.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    return readDecoderSpec(file, RopeLayout::Halves);
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    const bool isLong = builder.contextTokens() > spec.rope.originalContext;
    Rope rope = spec.rope;
    const WeightId longFactors = builder.optionalModelWeight("rope_factors_long.weight", {rope.dimensions / 2});
    const WeightId shortFactors = builder.optionalModelWeight("rope_factors_short.weight", {rope.dimensions / 2});
    rope.factors = isLong ? longFactors : shortFactors;
    addAttention(builder, spec, layer, stream, {.rope = rope, .scale = spec.attentionScale});
    addFeedForward(builder, spec, layer, stream, {});
}

} // namespace

const ModelFamily kPhi3Family{"phi3", describe, buildLayer};

} // namespace hearth
