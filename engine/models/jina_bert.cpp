#include "engine/models/encoder_blocks.h"
#include "engine/models/families.h"

// Jina Embeddings: BERT without learned positions. Version 2 (arXiv 2310.19923) has ALiBi in both directions and gated
// GELU layers; version 3 (arXiv 2409.10173) is an XLM-RoBERTa with rotary positions.

namespace hearth {

namespace {

/// Of the published models (arXiv 2108.12409).
constexpr float kAlibiMaxBias = 8.0F;

Result<ModelSpec> describeV2(const GgufFile& file) {
    return readEncoderSpec(file, RopeLayout::None);
}

void buildLayerV2(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addEncoderAttention(builder, spec, layer, stream, {.alibiMaxBias = kAlibiMaxBias});
    addEncoderFeedForward(builder, spec, layer, stream, Activation::GeluTanh);
}

Result<ModelSpec> describeV3(const GgufFile& file) {
    return readEncoderSpec(file, RopeLayout::Halves);
}

void buildLayerV3(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addEncoderAttention(builder, spec, layer, stream, {.rope = spec.rope});
    addEncoderFeedForward(builder, spec, layer, stream, Activation::GeluTanh);
}

} // namespace

const ModelFamily kJinaBertV2Family{"jina-bert-v2", describeV2, buildLayerV2, ModelKind::Encoder};
const ModelFamily kJinaBertV3Family{"jina-bert-v3", describeV3, buildLayerV3, ModelKind::Encoder};

} // namespace hearth
