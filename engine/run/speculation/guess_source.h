#pragma once

#include <cstdint>

namespace hearth {

/// Whether a file's head for multi-token prediction (see buildPredictionLayer()) is loaded with the model.
enum class Prediction : std::uint8_t { Off, On };

/// Where guesses of the coming tokens come from. The model checks several of them in one step, and only what it would
/// have said anyway becomes part of the answer: answers are the same to the bit, sooner where guesses are often right.
enum class GuessSource : std::uint8_t {
    None,
    PromptLookup,  ///< what followed the last words where they stood before, in the prompt or the answer
    DraftModel,    ///< a smaller model of the same vocabulary
    PredictionHead ///< the model's own head for multi-token prediction
};

} // namespace hearth
