#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/dump_file.h"
#include "app/cli/engine_options.h"
#include "app/cli/models_folder.h"
#include "engine/run/embedder.h"

namespace hearth::cli {
namespace {

Result<std::unique_ptr<Embedder>> load(const Arguments& arguments, const std::string& model) {
    HEARTH_TRY(const EngineOptions options, readDeviceOptions(arguments));
    HEARTH_TRY(const auto path, findModel(model, Starter::Embedding));
    return Embedder::load(path, {options.device, options.threads, 0}, {});
}

Result<std::vector<TokenId>> readTokens(const Arguments& arguments, const Embedder& embedder) {
    if (arguments.has("--text") == arguments.has("--tokens"))
        return Error{ErrorCode::InvalidInput, "either --text or --tokens says what is embedded"};
    if (arguments.has("--text")) {
        const std::string text = arguments.text("--text");
        HEARTH_CHECK(checkUtf8(text, "--text"));
        return embedder.tokenizer().encode(text, AddSpecial::Yes, ParseSpecial::No);
    }
    const std::string path = arguments.text("--tokens");
    HEARTH_TRY(const auto document, readJsonFile(path));
    return readTokenList(document, path);
}

Status runEmbed(const Arguments& arguments) {
    const auto& names = arguments.positionals();
    HEARTH_TRY(const auto embedder, load(arguments, names.empty() ? "" : names[0]));
    HEARTH_TRY(const std::vector<TokenId> tokens, readTokens(arguments, *embedder));
    const EmbedderInfo& info = embedder->info();
    const bool normalises = !arguments.has("--no-normalise") && !info.isReranker;
    HEARTH_TRY(const auto vector, embedder->embed(tokens, normalises ? UnitLength::Yes : UnitLength::No, {}));
    const std::string out = arguments.text("--out");
    HEARTH_CHECK(writeFloatFile(out, vector));
    if (arguments.has("--json"))
        printJson({{"model", info.name},
                   {"device", embedder->device().id},
                   {"pooling", info.pooling},
                   {"tokens", tokens.size()},
                   {"normalised", normalises},
                   {"shape", {vector.size()}},
                   {"file", out}});
    else
        printText(std::to_string(vector.size()) + " numbers for " + std::to_string(tokens.size()) + " tokens ("
                  + info.pooling + ") in " + out + "\n");
    return {};
}

Status runRerank(const Arguments& arguments) {
    const auto& names = arguments.positionals();
    HEARTH_TRY(const auto embedder, load(arguments, names.empty() ? "" : names[0]));
    const std::string query = arguments.text("--query");
    const std::string document = arguments.text("--document");
    HEARTH_CHECK(checkUtf8(query, "--query"));
    HEARTH_CHECK(checkUtf8(document, "--document"));
    HEARTH_TRY(const float score, embedder->rerank(query, document, {}));
    if (arguments.has("--json"))
        printJson({{"model", embedder->info().name}, {"device", embedder->device().id}, {"score", score}});
    else
        printText(std::to_string(score) + "\n");
    return {};
}

std::vector<Option> withDevice(std::vector<Option> options) {
    for (Option& option : deviceOptions())
        options.push_back(std::move(option));
    return options;
}

} // namespace

Command embedCommand() {
    return {.name = "embed",
            .positionals = "[MODEL]",
            .mostPositionals = 1,
            .summary = "Write a text's vector, for searching and for comparing with other engines",
            .options = withDevice(
                {{"--text", ValueKind::Text, "TEXT", "what is embedded"},
                 {"--tokens", ValueKind::Text, "FILE",
                  "instead of --text: JSON with the ids, special ones too, as \"tokens\""},
                 {"--out", ValueKind::Text, "FILE", "raw little-endian float32", "", 0, 0, Presence::Required},
                 flag("--no-normalise", "leave the vector as it is instead of giving it length 1")}),
            .run = runEmbed};
}

Command rerankCommand() {
    return {.name = "rerank",
            .positionals = "MODEL",
            .mostPositionals = 1,
            .summary = "Score how well a document answers a query, with a reranker",
            .options = withDevice(
                {{"--query", ValueKind::Text, "TEXT", "what is asked", "", 0, 0, Presence::Required},
                 {"--document", ValueKind::Text, "TEXT", "what may answer it", "", 0, 0, Presence::Required}}),
            .run = runRerank};
}

} // namespace hearth::cli
