#include "engine/models/encoder_blocks.h"
#include "engine/models/families.h"

// BERT (arXiv 1810.04805) and what is built alike: MiniLM, BGE, XLM-RoBERTa (whose positions lose their two unused
// leading rows when the file is made). Positions are learned. GELU is the tanh form, as other engines read these files;
// the papers' erf form differs from it by about 1e-3.

namespace hearth {

namespace {

Result<ModelSpec> describe(const GgufFile& file) {
    if (file.tensor("position_embd.weight") == nullptr)
        return Error{ErrorCode::NotFound, file.path().string() + ": the tensor 'position_embd.weight' is missing"};
    return readEncoderSpec(file, RopeLayout::None);
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    addEncoderAttention(builder, spec, layer, stream, {});
    addEncoderFeedForward(builder, spec, layer, stream, Activation::GeluTanh);
}

} // namespace

const ModelFamily kBertFamily{"bert", describe, buildLayer, ModelKind::Encoder};

} // namespace hearth
