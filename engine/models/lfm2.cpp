#include "engine/models/blocks.h"
#include "engine/models/families.h"

// LFM2, dense and with experts (Liquid AI, arXiv 2511.23404): gated short convolutions where a layer has no key heads,
// grouped-query attention with norms on q and k in the others. The final norm is named token_embd_norm.

namespace hearth {

namespace {

Result<ModelSpec> describeLayers(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, RopeLayout::Halves, LayersWithoutKeys::Allowed));
    HEARTH_TRY(spec.recurrent.taps, file.int32(spec.architecture + ".shortconv.l_cache", 2, 64));
    for (const std::int32_t heads : spec.keyHeads)
        spec.recurrent.isRecurrent.push_back(heads == 0);
    HEARTH_TRY(spec.window, file.int32Or(spec.architecture + ".attention.sliding_window", 0, 0, 1 << 28));
    spec.outputNorm = "token_embd_norm";
    return spec;
}

Result<ModelSpec> describeDense(const GgufFile& file) {
    return describeLayers(file);
}

Result<ModelSpec> describeMixture(const GgufFile& file) {
    HEARTH_TRY(ModelSpec spec, describeLayers(file));
    HEARTH_TRY(spec.experts, readExpertSpec(file, spec, {.gating = Gating::Sigmoid, .normalise = Normalise::Yes}));
    return spec;
}

/// x += W_out (c * convolution(b * y)), [b, c, y] = W_in norm(x).
void addShortConvolution(ProgramBuilder& builder, const ModelSpec& spec, BufferId stream) {
    const BufferId mixed = builder.buffer("b, c and x", 3 * spec.hidden);
    const BufferId out = builder.buffer("convolved", spec.hidden);
    builder.add(NormProject{stream,
                            builder.norm("attn_norm", NormKind::Rms, spec.hidden, spec.normEpsilon),
                            {{builder.linear("shortconv.in_proj", spec.hidden, 3 * spec.hidden), mixed}}});
    builder.add(
        ShortConvolution{.in = mixed,
                         .out = out,
                         .convolution = builder.weight("shortconv.conv.weight", {spec.recurrent.taps, spec.hidden}),
                         .state = builder.state(std::int64_t{spec.recurrent.taps - 1} * spec.hidden)});
    builder.add(ProjectResidual{
        out, builder.linear("shortconv.out_proj", spec.hidden, spec.hidden), {}, stream, spec.residualScale});
}

void buildLayer(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream) {
    if (spec.recurrent.isRecurrent[static_cast<std::size_t>(layer)])
        addShortConvolution(builder, spec, stream);
    else
        addAttention(builder, spec, layer, stream,
                     {.rope = spec.rope, .scale = spec.attentionScale, .window = spec.window});
    if (spec.experts.experts > 0 && layer >= spec.experts.leadingDense)
        addExperts(builder, spec, spec.experts, stream, {});
    else
        addFeedForward(builder, spec, layer, stream, {});
}

} // namespace

const ModelFamily kLfm2Family{"lfm2", describeDense, buildLayer};
const ModelFamily kLfm2MoeFamily{"lfm2moe", describeMixture, buildLayer};

} // namespace hearth
