#include "engine/models/blocks.h"
#include "engine/models/families.h"

// Qwen3 (arXiv 2505.09388): Qwen2 without biases, with a norm on every head of q and k.

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

const ModelFamily kQwen3Family{"qwen3", describe, buildLayer};

} // namespace hearth
