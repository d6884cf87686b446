#include "engine/models/blocks.h"
#include "engine/models/families.h"

// gpt-oss (OpenAI gpt-oss model card, arXiv 2508.10925): attention sinks, every other layer windowed, biases
// everywhere, clamped SwiGLU experts whose weights are a softmax over the chosen scores.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Halves));
    HEARTH_CHECK(readWindows(file, spec, {.window = 128, .period = 2}));
    HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.gating = Gating::SoftmaxOfChosen}));
    return spec;
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    const bool isWindowed = spec.isWindowed[static_cast<std::size_t>(layer)];
    addAttention(builder, spec, layer, stream,
                 {.rope = isWindowed ? spec.windowedRope : spec.rope,
                  .scale = spec.attentionScale,
                  .window = isWindowed ? spec.window : 0,
                  .hasSinks = true});
    addExperts(builder, spec, spec.experts, stream,
               {.norm = "post_attention_norm", .activation = Activation::SwigluClamped});
}

} // namespace

const ModelFamily kGptOssFamily{"gpt-oss", describe, buildLayer};

} // namespace hearth
