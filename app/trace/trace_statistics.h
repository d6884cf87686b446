#pragma once

#include "app/trace/answer_trace.h"

#include <vector>

namespace hearth {

/// How much each expert did over a range of tokens.
struct ExpertLoad {
    struct Layer {
        int layer = 0;      ///< in the model, from 0
        int experts = 0;    ///< that it has
        int used = 0;       ///< chosen for each token
        int active = 0;     ///< experts that were chosen at least once
        int busiest = -1;   ///< the expert with the largest share; -1: no token was read
        double balance = 0; ///< entropy of the shares, 1 where it is as large as so many choices allow
    };
    std::vector<Layer> layers;
    int tokens = 0;  ///< of the range that have experts
    int columns = 0; ///< experts of the widest layer
    /// (layers, columns): what the expert contributed to its layer, 0 to 1; a layer's sum to 1.
    std::vector<float> shares;
    /// (layers, columns): tokens that chose it.
    std::vector<int> counts;

    [[nodiscard]] float share(int layer, int expert) const { return shares[index(layer, expert)]; }
    [[nodiscard]] int count(int layer, int expert) const { return counts[index(layer, expert)]; }
    /// The share in multiples of an even one.
    [[nodiscard]] double timesEven(int layer, int expert) const;
    /// The largest of all.
    [[nodiscard]] double mostTimesEven() const;

private:
    [[nodiscard]] std::size_t index(int layer, int expert) const {
        return static_cast<std::size_t>(layer) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(expert);
    }
};

/// 60 layers, 8 choices of 256 experts, 2,000 tokens: 2 ms.
[[nodiscard]] ExpertLoad expertLoad(const AnswerTrace& trace, TokenRange range);

/// The figures of a range in one line each.
struct TraceSummary {
    int tokens = 0;
    double perplexity = 0;    ///< e^(mean of -ln p); 0 without tokens
    int experts = 0;          ///< of all layers together
    int activeExperts = 0;    ///< of these, chosen at least once
    double tokenShare = 1.0;  ///< of the model's weights that one token reads
    double answerShare = 1.0; ///< of the model's weights that the range reads
};
[[nodiscard]] TraceSummary summarise(const AnswerTrace& trace, TokenRange range, const ExpertLoad& load);

/// How unexpected a token was, 0 (certain) to 1 (one in a hundred, or less likely).
[[nodiscard]] double surprise(float probability);

/// Of the choices of two tokens, the part that is the same; 0 if either was not read.
[[nodiscard]] double sharedExperts(const AnswerTrace& trace, int one, int other);

/// The tokens to which an expert contributed most, at most `count`, the largest share first.
struct ExpertUse {
    int token = 0;
    int share = 0; ///< in 255ths of the layer
};
[[nodiscard]] std::vector<ExpertUse> tokensOfExpert(const AnswerTrace& trace, TokenRange range, int layer, int expert,
                                                    int count);

} // namespace hearth
