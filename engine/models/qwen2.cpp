#include "engine/models/blocks.h"
#include "engine/models/families.h"

// Qwen2 (arXiv 2407.10671): Llama's blocks with rotary positions on halves and biases on q, k and v.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    return readDecoderSpec(file, RopeLayout::Halves);
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addAttention(builder, spec, layer, stream, {.rope = spec.rope, .scale = spec.attentionScale});
    addFeedForward(builder, spec, layer, stream, {});
}

} // namespace

const ModelFamily kQwen2Family{"qwen2", describe, buildLayer};

} // namespace hearth
