#include "app/cli/sampler_options.h"

#include <charconv>
#include <random>
#include <string>
#include <system_error>

namespace hearth::cli {
namespace {

// JSON and shells hold this much exactly.
constexpr double kLargestSeed = 9007199254740991.0;

/// The shortest text that reads as the same float.
std::string shortText(float value) {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    HEARTH_ASSERT(error == std::errc());
    return {digits, end};
}

} // namespace

std::vector<Option> samplerOptions() {
    constexpr double kMostTokens = 1 << 24;
    const SamplerSettings usual;
    const auto number = [](const char* name, const char* value, const char* help, float fallback, double low,
                           double high) {
        return Option{name, ValueKind::Number, value, help, shortText(fallback), low, high};
    };
    const auto integer = [](const char* name, const char* help, std::int32_t fallback, double low) {
        return Option{name, ValueKind::Integer, "N", help, std::to_string(fallback), low, kMostTokens};
    };
    return {
        number("--temperature", "T", "0 always takes the likeliest token", usual.temperature, 0, 100),
        integer("--top-k", "only the N likeliest; 0 is all", usual.topK, 0),
        number("--top-p", "P", "only the likeliest that sum to P; 1 is all", usual.topP, 0, 1),
        number("--min-p", "P", "only those at least P times as likely as the best", usual.minP, 0, 1),
        number("--typical-p", "P", "only the most typical that sum to P; 1 is all", usual.typicalP, 0, 1),
        number("--repetition-penalty", "F", "divides what was said lately; 1 is off", usual.repetitionPenalty, 0.01,
               100),
        number("--frequency-penalty", "F", "subtracts F for each time it was said", usual.frequencyPenalty, -100, 100),
        number("--presence-penalty", "F", "subtracts F if it was said", usual.presencePenalty, -100, 100),
        integer("--penalty-window", "tokens that the penalties look back; -1 is all", usual.penaltyWindow, -1),
        number("--dry-multiplier", "F", "DRY: penalty on repeating a passage; 0 is off", usual.dryMultiplier, 0, 100),
        number("--dry-base", "F", "DRY: growth per repeated token", usual.dryBase, 1, 100),
        integer("--dry-length", "DRY: repeated tokens that are free", usual.dryAllowedLength, 0),
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
