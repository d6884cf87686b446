#pragma once

#include "engine/text/token_constraint.h"
#include "engine/text/tokenizer.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hearth {

/// How the next token is drawn. Each filter is off at the value given here as its default, except temperature.
/// They apply in this order, each to what the ones before have left: penalties, DRY, constraint, top-k, typical, top-p,
/// min-p, temperature, draw. Greedy takes the likeliest token after penalties and DRY, the lowest id among equals.
struct SamplerSettings {
    float temperature = 0.7F; ///< 0: always the likeliest token (greedy)
    std::int32_t topK = 0;
    float topP = 1.0F;
    float minP = 0.0F;
    float typicalP = 1.0F;
    float repetitionPenalty = 1.0F;
    float frequencyPenalty = 0.0F;
    float presencePenalty = 0.0F;
    std::int32_t penaltyWindow = 64; ///< last tokens that the three penalties look at; -1: all
    float dryMultiplier = 0.0F;      ///< DRY: penalty multiplier * base^(match length - allowedLength)
    float dryBase = 1.75F;
    std::int32_t dryAllowedLength = 2;
    std::vector<std::string> dryBreakers{"\n", ":", "\"", "*"};
    std::uint64_t seed = 0;

    friend bool operator==(const SamplerSettings&, const SamplerSettings&) = default;
};

/// Draws tokens from logits. Same settings, history and logits give the same token. Thread: one at a time.
class Sampler {
public:
    /// Errors: InvalidInput that names the setting and its range.
    [[nodiscard]] static Result<std::unique_ptr<Sampler>> create(const SamplerSettings& settings,
                                                                 const Tokenizer& tokenizer);
    virtual ~Sampler() = default;
    /// Tells the penalties what came before: prompt tokens, then each accepted token.
    virtual void accept(TokenId token) = 0;
    /// From now on only tokens that `constraint` allows are drawn, and it is told each token that is accepted: call
    /// this when the answer begins. It outlives the sampler or is replaced; null: none. Who draws looks at its
    /// failure().
    virtual void constrain(TokenConstraint* constraint) = 0;
    /// logits (vocabulary): NaN counts as minus infinity. Does not accept the token.
    [[nodiscard]] virtual TokenId sample(std::span<const float> logits) = 0;
    /// The random number (0 to 1) that sample() will draw with after `ahead` more calls, for guessing what it will
    /// give.
    [[nodiscard]] virtual double unitAhead(std::int32_t ahead) const = 0;
};

} // namespace hearth
