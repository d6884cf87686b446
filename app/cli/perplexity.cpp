#include "app/cli/perplexity.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace hearth::cli {

Result<Perplexity> measurePerplexity(Engine& engine, std::span<const TokenId> tokens, std::int32_t contextTokens,
                                     std::optional<TokenId> beginToken, std::stop_token stop) {
    constexpr std::int32_t kLeastContext = 4;
    const auto count = static_cast<std::int64_t>(tokens.size());
    if (contextTokens < kLeastContext || count < 2 * std::int64_t{contextTokens})
        return Error{ErrorCode::InvalidInput,
                     "the text has " + std::to_string(count) + " tokens; perplexity takes two chunks of --ctx "
                         + std::to_string(contextTokens) + " (at least " + std::to_string(kLeastContext) + ")"};
    const std::int32_t counted = contextTokens - 1 - contextTokens / 2;
    Perplexity result;
    result.chunks = static_cast<std::int32_t>(count / contextTokens);
    double sum = 0;
    double squares = 0;
    for (std::int32_t chunk = 0; chunk < result.chunks; ++chunk) {
        const auto first = tokens.subspan(static_cast<std::size_t>(chunk) * static_cast<std::size_t>(contextTokens),
                                          static_cast<std::size_t>(contextTokens));
        std::vector<TokenId> read(first.begin(), first.end());
        if (beginToken)
            read.front() = *beginToken;
        HEARTH_TRY(const std::vector<double> logProbabilities, engine.logProbabilities(read, counted, stop));
        for (const double logProbability : logProbabilities) {
            sum -= logProbability;
            squares += logProbability * logProbability;
        }
        result.countedTokens += counted;
    }
    const auto total = static_cast<double>(result.countedTokens);
    const double mean = sum / total;
    result.value = std::exp(mean);
    const double variance = std::max(squares / total - mean * mean, 0.0);
    result.standardError = total > 1 ? result.value * std::sqrt(variance / (total - 1)) : 0;
    return result;
}

} // namespace hearth::cli
