#pragma once

#include "engine/run/engine.h"
#include "engine/run/sampling/stop_strings.h"
#include "engine/run/sampling/utf8_stream.h"
#include "engine/text/answer/answer_parser.h"

#include <chrono>
#include <memory>
#include <vector>

namespace hearth {

/// The way of an answer's tokens to the sink: reasoning, text and calls told apart, stop strings looked for in the
/// text, whole characters only. Thread: that of generate().
class AnswerStream {
public:
    /// All outlive the stream.
    AnswerStream(const Tokenizer& tokenizer, const GenerationRequest& request, const GenerationSink& sink,
                 GenerationStats& stats);

    /// Takes the next token of the answer; stats.generatedTokens counts it already.
    void push(TokenId token);
    /// The end of the answer: gives what was held back.
    void finish();
    /// True once a stop string was found.
    [[nodiscard]] bool stopped() const { return m_stops.stopped(); }

private:
    using Clock = std::chrono::steady_clock;

    void give();
    void giveReasoning(std::string_view text);

    const Tokenizer& m_tokenizer;
    const GenerationSink& m_sink;
    GenerationStats& m_stats;
    std::unique_ptr<AnswerParser> m_parser;
    StopStringFilter m_stops;
    Utf8Stream m_reasoningCharacters;
    std::vector<AnswerPiece> m_pieces;
    Clock::time_point m_start = Clock::now();
};

} // namespace hearth
