#pragma once

#include "engine/text/tokenizer.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace hearth {

/// A token and how likely the model held it: softmax of the logits as they are, before any penalty or filter.
struct TokenChance {
    TokenId token = 0;
    float probability = 0;
};

/// Runners-up that are traced for each token; fewer if the vocabulary is smaller.
inline constexpr std::int32_t kRunnersUp = 5;

/// One layer of a model whose tokens choose among experts.
struct TracedLayer {
    std::int32_t layer = 0; ///< in the model, from 0
    std::int32_t experts = 0;
    std::int32_t used = 0;         ///< chosen for each token, at most
    std::uint64_t expertBytes = 0; ///< weights of one routed expert

    friend bool operator==(const TracedLayer&, const TracedLayer&) = default;
};

/// What all tokens of a trace have in common.
struct TraceShape {
    std::vector<TracedLayer> layers; ///< empty: a dense model
    std::uint64_t weightBytes = 0;   ///< of the whole model
    std::uint64_t commonBytes = 0;   ///< of these, what every token reads: all but routed experts and looked-up tables

    /// Choices of one token: the sum of `used`.
    [[nodiscard]] std::int32_t choices() const;
    friend bool operator==(const TraceShape&, const TraceShape&) = default;
};

/// How one token of an answer came about. The spans are valid during the call that hands it over.
struct TracedToken {
    TokenChance chosen;
    std::span<const TokenChance> runnersUp; ///< the likeliest others, likeliest first
    /// Where the routers sent this token when it was read, layer after layer, `used` of each, in falling order of their
    /// scores; -1: dropped by adaptive top-k. Empty if the model is dense, or the answer ended before it was read.
    std::span<const std::int32_t> experts;
    std::span<const float> weights; ///< of the experts, as they enter the sum; 0 where there is none
};

/// Takes the tokens of an answer in order; a token comes when it has been read, or when the answer ends.
using TraceSink = std::function<void(const TraceShape& shape, const TracedToken& token)>;

} // namespace hearth
