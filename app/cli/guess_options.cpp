#include "app/cli/guess_options.h"

#include "app/cli/models_folder.h"

#include <string>

namespace hearth::cli {

std::vector<Option> guessOptions() {
    return {{"--speculate", ValueKind::Text, "WHAT",
             "guess coming tokens: ngram (from the text), draft=FILE (a smaller model), mtp (the model's own head)"},
            {"--guesses", ValueKind::Integer, "N", "guesses a step; 0 is as many as pay", "0", 0, 7}};
}

Result<Guessing> readGuessOptions(const Arguments& arguments, EngineOptions& options) {
    Guessing guessing;
    guessing.count = arguments.int32("--guesses");
    if (!arguments.has("--speculate"))
        return guessing;
    const std::string what = arguments.text("--speculate");
    const std::string draft = "draft=";
    if (what == "ngram") {
        guessing.source = GuessSource::PromptLookup;
    } else if (what == "mtp") {
        guessing.source = GuessSource::PredictionHead;
        options.prediction = Prediction::On;
    } else if (what.starts_with(draft) && what.size() > draft.size()) {
        guessing.source = GuessSource::DraftModel;
        HEARTH_TRY(options.draftModel, findModel(what.substr(draft.size())));
    } else {
        return Error{ErrorCode::InvalidInput, "--speculate takes ngram, draft=FILE or mtp, not '" + what + "'"};
    }
    return guessing;
}

nlohmann::ordered_json describeGuesses(const GenerationStats& stats) {
    const double acceptance =
        stats.guessedTokens > 0 ? static_cast<double>(stats.acceptedGuesses) / stats.guessedTokens : 0;
    return {{"guessed_tokens", stats.guessedTokens},
            {"accepted_guesses", stats.acceptedGuesses},
            {"acceptance", acceptance},
            {"steps", stats.steps},
            {"tokens_per_step", stats.steps > 0 ? static_cast<double>(stats.generatedTokens) / stats.steps : 0},
            {"guess_seconds", stats.guessSeconds}};
}

Option expertOption() {
    return {"--expert-threshold",
            ValueKind::Number,
            "P",
            "mixtures: no more experts than it takes to reach this share of the chosen ones' probability; 1 is all",
            "1",
            0.01,
            1};
}

float readExpertShare(const Arguments& arguments) {
    return arguments.number("--expert-threshold");
}

} // namespace hearth::cli
