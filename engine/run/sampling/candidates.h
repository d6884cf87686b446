#pragma once

#include "engine/text/tokenizer.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// The tokens that may still be drawn. Each keep…() narrows them and leaves at least one. Where logits are equal, lower
/// ids come first. Probabilities are those of the softmax over the present candidates. No allocation once the storage
/// has grown to the vocabulary. Thread: one.
class Candidates {
public:
    /// All tokens, or only the `count` likeliest (0: all). logits (vocabulary): no NaN, no +inf; not all empty.
    /// Time: linear; the `count` kept are sorted, the others never are.
    void assign(std::span<const float> logits, std::int32_t count);

    /// Locally typical sampling: the tokens whose surprise is closest to the expected one, until their probabilities
    /// sum to `mass`. Source: arXiv 2202.00666.
    void keepTypical(float mass);
    /// The likeliest tokens until their probabilities sum to `mass`. Source: arXiv 1904.09751.
    void keepTopP(float mass);
    /// The tokens at least `fraction` times as likely as the likeliest. Source: arXiv 2407.01082.
    void keepMinP(float fraction);

    /// The token at which the running sum of the probabilities at `temperature` (above 0) passes `unit` (0 to 1).
    [[nodiscard]] TokenId draw(float temperature, double unit);

    [[nodiscard]] std::size_t size() const { return m_tokens.size(); }
    [[nodiscard]] TokenId token(std::size_t index) const { return m_tokens[index]; }

private:
    /// One candidate outside of the arrays, where some have to be sorted.
    struct Item {
        float key = 0; ///< at least 0; smaller ones are kept first
        float weight = 0;
        std::int32_t index = 0; ///< in the arrays
        TokenId token = 0;
    };

    void takeLikeliest(std::span<const float> logits, std::int32_t count);
    /// Keeps the candidates with the smallest m_keys until their m_weights sum to `mass` of all.
    void keepMass(double mass);
    [[nodiscard]] std::size_t bucketOf(float key) const;
    std::size_t keepWithinBucket(std::size_t bucket, double sum, double wanted);
    void weigh(float scale);
    [[nodiscard]] float largest() const;
    void moveTo(std::size_t target, std::size_t source);
    void shrink(std::size_t count);

    // Arrays of one length, so that the loops over a whole vocabulary run several candidates at a time.
    std::vector<float> m_logits;   ///< minus the largest of all at first: at most 0
    std::vector<TokenId> m_tokens; ///< rising, or by falling logit after top-k
    std::vector<float> m_weights;  ///< e^logit, as weigh() left it
    std::vector<float> m_keys;     ///< what keepMass() goes by
    float m_bucketsPerUnit = 0;    ///< of keys; 0: all in one
    std::vector<double> m_sums;    ///< of the weights, by bucket or block
    std::vector<Item> m_items;     ///< the few that are sorted
};

} // namespace hearth
