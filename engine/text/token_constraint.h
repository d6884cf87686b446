#pragma once

#include "engine/text/tokenizer.h"
#include "kernels/base/error.h"

#include <cstddef>
#include <optional>
#include <span>

namespace hearth {

/// What tokens an answer may go on with; asked and told by the sampler. Thread: one.
class TokenConstraint {
public:
    virtual ~TokenConstraint() = default;

    [[nodiscard]] virtual bool allows(TokenId token) = 0;
    /// logits (vocabulary): those of tokens that may not come become minus infinity.
    virtual void restrict(std::span<float> logits) = 0;
    /// The next token of the answer.
    virtual void accept(TokenId token) = 0;
    /// Takes back the last `count` tokens accepted, at most kMostRewind: drafts that were not confirmed.
    virtual void rewind(std::size_t count) = 0;
    /// Nothing can follow but the end.
    [[nodiscard]] virtual bool isComplete() const = 0;
    /// Why the answer cannot go on; usually nothing. What restrict() did is then of no use.
    [[nodiscard]] virtual const std::optional<Error>& failure() const = 0;

    static constexpr std::size_t kMostRewind = 256;
};

} // namespace hearth
