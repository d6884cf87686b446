#pragma once

#include "app/cli/arguments.h"
#include "engine/run/engine.h"

#include <nlohmann/json.hpp>

#include <vector>

namespace hearth::cli {

/// --speculate, --guesses: where guesses of coming tokens come from.
[[nodiscard]] std::vector<Option> guessOptions();

/// What was typed for guessOptions(); what must be loaded for it goes into `options`.
/// Errors: InvalidInput with the words there are; NotFound for a draft model that is no file.
struct Guessing {
    GuessSource source = GuessSource::None;
    std::int32_t count = 0; ///< as GenerationRequest::guessCount
};
[[nodiscard]] Result<Guessing> readGuessOptions(const Arguments& arguments, EngineOptions& options);

/// How guessing went, for the commands' JSON.
[[nodiscard]] nlohmann::ordered_json describeGuesses(const GenerationStats& stats);

/// --expert-threshold: adaptive top-k.
[[nodiscard]] Option expertOption();
[[nodiscard]] float readExpertShare(const Arguments& arguments);

} // namespace hearth::cli
