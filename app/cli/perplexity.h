#pragma once

#include "engine/run/engine.h"

#include <span>
#include <stop_token>

namespace hearth::cli {

/// How surprised a model is by a text. Tokens are cut into chunks of `contextTokens`, the rest is left out; each chunk
/// is read from an empty cache, its first token replaced by the vocabulary's begin token if texts begin with one
/// (`beginToken`); the tokens after the first contextTokens / 2 + 1 of a chunk are counted. This is the definition of
/// llama.cpp's llama-perplexity (tools/perplexity), so that figures compare.
struct Perplexity {
    double value = 0;         ///< exp of the mean negative log probability
    double standardError = 0; ///< of `value`, from the spread of the tokens' log probabilities
    std::int32_t chunks = 0;
    std::int64_t countedTokens = 0;
};

/// Errors: InvalidInput if there are not two chunks of tokens, or a chunk is shorter than 4; the engine's; Cancelled.
[[nodiscard]] Result<Perplexity> measurePerplexity(Engine& engine, std::span<const TokenId> tokens,
                                                   std::int32_t contextTokens, std::optional<TokenId> beginToken,
                                                   std::stop_token stop);

} // namespace hearth::cli
