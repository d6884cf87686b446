#pragma once

#include "engine/run/sampler.h"
#include "engine/text/tokenizer.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>

namespace hearth {

/// A guess of one token. How often guesses of a class come true is learned while they are made; nothing else is meant
/// by it.
struct Guess {
    static constexpr std::int32_t kClasses = 8;

    TokenId token = 0;
    std::int32_t confidence = 0; ///< a class, 0 .. kClasses - 1
};

/// Guesses what follows a text that grows token by token. Thread: one.
class Drafter {
public:
    virtual ~Drafter() = default;

    /// Another text begins, whose tokens `sampler` draws by `settings`; the first guess after a start() is of its next
    /// draw. Both outlive the text.
    virtual void begin(const SamplerSettings& settings, const Sampler& sampler) = 0;

    /// Prepares to guess what follows `text`: the one of the last call and more, or the first one since begin().
    /// Errors: Cancelled, Device.
    [[nodiscard]] virtual Status start(std::span<const TokenId> text, std::stop_token stop) = 0;

    /// The next guess, behind those made since start(); nothing if there is none. Errors: Cancelled, Device.
    [[nodiscard]] virtual Result<std::optional<Guess>> next(std::stop_token stop) = 0;
};

} // namespace hearth
