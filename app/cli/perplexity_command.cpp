#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/engine_options.h"
#include "app/cli/guess_options.h"
#include "app/cli/interrupt.h"
#include "app/cli/models_folder.h"
#include "app/cli/perplexity.h"

#include <chrono>
#include <cstdio>

namespace hearth::cli {
namespace {

constexpr std::int32_t kUsualContext = 512;

/// The token that a text begins with, if this vocabulary asks for one.
std::optional<TokenId> beginTokenOf(const Tokenizer& tokenizer) {
    const std::vector<TokenId> with = tokenizer.encode("a", AddSpecial::Yes, ParseSpecial::No);
    const std::optional<TokenId> begin = tokenizer.beginToken();
    return begin && !with.empty() && with.front() == *begin ? begin : std::nullopt;
}

Status run(const Arguments& arguments) {
    Interrupt interrupt;
    const std::stop_token stop = interrupt.begin();
    HEARTH_TRY(const std::string text, readTextFile(arguments.text("--text")));
    HEARTH_TRY(EngineOptions options, readDeviceOptions(arguments));
    options.cacheType = readCacheType(arguments);
    options.contextTokens = arguments.int32("--ctx") > 0 ? arguments.int32("--ctx") : kUsualContext;
    options.expertShare = readExpertShare(arguments);
    const auto& names = arguments.positionals();
    HEARTH_TRY(const auto path, findModel(names.empty() ? "" : names[0]));
    HEARTH_TRY(const auto engine, Engine::load(path, options, stop, {}));
    const std::vector<TokenId> tokens = engine->tokenizer().encode(text, AddSpecial::Yes, ParseSpecial::No);
    const auto start = std::chrono::steady_clock::now();
    HEARTH_TRY(const Perplexity perplexity,
               measurePerplexity(*engine, tokens, options.contextTokens, beginTokenOf(engine->tokenizer()), stop));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double speed = static_cast<double>(perplexity.chunks) * options.contextTokens / seconds;
    if (arguments.has("--json"))
        printJson({{"model", engine->info().name},
                   {"device", engine->device().id},
                   {"kv", arguments.text("--kv")},
                   {"context_tokens", options.contextTokens},
                   {"expert_threshold", options.expertShare},
                   {"text_tokens", tokens.size()},
                   {"chunks", perplexity.chunks},
                   {"counted_tokens", perplexity.countedTokens},
                   {"perplexity", perplexity.value},
                   {"standard_error", perplexity.standardError},
                   {"seconds", seconds},
                   {"tokens_per_second", speed}});
    else
        std::printf("%s: perplexity %.4f +/- %.4f over %lld tokens in %d chunks of %d (cache %s), %.1f tokens/s\n",
                    withoutControls(engine->info().name).c_str(), perplexity.value, perplexity.standardError,
                    static_cast<long long>(perplexity.countedTokens), perplexity.chunks, options.contextTokens,
                    arguments.text("--kv").c_str(), speed);
    std::fflush(stdout);
    return {};
}

} // namespace

Command perplexityCommand() {
    std::vector<Option> options{
        {"--text", ValueKind::Text, "FILE", "the text, UTF-8; - is standard input", "", 0, 0, Presence::Required},
        {"--ctx", ValueKind::Integer, "N", "tokens of a chunk, of which the second half counts; 0 is 512", "0", 0,
         1 << 24},
        cacheOptions("f16").back(),
        expertOption()};
    const auto append = [&](const std::vector<Option>& more) {
        options.insert(options.end(), more.begin(), more.end());
    };
    append(deviceOptions());
    return {.name = "perplexity",
            .positionals = "[MODEL]",
            .mostPositionals = 1,
            .summary = "Measure how well a model predicts a text, as llama-perplexity does",
            .options = std::move(options),
            .run = run};
}

} // namespace hearth::cli
