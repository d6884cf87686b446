#pragma once

#include "engine/run/speculation/drafter.h"

#include <array>
#include <cstdint>
#include <span>

namespace hearth {

/// Decides how many guesses a step is worth, from how often guesses have come true and what steps have taken. A guess
/// pays if it raises the tokens a second: its chance over what its row and its making cost must beat what the step has
/// without it. Where guesses fail they stop, and are tried again now and then, more seldom the more often they failed.
/// Nothing here changes what is answered. Thread: one.
class DraftPlanner {
public:
    /// What one step did.
    struct Step {
        std::span<const Guess> guesses;
        std::int32_t accepted = 0; ///< of them, from the first on
        std::int32_t made = 0;     ///< the guesses, and those that were not taken
        double stepSeconds = 0;    ///< of the model: 1 row and one for each guess
        double guessSeconds = 0;   ///< of making them
        double returnSeconds = 0;  ///< of going back to the accepted ones; 0 if all were
    };

    /// A step is planned: no guess has been made for it.
    void begin();
    /// Whether making one more guess can be expected to pay.
    [[nodiscard]] bool wantsGuess() const;
    /// Takes a guess that was made into the step if that pays; the others behind it then have no place in it either.
    [[nodiscard]] bool take(const Guess& guess);

    void record(const Step& step);

private:
    /// How often guesses of a class came true, the longer ago the less it counts.
    struct Record {
        double made = 0;
        double right = 0;
        [[nodiscard]] double chance() const;
    };
    [[nodiscard]] double secondsSoFar() const;
    /// What a step without guesses takes back from what is believed.
    void forgetSlowly();
    [[nodiscard]] bool pays(double chance, double extraSeconds) const;

    static constexpr double kBelievedRowShare = 0.25;

    std::array<Record, Guess::kClasses> m_records{};
    Record m_any;
    double m_plainSeconds = 0;             ///< a step without guesses; 0: not known yet
    double m_rowShare = kBelievedRowShare; ///< of that, what a further row takes
    double m_guessSeconds = 0;             ///< making one guess
    double m_returnSeconds = 0;            ///< going back
    std::int32_t m_stepsSincePlain = 0;

    // Of the step that is planned.
    std::int32_t m_taken = 0;
    double m_expected = 1; ///< tokens it gives
    double m_reached = 1;  ///< chance that all guesses taken come true
};

} // namespace hearth
