#pragma once

#include "engine/run/decoder.h"
#include "engine/run/trace/generation_trace.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// The likelihood of `token` by the softmax of `logits` (vocabulary), and the likeliest others, likeliest first, the
/// lower id among equals; NaN counts as minus infinity. runnersUp keeps its memory from call to call.
[[nodiscard]] TokenChance judgeToken(std::span<const float> logits, TokenId token, std::vector<TokenChance>& runnersUp);

/// Follows one answer and hands its tokens to a sink. The loop that makes the answer says for each token when it was
/// drawn and when it was read. Without a sink nothing is done. Thread: the loop's.
class TraceRecorder {
public:
    /// Both outlive the recorder.
    TraceRecorder(const Decoder& decoder, const TraceSink& sink);

    /// A token of the answer was drawn from `logits` (vocabulary).
    void drawn(TokenId token, std::span<const float> logits);
    /// The token drawn last was row `row` of the decoder's last step.
    void read(std::int32_t row);
    /// The answer ends: a token that was not read is handed over without experts.
    void end();

private:
    void handOver(std::size_t choices);

    const Decoder& m_decoder;
    const TraceSink& m_sink;
    bool m_waiting = false; ///< a token was drawn and not handed over yet
    TokenChance m_chosen;
    std::vector<TokenChance> m_runnersUp;
    std::vector<std::int32_t> m_experts;
    std::vector<float> m_weights;
};

} // namespace hearth
