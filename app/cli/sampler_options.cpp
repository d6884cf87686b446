#include "app/cli/sampler_options.h"

#include <limits>
#include <random>

namespace hearth::cli {
namespace {

// JSON and shells hold this much exactly.
constexpr double kLargestSeed = 9007199254740991.0;

} // namespace

std::vector<Option> samplerOptions() {
    constexpr double kMostTokens = 1 << 24;
    return {
        {"--temperature", ValueKind::Number, "T", "0 always takes the likeliest token", "0.7", 0, 100},
        {"--top-k", ValueKind::Integer, "N", "only the N likeliest; 0 is all", "40", 0, kMostTokens},
        {"--top-p", ValueKind::Number, "P", "only the likeliest that sum to P; 1 is all", "0.95", 0, 1},
        {"--min-p", ValueKind::Number, "P", "only those at least P times as likely as the best", "0.05", 0, 1},
        {"--typical-p", ValueKind::Number, "P", "only the most typical that sum to P; 1 is all", "1", 0, 1},
        {"--repetition-penalty", ValueKind::Number, "F", "divides what was said lately; 1 is off", "1", 0.01, 100},
        {"--frequency-penalty", ValueKind::Number, "F", "subtracts F for each time it was said", "0", -100, 100},
        {"--presence-penalty", ValueKind::Number, "F", "subtracts F if it was said", "0", -100, 100},
        {"--penalty-window", ValueKind::Integer, "N", "tokens that the penalties look back; -1 is all", "64", -1,
         kMostTokens},
        {"--dry-multiplier", ValueKind::Number, "F", "DRY: penalty on repeating a passage; 0 is off", "0", 0, 100},
        {"--dry-base", ValueKind::Number, "F", "DRY: growth per repeated token", "1.75", 1, 100},
        {"--dry-length", ValueKind::Integer, "N", "DRY: repeated tokens that are free", "2", 0, kMostTokens},
        {"--seed", ValueKind::Integer, "N", "same seed, same answer; drawn anew if not given", "", 0, kLargestSeed},
    };
}

SamplerSettings readSamplerOptions(const Arguments& arguments) {
    SamplerSettings settings;
    settings.temperature = arguments.number("--temperature");
    settings.topK = arguments.int32("--top-k");
    settings.topP = arguments.number("--top-p");
    settings.minP = arguments.number("--min-p");
    settings.typicalP = arguments.number("--typical-p");
    settings.repetitionPenalty = arguments.number("--repetition-penalty");
    settings.frequencyPenalty = arguments.number("--frequency-penalty");
    settings.presencePenalty = arguments.number("--presence-penalty");
    settings.penaltyWindow = arguments.int32("--penalty-window");
    settings.dryMultiplier = arguments.number("--dry-multiplier");
    settings.dryBase = arguments.number("--dry-base");
    settings.dryAllowedLength = arguments.int32("--dry-length");
    settings.seed = arguments.has("--seed") ? static_cast<std::uint64_t>(arguments.integer("--seed"))
                                            : std::uint64_t{std::random_device{}()};
    return settings;
}

} // namespace hearth::cli
