#include "engine/models/model_family.h"

#include "engine/models/families.h"

#include <array>

namespace hearth {

std::span<const ModelFamily> modelFamilies() {
    static const std::array families{
        kDeepseek2Family, kDeepseekFamily, kGemma2Family,     kGemma3Family,     kGlm4MoeFamily,
        kGptOssFamily,    kGraniteFamily,  kGraniteMoeFamily, kLlamaFamily,      kOlmoeFamily,
        kPhi3Family,      kQwen2Family,    kQwen2MoeFamily,   kQwen35Family,     kQwen35MoeFamily,
        kQwen3Family,     kQwen3MoeFamily, kQwen3NextFamily,  kQwen3VlMoeFamily,
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
                             ProgramBuilder::Limits limits) {
    ProgramBuilder builder(file, limits);
    const WeightId table = builder.weight("token_embd.weight", {spec.hidden, spec.vocabulary});
    const BufferId stream = builder.buffer("stream", spec.hidden);
    builder.add(EmbedRows{table, stream, spec.embeddingScale});

    for (std::int32_t layer = 0; layer < spec.layers; ++layer) {
        builder.enterLayer(layer);
        family.buildLayer(builder, spec, layer, stream);
    }
    builder.leaveLayer();

    const Norm norm = builder.norm("output_norm", NormKind::Rms, spec.hidden, spec.normEpsilon);
    const WeightId own = builder.optionalWeight("output.weight", {spec.hidden, spec.vocabulary});
    const BufferId logits = builder.buffer("logits", spec.vocabulary);
    builder.add(Logits{.in = stream,
                       .norm = norm,
                       .linear = {own == kNoWeight ? table : own, kNoWeight},
                       .out = logits,
                       .scale = spec.logitScale,
                       .softCap = spec.logitSoftCap});
    builder.setOutput(logits);
    return builder.finish();
}

} // namespace hearth
