#pragma once

#include "engine/text/tokenizer.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// e^x for x <= 0, correct to 2e-7 of itself and the same on every machine; below -87 it is 0.
[[nodiscard]] float expOfNegative(float x);

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

    [[nodiscard]] std::size_t size() const { return m_items.size(); }
    [[nodiscard]] TokenId token(std::size_t index) const { return m_items[index].token; }

private:
    struct Item {
        float logit = 0; ///< minus the largest of all: at most 0
        float rank = 0;  ///< what typical sampling sorts by
        TokenId token = 0;
    };

    template <typename Before>
    void keepMass(double mass, Before before);
    [[nodiscard]] double totalWeight() const;
    static bool likelier(const Item& left, const Item& right);

    std::vector<Item> m_items;
};

} // namespace hearth
