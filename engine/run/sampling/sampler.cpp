#include "engine/run/sampler.h"

#include "engine/run/sampling/candidates.h"
#include "engine/run/sampling/dry_penalty.h"
#include "engine/run/sampling/random_source.h"
#include "engine/run/sampling/token_penalties.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hearth {
namespace {

constexpr std::size_t kLongestBreaker = 256;
constexpr std::size_t kMostBreakers = 256;
constexpr float kLargest = std::numeric_limits<float>::max();
constexpr std::size_t kFirstHistory = 8192; // tokens; longer texts grow it

std::string numberText(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.'))
        text.pop_back();
    return text;
}

Status checkRange(const char* setting, double value, double least, double most) {
    if (value >= least && value <= most) // false for NaN
        return {};
    const bool open = most >= std::numeric_limits<float>::max();
    return Error{ErrorCode::InvalidInput, std::string(setting) + " is " + numberText(value) + ", but must be "
                                              + (open ? "a finite number of at least " + numberText(least)
                                                      : "from " + numberText(least) + " to " + numberText(most))};
}

Status checkBreakers(const std::vector<std::string>& breakers) {
    if (breakers.size() > kMostBreakers)
        return Error{ErrorCode::InvalidInput, "dryBreakers has " + std::to_string(breakers.size())
                                                  + " entries, but must have at most " + std::to_string(kMostBreakers)};
    for (const std::string& breaker : breakers)
        if (breaker.empty() || breaker.size() > kLongestBreaker)
            return Error{ErrorCode::InvalidInput, "dryBreakers has an entry of " + std::to_string(breaker.size())
                                                      + " bytes, but each must have from 1 to "
                                                      + std::to_string(kLongestBreaker)};
    return {};
}

Status validate(const SamplerSettings& settings) {
    constexpr double kAny = std::numeric_limits<float>::max();
    constexpr double kMostTokens = std::numeric_limits<std::int32_t>::max();
    HEARTH_CHECK(checkRange("temperature", settings.temperature, 0, kAny));
    HEARTH_CHECK(checkRange("topK", settings.topK, 0, kMostTokens));
    HEARTH_CHECK(checkRange("topP", settings.topP, 0, 1));
    HEARTH_CHECK(checkRange("minP", settings.minP, 0, 1));
    HEARTH_CHECK(checkRange("typicalP", settings.typicalP, 0, 1));
    HEARTH_CHECK(checkRange("repetitionPenalty", settings.repetitionPenalty, 0.01, 100));
    HEARTH_CHECK(checkRange("frequencyPenalty", settings.frequencyPenalty, -100, 100));
    HEARTH_CHECK(checkRange("presencePenalty", settings.presencePenalty, -100, 100));
    HEARTH_CHECK(checkRange("penaltyWindow", settings.penaltyWindow, -1, kMostTokens));
    HEARTH_CHECK(checkRange("dryMultiplier", settings.dryMultiplier, 0, 100));
    HEARTH_CHECK(checkRange("dryBase", settings.dryBase, 1, 100));
    HEARTH_CHECK(checkRange("dryAllowedLength", settings.dryAllowedLength, 1, kMostTokens));
    return checkBreakers(settings.dryBreakers);
}

/// Penalties, DRY, constraint, top-k, typical, top-p, min-p, temperature, draw: in this order, as samplers customarily
/// do.
class ChainSampler final : public Sampler {
public:
    ChainSampler(const SamplerSettings& settings, const Tokenizer& tokenizer)
        : m_settings(settings), m_penalties({settings.repetitionPenalty, settings.frequencyPenalty,
                                             settings.presencePenalty, settings.penaltyWindow},
                                            tokenizer.vocabularySize()),
          m_dry({settings.dryMultiplier, settings.dryBase, settings.dryAllowedLength, settings.dryBreakers}, tokenizer),
          m_random(settings.seed) {
        m_history.reserve(kFirstHistory);
    }

    void constrain(TokenConstraint* constraint) override { m_constraint = constraint; }

    void accept(TokenId token) override {
        if (m_constraint != nullptr)
            m_constraint->accept(token);
        if (!m_penalties.active() && !m_dry.active())
            return;
        m_history.push_back(token);
        m_penalties.accept(m_history);
        m_dry.accept(token);
    }

    TokenId sample(std::span<const float> logits) override {
        HEARTH_ASSERT(!logits.empty());
        adjust(logits);
        if (m_settings.temperature == 0.0F)
            return m_constraint != nullptr ? greedyWithin(*m_constraint) : greedy();
        if (m_constraint != nullptr)
            m_constraint->restrict(m_logits);
        m_candidates.assign(m_logits, m_settings.topK);
        m_candidates.keepTypical(m_settings.typicalP);
        m_candidates.keepTopP(m_settings.topP);
        m_candidates.keepMinP(m_settings.minP);
        return m_candidates.draw(m_settings.temperature, m_random.nextUnit());
    }

    double unitAhead(std::int32_t ahead) const override {
        RandomSource random = m_random;
        for (std::int32_t draw = 0; draw < ahead; ++draw)
            static_cast<void>(random.next());
        return random.nextUnit();
    }

private:
    // Copies the logits without NaN and plus infinity, and applies what the history asks for.
    void adjust(std::span<const float> logits) {
        m_logits.resize(logits.size());
        std::transform(logits.begin(), logits.end(), m_logits.begin(), [](float logit) {
            return std::isnan(logit) ? -std::numeric_limits<float>::infinity() : std::min(logit, kLargest);
        });
        m_penalties.apply(m_logits);
        m_dry.apply(m_history, m_logits);
        if (m_penalties.active() || m_dry.active()) // rewards may have passed the largest float
            for (float& logit : m_logits)
                logit = std::min(logit, kLargest);
    }

    [[nodiscard]] TokenId greedy() const {
        return static_cast<TokenId>(std::max_element(m_logits.begin(), m_logits.end()) - m_logits.begin());
    }

    /// The likeliest token is mostly allowed: asking for it alone is quicker than asking for all.
    TokenId greedyWithin(TokenConstraint& constraint) {
        constexpr int kTries = 8;
        for (int tries = 0; tries < kTries; ++tries) {
            const TokenId token = greedy();
            if (constraint.allows(token))
                return token;
            m_logits[static_cast<std::size_t>(token)] = -std::numeric_limits<float>::infinity();
        }
        constraint.restrict(m_logits);
        return greedy();
    }

    SamplerSettings m_settings;
    TokenPenalties m_penalties;
    DryPenalty m_dry;
    RandomSource m_random;
    Candidates m_candidates;
    TokenConstraint* m_constraint = nullptr;
    std::vector<TokenId> m_history; ///< only kept if something looks at it
    std::vector<float> m_logits;    ///< (vocabulary)
};

} // namespace

Result<std::unique_ptr<Sampler>> Sampler::create(const SamplerSettings& settings, const Tokenizer& tokenizer) {
    HEARTH_CHECK(validate(settings));
    return std::unique_ptr<Sampler>(std::make_unique<ChainSampler>(settings, tokenizer));
}

} // namespace hearth
