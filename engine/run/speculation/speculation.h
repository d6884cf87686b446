#pragma once

#include "engine/run/decoder.h"
#include "engine/run/speculation/draft_planner.h"
#include "engine/run/speculation/drafter.h"
#include "engine/run/speculation/guess_source.h"

#include <memory>
#include <vector>

namespace hearth {

/// What guessing did for one answer.
struct SpeculationStats {
    std::int32_t steps = 0;    ///< of the model
    std::int32_t guessed = 0;  ///< guesses that the model checked
    std::int32_t accepted = 0; ///< of them
    double guessSeconds = 0;   ///< spent on making guesses
};

/// The steps of a decoder for one answer after another, several tokens in one step where guesses are worth it. Whoever
/// makes the answer draws each token from logits() and hands it to append(), as with a decoder alone. If the token is
/// the one that was guessed, its logits are there already; if not, the guesses are forgotten. So every token is drawn
/// from the model's own logits, which have the same bits whether guesses are checked or not (Decoder::tryRows()), with
/// the random numbers that it would be drawn with anyway: the answer is the same token for token, greedy or drawn.
/// A token x of a guess comes true with the model's own probability of x, which is what rejection sampling
/// (arXiv 2211.17192) accepts of a certain guess. Thread: one.
class Speculation {
public:
    /// The decoder outlives this.
    explicit Speculation(Decoder& decoder) : m_decoder(decoder) {}

    /// A source that can be chosen from now on.
    void add(GuessSource source, std::unique_ptr<Drafter> drafter);
    [[nodiscard]] bool has(GuessSource source) const;

    /// Where guesses come from; the source was added, or is None. count: how many a step; 0: as many as pay.
    struct Plan {
        GuessSource source = GuessSource::None;
        std::int32_t count = 0;
    };
    /// An answer to `prompt`, which is in the decoder's sequence with its logits, begins. Settings and sampler are
    /// borrowed until settle().
    void begin(const Plan& plan, std::span<const TokenId> prompt, const SamplerSettings& settings,
               const Sampler& sampler);

    /// Computes the next token. mostGuesses: how many tokens behind it are wanted at most.
    /// Errors: Cancelled, Device; the sequence then holds what was appended before.
    [[nodiscard]] Status append(TokenId token, std::int32_t mostGuesses, std::stop_token stop);
    /// (vocabulary) of the last token; valid until the next append().
    [[nodiscard]] std::span<const float> logits() const;
    /// The row of the decoder's last step that is the last token.
    [[nodiscard]] std::int32_t row() const { return m_accepted; }
    /// Tokens of the sequence.
    [[nodiscard]] std::int32_t length() const;

    /// Ends the answer: the decoder's sequence holds what was appended. Errors: Device.
    [[nodiscard]] Status settle();
    [[nodiscard]] const SpeculationStats& stats() const { return m_stats; }

private:
    /// A source with what was learned about it.
    struct Source {
        GuessSource kind = GuessSource::None;
        std::unique_ptr<Drafter> drafter;
        DraftPlanner planner;
    };

    [[nodiscard]] Status keepAccepted(std::stop_token stop);
    [[nodiscard]] Status guess(std::int32_t most, std::stop_token stop);
    [[nodiscard]] Status step(TokenId token, std::stop_token stop);

    Decoder& m_decoder;
    std::vector<Source> m_sources;
    Source* m_source = nullptr; ///< of this answer; null: none
    std::int32_t m_count = 0;   ///< guesses that are wanted whether they pay or not
    std::vector<TokenId> m_text;
    std::size_t m_guessedAt = 0;  ///< length of the text when guesses were made last; 0: not for this text
    std::vector<Guess> m_guesses; ///< that the running step checks
    std::vector<TokenId> m_batch;
    bool m_isTrying = false;     ///< the last step holds guesses
    std::int32_t m_accepted = 0; ///< guesses of it that came true so far
    DraftPlanner::Step m_measured;
    SpeculationStats m_stats;
};

} // namespace hearth
