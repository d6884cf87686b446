#include "engine/models/blocks.h"
#include "engine/models/families.h"

#include <array>

// Qwen3-Next and Qwen3.5 (dense and with experts): gated delta net layers (arXiv 2412.06464) with full attention at
// every fourth; the full attention's output is gated per head (arXiv 2505.06708). Qwen3.5 turns by three axes.

namespace hearth {

namespace {

Result<ModelSpec> describeLayers(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Halves));
    HEARTH_CHECK(readRecurrent(file, spec));
    return spec;
}

Result<ModelSpec> describeQwen35(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, describeLayers(file));
    HEARTH_CHECK(readSections(file, spec.architecture, SectionOrder::Interleaved, spec.rope));
    return spec;
}

Status readExperts(const GgufFile& file, ModelSpec& spec) {
    HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.normalise = Normalise::Yes}));
    if (spec.experts.sharedInner == 0)
        spec.experts.sharedInner = spec.feedForward.front();
    return {};
}

Result<ModelSpec> describeQwen35Moe(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, describeQwen35(file));
    HEARTH_CHECK(readExperts(file, spec));
    return spec;
}

Result<ModelSpec> describeQwen3Next(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, describeLayers(file));
    HEARTH_CHECK(readExperts(file, spec));
    return spec;
}

/// Where a delta net's inputs come from, by which tensors the file has.
struct DeltaInputs {
    BufferId mixed = kNoBuffer;
    BufferId z = kNoBuffer;
    BufferId beta = kNoBuffer;
    BufferId alpha = kNoBuffer;
};

DeltaInputs addProjections(ProgramBuilder& builder, const ModelSpec& spec, BufferId stream) {
    const RecurrentSpec& recurrent = spec.recurrent;
    const std::int32_t valueColumns = recurrent.valueHeads * recurrent.stateColumns;
    const std::int32_t mixedColumns = 2 * recurrent.keyHeads * recurrent.stateColumns + valueColumns;
    DeltaInputs inputs{builder.buffer("mixed", mixedColumns), builder.buffer("z", valueColumns)};
    std::vector<Projection> projections{{builder.linear("attn_qkv", spec.hidden, mixedColumns), inputs.mixed},
                                        {builder.linear("attn_gate", spec.hidden, valueColumns), inputs.z}};
    if (builder.has("ssm_ba.weight")) {
        inputs.beta = builder.buffer("beta and alpha", 2 * recurrent.valueHeads);
        projections.push_back({builder.linear("ssm_ba", spec.hidden, 2 * recurrent.valueHeads), inputs.beta});
    } else {
        inputs.beta = builder.buffer("beta", recurrent.valueHeads);
        inputs.alpha = builder.buffer("alpha", recurrent.valueHeads);
        projections.push_back({builder.linear("ssm_beta", spec.hidden, recurrent.valueHeads), inputs.beta});
        projections.push_back({builder.linear("ssm_alpha", spec.hidden, recurrent.valueHeads), inputs.alpha});
    }
    builder.add(NormProject{stream, builder.norm("attn_norm", NormKind::Rms, spec.hidden, spec.normEpsilon),
                            std::move(projections)});
    return inputs;
}

void addDeltaNet(ProgramBuilder& builder, const ModelSpec& spec, BufferId stream, KeyHeadOf keyHeadOf) {
    const RecurrentSpec& recurrent = spec.recurrent;
    const std::int32_t width = recurrent.stateColumns;
    const std::int32_t valueColumns = recurrent.valueHeads * width;
    const std::int32_t channels = 2 * recurrent.keyHeads * width + valueColumns;
    const BufferId out = builder.buffer("recalled", valueColumns);
    const DeltaInputs inputs = addProjections(builder, spec, stream);
    const std::int64_t history = std::int64_t{recurrent.taps - 1} * channels;
    builder.add(DeltaStep{.mixed = inputs.mixed,
                          .z = inputs.z,
                          .beta = inputs.beta,
                          .alpha = inputs.alpha,
                          .out = out,
                          .keyHeads = recurrent.keyHeads,
                          .valueHeads = recurrent.valueHeads,
                          .stateColumns = width,
                          .keyHeadOf = keyHeadOf,
                          .convolution = builder.weight("ssm_conv1d.weight", {recurrent.taps, channels}),
                          .decay = builder.weight("ssm_a", {recurrent.valueHeads}),
                          .timeBias = builder.weight("ssm_dt.bias", {recurrent.valueHeads}),
                          .norm = builder.norm("ssm_norm", NormKind::Rms, width, spec.normEpsilon),
                          .epsilon = spec.normEpsilon,
                          .state = builder.state(history + std::int64_t{valueColumns} * width)});
    builder.add(
        ProjectResidual{out, builder.linear("ssm_out", valueColumns, spec.hidden), {}, stream, spec.residualScale});
}

void buildLayerWith(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream,
                    KeyHeadOf keyHeadOf) {
    if (spec.recurrent.isRecurrent[static_cast<std::size_t>(layer)])
        addDeltaNet(builder, spec, stream, keyHeadOf);
    else
        addAttention(builder, spec, layer, stream,
                     {.rope = spec.rope, .scale = spec.attentionScale, .gate = QueryGate::PerHead});
    if (spec.experts.experts > 0)
        addExperts(builder, spec, spec.experts, stream, {.norm = "post_attention_norm"});
    else
        addFeedForward(builder, spec, layer, stream, {.norm = "post_attention_norm"});
}

void buildQwen35Layer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    buildLayerWith(builder, spec, layer, stream, KeyHeadOf::Modulo);
}

void buildQwen3NextLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    buildLayerWith(builder, spec, layer, stream, KeyHeadOf::Divide);
}

} // namespace

const ModelFamily kQwen35Family{"qwen35", describeQwen35, buildQwen35Layer};
const ModelFamily kQwen35MoeFamily{"qwen35moe", describeQwen35Moe, buildQwen35Layer};
const ModelFamily kQwen3NextFamily{"qwen3next", describeQwen3Next, buildQwen3NextLayer};

} // namespace hearth
