#include "engine/models/blocks.h"
#include "engine/models/families.h"

// Phi-3 (arXiv 2404.14219): fused q, k, v and fused gate and up; LongRoPE's divisors of the frequencies. Windows that
// files announce are left out: the models answer as well without them, and other engines leave them out too.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    return readDecoderSpec(file, RopeLayout::Halves);
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addAttention(builder, spec, layer, stream, {.rope = ropeWithFactors(builder, spec), .scale = spec.attentionScale});
    addFeedForward(builder, spec, layer, stream, {});
}

} // namespace

const ModelFamily kPhi3Family{"phi3", describe, buildLayer};

} // namespace hearth
