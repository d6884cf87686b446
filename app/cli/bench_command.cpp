#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/engine_options.h"
#include "app/cli/guess_options.h"
#include "app/cli/interrupt.h"
#include "app/cli/models_folder.h"
#include "app/cli/read_bandwidth.h"
#include "engine/run/engine.h"
#include "kernels/base/cores.h"

#include <algorithm>
#include <cstdio>
#include <random>

namespace hearth::cli {
namespace {

/// What is measured, in tokens.
struct Workload {
    std::int32_t prompt = 0;
    std::int32_t generated = 0;
    std::int32_t depth = 0; ///< tokens that stand in the cache before either
    Guessing guessing;
};

struct Measurement {
    std::vector<double> promptSpeeds; ///< tokens a second, one for each repetition
    std::vector<double> decodeSpeeds;
    GenerationStats guesses; ///< of the last decode
};

double median(std::vector<double> values) {
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// The first tokens of a text, from its beginning again where it ends. Errors: InvalidInput for an empty text.
Result<std::vector<TokenId>> tokensOf(const Tokenizer& tokenizer, const std::string& text, std::int32_t count) {
    const std::vector<TokenId> once = tokenizer.encode(text, AddSpecial::Yes, ParseSpecial::No);
    if (once.empty())
        return Error{ErrorCode::InvalidInput, "the text is empty"};
    std::vector<TokenId> tokens;
    while (tokens.size() < static_cast<std::size_t>(count))
        tokens.push_back(once[tokens.size() % once.size()]);
    return tokens;
}

/// Ordinary tokens in an order that is the same each time.
std::vector<TokenId> someTokens(const Tokenizer& tokenizer, std::int32_t count) {
    std::mt19937 random(1);
    std::vector<TokenId> tokens;
    while (tokens.size() < static_cast<std::size_t>(count)) {
        const auto id = static_cast<TokenId>(random() % static_cast<std::uint32_t>(tokenizer.vocabularySize()));
        if (!tokenizer.isControl(id))
            tokens.push_back(id);
    }
    return tokens;
}

class Bench {
public:
    /// tokens: as many as the depth and a prompt take.
    Bench(Engine& engine, const Workload& workload, std::vector<TokenId> tokens, std::stop_token stop)
        : m_engine(engine), m_workload(workload), m_stop(std::move(stop)), m_tokens(std::move(tokens)) {}

    Result<Measurement> measure(std::int32_t repetitions) {
        HEARTH_TRY(const GenerationStats warm, run(std::min<std::int32_t>(16, tokenCount()), 4)); // pages, clocks, pool
        static_cast<void>(warm);
        Measurement measurement;
        for (std::int32_t repetition = 0; repetition < repetitions; ++repetition) {
            if (m_workload.prompt > 0) {
                HEARTH_TRY(const double speed, promptSpeed());
                measurement.promptSpeeds.push_back(speed);
            }
            if (m_workload.generated > 0) {
                HEARTH_TRY(measurement.guesses, decode());
                measurement.decodeSpeeds.push_back(measurement.guesses.generatedTokens
                                                   / measurement.guesses.decodeSeconds);
            }
        }
        return measurement;
    }

private:
    [[nodiscard]] std::int32_t tokenCount() const { return static_cast<std::int32_t>(m_tokens.size()); }

    /// Greedy generation after the first `promptTokens` of the text, whatever of them is cached.
    Result<GenerationStats> run(std::int32_t promptTokens, std::int32_t generated) {
        GenerationRequest request;
        request.prompt.assign(m_tokens.begin(), m_tokens.begin() + promptTokens);
        request.sampler.temperature = 0;
        request.maxTokens = generated;
        request.endTokens = EndTokens::Ignore;
        request.guesses = m_workload.guessing.source;
        request.guessCount = m_workload.guessing.count;
        HEARTH_TRY(const GenerationStats stats, m_engine.generate(request, {}, m_stop));
        if (stats.stopReason == StopReason::Cancelled)
            return Error{ErrorCode::Cancelled, "the benchmark was stopped"};
        return stats;
    }

    Result<double> promptSpeed() {
        m_engine.clearCache();
        if (m_workload.depth > 0) {
            HEARTH_TRY(const GenerationStats filled, run(m_workload.depth, 0));
            static_cast<void>(filled);
        }
        HEARTH_TRY(const GenerationStats stats, run(m_workload.depth + m_workload.prompt, 0));
        return (stats.promptTokens - stats.reusedTokens) / stats.promptSeconds;
    }

    Result<GenerationStats> decode() {
        m_engine.clearCache();
        return run(std::max(m_workload.depth, 1), m_workload.generated);
    }

    Engine& m_engine;
    Workload m_workload;
    std::stop_token m_stop;
    std::vector<TokenId> m_tokens;
};

/// Everything that the command prints.
struct Report {
    Workload workload;
    Measurement measurement;
    std::int32_t threads = 0;
    float expertShare = 1;
    double bytesPerToken = 0; ///< weights and cache, at the middle of the generated tokens
    double bandwidth = 0;     ///< bytes a second; 0: not known
    [[nodiscard]] double fraction() const {
        return bandwidth > 0 ? median(measurement.decodeSpeeds) * bytesPerToken / bandwidth : 0;
    }
};

void printReport(const Engine& engine, const Report& report, bool asJson) {
    const double promptSpeed = median(report.measurement.promptSpeeds);
    const double decodeSpeed = median(report.measurement.decodeSpeeds);
    const GenerationStats& guesses = report.measurement.guesses;
    if (asJson) {
        printJson({{"model", engine.info().name},
                   {"quantisation", engine.info().quantisation},
                   {"file_bytes", engine.info().fileBytes},
                   {"device", engine.device().id},
                   {"device_name", engine.device().name},
                   {"threads", report.threads},
                   {"depth", report.workload.depth},
                   {"prompt_tokens", report.workload.prompt},
                   {"generated_tokens", report.workload.generated},
                   {"prompt_tokens_per_second", promptSpeed},
                   {"decode_tokens_per_second", decodeSpeed},
                   {"prompt_runs", report.measurement.promptSpeeds},
                   {"decode_runs", report.measurement.decodeSpeeds},
                   {"bytes_per_token", report.bytesPerToken},
                   {"read_bytes_per_second", report.bandwidth},
                   {"decode_bandwidth_fraction", report.fraction()},
                   {"expert_threshold", report.expertShare},
                   {"speculation", describeGuesses(guesses)}});
        return;
    }
    std::printf("%s (%s) on %s, depth %d\n", withoutControls(engine.info().name).c_str(),
                engine.info().quantisation.c_str(), engine.device().name.c_str(), report.workload.depth);
    if (!report.measurement.promptSpeeds.empty())
        std::printf("  prompt %6d tokens  %9.1f tokens/s\n", report.workload.prompt, promptSpeed);
    if (!report.measurement.decodeSpeeds.empty()) {
        std::printf("  decode %6d tokens  %9.1f tokens/s  %.1f GB/s read", report.workload.generated, decodeSpeed,
                    decodeSpeed * report.bytesPerToken / 1e9);
        if (report.bandwidth > 0)
            std::printf(" of %.1f, %.0f %%", report.bandwidth / 1e9, 100 * report.fraction());
        std::printf("\n");
    }
    if (guesses.guessedTokens > 0)
        std::printf("  guesses %5d of %d came true, %.2f tokens a step, %.1f %% of the time for making them\n",
                    guesses.acceptedGuesses, guesses.guessedTokens,
                    static_cast<double>(guesses.generatedTokens) / guesses.steps,
                    100 * guesses.guessSeconds / guesses.decodeSeconds);
    std::fflush(stdout);
}

/// Cache bytes that a token attends to, halfway through the generated ones.
double cacheBytesRead(const ModelInfo& info, const Workload& workload) {
    const double tokens = std::max(workload.depth, 1) + workload.generated / 2.0;
    return static_cast<double>(info.cacheBytes) * tokens / std::max(info.contextTokens, 1);
}

Status run(const Arguments& arguments) {
    Interrupt interrupt;
    const std::stop_token stop = interrupt.begin();
    Report report;
    report.workload = {arguments.int32("--prompt"), arguments.int32("--gen"), arguments.int32("--depth"), {}};
    HEARTH_TRY(EngineOptions options, readDeviceOptions(arguments));
    HEARTH_TRY(options.adapters, readAdapters(arguments));
    HEARTH_TRY(report.workload.guessing, readGuessOptions(arguments, options));
    options.expertShare = report.expertShare = readExpertShare(arguments);
    options.cacheType = readCacheType(arguments);
    options.vocabulary = Vocabulary::Optional;
    options.contextTokens = arguments.int32("--ctx");
    if (options.contextTokens == 0)
        options.contextTokens =
            report.workload.depth + std::max(report.workload.prompt, report.workload.generated) + 64;
    report.threads = options.threads == 0 ? usableCores() : options.threads;
    const auto& names = arguments.positionals();
    HEARTH_TRY(const auto path, findModel(names.empty() ? "" : names[0]));
    HEARTH_TRY(const auto file, GgufFile::open(path));
    HEARTH_TRY(const auto engine, Engine::load(path, options, stop, {}));
    report.bytesPerToken = weightBytesPerToken(*file) + cacheBytesRead(engine->info(), report.workload);
    if (!engine->info().memoryProblem.empty())
        std::fprintf(stderr, "%s\n", withoutControls(engine->info().memoryProblem).c_str());
    const std::string& device = engine->device().id;
    if (device == "cpu" || device == "reference") { // what this measures is the machine's own memory
        HEARTH_TRY(report.bandwidth, measureReadBandwidth(report.threads));
    }
    const std::int32_t count = report.workload.depth + std::max(report.workload.prompt, 1);
    std::vector<TokenId> tokens;
    if (arguments.has("--text")) {
        HEARTH_TRY(const std::string text, readTextFile(arguments.text("--text")));
        HEARTH_TRY(tokens, tokensOf(engine->tokenizer(), text, count));
    } else {
        tokens = someTokens(engine->tokenizer(), count);
    }
    HEARTH_TRY(report.measurement,
               Bench(*engine, report.workload, std::move(tokens), stop).measure(arguments.int32("--repeat")));
    printReport(*engine, report, arguments.has("--json"));
    return {};
}

} // namespace

Command benchCommand() {
    constexpr double kMostTokens = 1 << 20;
    std::vector<Option> options{
        {"--prompt", ValueKind::Integer, "N", "tokens of the prompt; 0 leaves that out", "512", 0, kMostTokens},
        {"--gen", ValueKind::Integer, "N", "tokens to generate; 0 leaves that out", "128", 0, kMostTokens},
        {"--depth", ValueKind::Integer, "N", "tokens in the cache before either", "0", 0, kMostTokens},
        {"--repeat", ValueKind::Integer, "N", "repetitions; the median is shown", "3", 1, 1000},
        {"--text", ValueKind::Text, "FILE", "tokens of a text instead of random ones"},
        expertOption()};
    const auto append = [&](const std::vector<Option>& more) {
        options.insert(options.end(), more.begin(), more.end());
    };
    append(guessOptions());
    append(cacheOptions("f16"));
    append(deviceOptions());
    append(adapterOptions());
    return {.name = "bench",
            .positionals = "[MODEL]",
            .mostPositionals = 1,
            .summary = "Measure tokens a second, and how much of the memory's speed decoding uses",
            .options = std::move(options),
            .run = run};
}

} // namespace hearth::cli
