#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/dump_file.h"
#include "app/cli/engine_options.h"
#include "app/cli/logits_case.h"
#include "app/cli/models_folder.h"
#include "engine/gguf/gguf_file.h"
#include "engine/models/model_family.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"

#include <algorithm>
#include <filesystem>
#include <memory>

namespace hearth::cli {
namespace {

/// Without a context in the options or the tokens file, a model's own one is bounded to this.
constexpr std::int32_t kMostContext = 8192;
constexpr std::int32_t kPrefillRows = 512;

/// A model without its text: logits are computed from token ids.
struct LoadedModel {
    std::filesystem::path path;
    std::unique_ptr<GgufFile> file;
    std::vector<std::unique_ptr<Adapter>> adapters;
    std::unique_ptr<Decoder> decoder;
};

Result<LoadedModel> load(const Arguments& arguments, const LogitsCase& wanted, Prediction prediction) {
    HEARTH_TRY(const EngineOptions options, readDeviceOptions(arguments));
    LoadedModel model;
    HEARTH_TRY(model.path, findModel(arguments.positionals().empty() ? "" : arguments.positionals()[0]));
    HEARTH_TRY(model.file, GgufFile::open(model.path));
    HEARTH_TRY(const ModelFamily* const family, familyOf(*model.file));
    HEARTH_TRY(const ModelSpec spec, family->describe(*model.file));
    const std::int32_t asked = arguments.has("--ctx") ? arguments.int32("--ctx") : wanted.contextTokens;
    if (asked > spec.trainedContext)
        return Error{ErrorCode::InvalidInput, model.path.string() + ": a context of " + std::to_string(asked)
                                                  + " tokens was asked for; this model holds 1 to "
                                                  + std::to_string(spec.trainedContext)};
    const std::int32_t context = asked > 0 ? asked : std::min(spec.trainedContext, kMostContext);
    HEARTH_TRY(auto backend, openDevice(options.device, options.threads));
    HEARTH_TRY(const std::vector<AdapterChoice> choices, readAdapters(arguments));
    std::vector<float> scales;
    for (const AdapterChoice& choice : choices) {
        HEARTH_TRY(auto adapter, Adapter::open(choice.path, *model.file));
        model.adapters.push_back(std::move(adapter));
        scales.push_back(choice.scale);
    }
    HEARTH_TRY(model.decoder, Decoder::create(*model.file, std::move(backend),
                                              {.contextTokens = context,
                                               .prefillRows = std::min(kPrefillRows, context),
                                               .cacheType = readCacheType(arguments),
                                               .prediction = prediction,
                                               .adapters = model.adapters}));
    HEARTH_CHECK(model.decoder->setAdapterScales(scales));
    return model;
}

Status run(const Arguments& arguments) {
    const std::string caseName = arguments.text("--case");
    HEARTH_TRY(const LogitsCase wanted, readLogitsCase(arguments.text("--tokens"), caseName));
    const bool predicts = caseName == "mtp";
    HEARTH_TRY(const LoadedModel model, load(arguments, wanted, predicts ? Prediction::On : Prediction::Off));
    const auto rows = static_cast<std::int32_t>(wanted.shown.size());
    std::vector<float> logits;
    if (predicts) {
        HEARTH_TRY(PredictionScore score, model.decoder->scorePrediction(wanted.tokens, rows, wanted.states, {}));
        logits = std::move(score.logits);
    } else {
        HEARTH_TRY(logits, model.decoder->score(wanted.request(), {}));
    }
    const std::string out = arguments.text("--out");
    HEARTH_CHECK(writeFloatFile(out, logits));
    const std::size_t columns = logits.size() / wanted.shown.size();
    if (arguments.has("--json"))
        printJson({{"model", model.path.string()},
                   {"device", model.decoder->device().id},
                   {"case", caseName},
                   {"shape", {rows, columns}},
                   {"file", out}});
    else
        printText(std::to_string(rows) + " rows of " + std::to_string(columns) + " logits in " + out + "\n");
    return {};
}

} // namespace

Command logitsCommand() {
    std::vector<Option> options{
        {"--tokens", ValueKind::Text, "FILE", "JSON with \"tokens\", and what a case wants beside them", "", 0, 0,
         Presence::Required},
        {"--case", ValueKind::Choice, "prefill|decode|chunked|mrope|mtp",
         "prefill: the last 8 positions of one prefill; decode: the last 4 tokens one at a time; chunked: a prompt in "
         "pieces; mrope: embeddings at given places; mtp: the head that predicts a further token",
         "", 0, 0, Presence::Required},
        {"--out", ValueKind::Text, "FILE", "raw little-endian float32, a row per position", "", 0, 0,
         Presence::Required}};
    const auto append = [&](const std::vector<Option>& more) {
        options.insert(options.end(), more.begin(), more.end());
    };
    append(cacheOptions("f32"));
    append(deviceOptions());
    append(adapterOptions());
    return {.name = "logits",
            .positionals = "[MODEL]",
            .mostPositionals = 1,
            .summary = "Write the logits of given tokens, for comparing with other engines",
            .options = std::move(options),
            .run = run};
}

} // namespace hearth::cli
