#pragma once

#include "engine/text/answer/answer_format.h"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

namespace hearth {

/// Text on its way from the engine to the window: bounded, nothing is lost. Thread: one writes, one takes.
class TokenRing {
public:
    /// About 15 thousand tokens: minutes of a stalled window before the engine has to wait.
    static constexpr std::size_t kCapacityBytes = 64 * 1024;

    struct Content {
        std::string reasoning; ///< comes before the text
        std::string text;
        int generatedTokens = 0; ///< of the whole answer, so far
    };

    /// Appends; waits while the ring is full. False: stopped before there was room, and nothing was appended.
    bool write(AnswerPart part, std::string_view text, int generatedTokens, std::stop_token stop);
    /// All that is there. Never waits.
    [[nodiscard]] Content take();

private:
    std::mutex m_mutex;
    std::condition_variable_any m_taken;
    Content m_content;
};

} // namespace hearth
