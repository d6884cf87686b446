#include "engine/models/model_family.h"

#include "engine/models/families.h"

#include <algorithm>
#include <array>

namespace hearth {

namespace {

constexpr const char* kFinalStates = "final states";

/// The final norm and the output matrix. Where the states are kept, they are normalised in all rows, not only in those
/// whose logits are wanted.
void addLogits(ProgramBuilder& builder, const ModelSpec& spec, BufferId stream, const Norm& norm, WeightId output,
               FinalStates states) {
    const BufferId logits = builder.buffer("logits", spec.vocabulary);
    const bool keepsStates = states == FinalStates::Kept;
    const BufferId final = keepsStates ? builder.buffer(kFinalStates, spec.hidden) : stream;
    if (keepsStates) {
        builder.add(NormRows{.in = stream, .norm = norm, .out = final});
        builder.keep(final);
    }
    builder.add(Logits{.in = final,
                       .norm = keepsStates ? Norm{} : norm,
                       .linear = {output, builder.optionalModelWeight("output.bias", {spec.vocabulary})},
                       .out = logits,
                       .scale = spec.logitScale,
                       .softCap = spec.logitSoftCap});
    builder.setOutput(logits);
}

} // namespace

std::span<const ModelFamily> modelFamilies() {
    static const std::array families{
        kBertFamily,       kDeepseek2Family,  kDeepseek32Family,   kDeepseekFamily,  kGemma2Family,
        kGemma3Family,     kGemma4Family,     kGlm4MoeFamily,      kGptOssFamily,    kGraniteFamily,
        kGraniteMoeFamily, kJinaBertV2Family, kJinaBertV3Family,   kLfm2Family,      kLfm2MoeFamily,
        kLlamaFamily,      kNomicBertFamily,  kNomicBertMoeFamily, kOlmoeFamily,     kPhi3Family,
        kQwen2Family,      kQwen2MoeFamily,   kQwen35Family,       kQwen35MoeFamily, kQwen3Family,
        kQwen3MoeFamily,   kQwen3NextFamily,  kQwen3VlMoeFamily,
    };
    return families;
}

Result<const ModelFamily*> familyOf(const GgufFile& file) {
    HEARTH_TRY(const std::string architecture, file.string("general.architecture"));
    std::string known;
    for (const ModelFamily& family : modelFamilies()) {
        if (family.architecture == architecture)
            return &family;
        known += (known.empty() ? "" : ", ") + std::string(family.architecture);
    }
    return Error{ErrorCode::Unsupported,
                 file.path().string() + ": the architecture '" + architecture + "' is not known; known: " + known};
}

Result<Program> buildDecoder(const GgufFile& file, const ModelFamily& family, const ModelSpec& spec,
                             ProgramBuilder::Limits limits, FinalStates states) {
    if (family.kind == ModelKind::Encoder)
        return Error{ErrorCode::Unsupported, file.path().string() + ": '" + std::string(family.architecture)
                                                 + "' is an encoder: it turns texts into vectors and cannot write"};
    ProgramBuilder builder(file, limits);
    const WeightId table = builder.weight("token_embd.weight", {spec.hidden, spec.vocabulary});
    const BufferId stream = builder.buffer("stream", spec.hidden);
    builder.add(EmbedRows{table, stream, spec.embeddingScale});

    for (std::int32_t layer = 0; layer < spec.layers; ++layer) {
        builder.enterLayer(layer);
        family.buildLayer(builder, spec, layer, stream);
    }
    builder.leaveLayer();

    const Norm norm = builder.norm(spec.outputNorm, NormKind::Rms, spec.hidden, spec.normEpsilon);
    const WeightId own = builder.optionalWeight("output.weight", {spec.hidden, spec.vocabulary});
    addLogits(builder, spec, stream, norm, own == kNoWeight ? table : own, states);
    builder.requireAllAsked(spec.layers, spec.predictionLayers);
    return builder.finish();
}

BufferId finalStates(const Program& program) {
    const auto isStates = [&](BufferId kept) {
        return program.buffers[static_cast<std::size_t>(kept)].name == kFinalStates;
    };
    const auto found = std::ranges::find_if(program.kept, isStates);
    return found == program.kept.end() ? kNoBuffer : *found;
}

bool hasPredictionLayer(const GgufFile& file, const ModelSpec& spec) {
    return spec.predictionLayers > 0
           && file.tensor("blk." + std::to_string(spec.layers) + ".nextn.eh_proj.weight") != nullptr;
}

Result<Program> buildPredictionLayer(const GgufFile& file, const ModelFamily& family, const ModelSpec& spec,
                                     ProgramBuilder::Limits limits, const Program& decoder) {
    ProgramBuilder builder(file, limits);
    builder.shareTables(decoder);
    const WeightId modelTable = builder.weight("token_embd.weight", {spec.hidden, spec.vocabulary});
    const WeightId modelOutput = builder.optionalWeight("output.weight", {spec.hidden, spec.vocabulary});
    const Norm modelNorm = builder.norm(spec.outputNorm, NormKind::Rms, spec.hidden, spec.normEpsilon);
    builder.enterLayer(spec.layers);
    const WeightId ownTable = builder.optionalWeight("nextn.embed_tokens.weight", {spec.hidden, spec.vocabulary});
    const WeightId ownOutput = builder.optionalWeight("nextn.shared_head_head.weight", {spec.hidden, spec.vocabulary});

    const BufferId stream = builder.buffer("stream", spec.hidden);
    const BufferId state = builder.buffer("state", spec.hidden);
    const BufferId both = builder.buffer("embedding and state", 2 * spec.hidden);
    builder.add(EmbedRows{ownTable == kNoWeight ? modelTable : ownTable, stream, spec.embeddingScale});
    builder.add(LoadRows{.out = state, .which = EmbeddingRows::All});
    builder.add(NormRows{
        .in = stream, .norm = builder.norm("nextn.enorm", NormKind::Rms, spec.hidden, spec.normEpsilon), .out = both});
    builder.add(NormRows{.in = state,
                         .norm = builder.norm("nextn.hnorm", NormKind::Rms, spec.hidden, spec.normEpsilon),
                         .out = both,
                         .outColumn = spec.hidden});
    builder.add(NormProject{both, {}, {{builder.linear("nextn.eh_proj", 2 * spec.hidden, spec.hidden), stream}}});
    family.buildLayer(builder, spec, spec.layers, stream);

    const bool hasNorm = builder.has("nextn.shared_head_norm.weight");
    const Norm norm =
        hasNorm ? builder.norm("nextn.shared_head_norm", NormKind::Rms, spec.hidden, spec.normEpsilon) : modelNorm;
    const WeightId sharedOutput = modelOutput == kNoWeight ? modelTable : modelOutput;
    addLogits(builder, spec, stream, norm, ownOutput == kNoWeight ? sharedOutput : ownOutput, FinalStates::Kept);
    if (spec.predictionLayers == 1)
        builder.requireAllAsked(0, spec.layers);
    return builder.finish();
}

} // namespace hearth
