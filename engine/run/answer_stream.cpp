#include "engine/run/answer_stream.h"

#include <string>

namespace hearth {

AnswerStream::AnswerStream(const Tokenizer& tokenizer, const GenerationRequest& request, const GenerationSink& sink,
                           GenerationStats& stats)
    : m_tokenizer(tokenizer), m_sink(sink), m_stats(stats),
      m_parser(AnswerParser::create(request.answerFormat, request.answerStart, request.toolsOffered)),
      m_stops(request.stopStrings) {}

void AnswerStream::push(TokenId token) {
    const AnswerPart before = m_parser->part();
    if (m_tokenizer.isControl(token))
        m_parser->pushControl(m_tokenizer.tokenText(token), m_pieces);
    else
        m_parser->push(m_tokenizer.tokenBytes(token), m_pieces);
    // The token that ends the reasoning is one of it.
    if (before == AnswerPart::Reasoning || m_parser->part() == AnswerPart::Reasoning) {
        ++m_stats.reasoningTokens;
        m_stats.reasoningSeconds = std::chrono::duration<double>(Clock::now() - m_start).count();
    }
    give();
}

void AnswerStream::finish() {
    m_parser->finish(m_pieces);
    give();
    std::string rest;
    m_reasoningCharacters.flush(rest);
    giveReasoning(rest);
    const std::string_view text = m_stops.flush();
    if (!text.empty() && m_sink.text)
        m_sink.text(text, m_stats.generatedTokens);
}

void AnswerStream::give() {
    for (AnswerPiece& piece : m_pieces) {
        switch (piece.kind) {
        case AnswerPiece::Kind::Text: {
            const std::string_view text = m_stops.push(piece.text);
            if (!text.empty() && m_sink.text)
                m_sink.text(text, m_stats.generatedTokens);
            break;
        }
        case AnswerPiece::Kind::Reasoning: {
            std::string characters;
            m_reasoningCharacters.push(piece.text, characters);
            giveReasoning(characters);
            break;
        }
        case AnswerPiece::Kind::Call:
            if (m_sink.toolCall)
                m_sink.toolCall(piece.call);
            break;
        }
    }
    m_pieces.clear();
}

void AnswerStream::giveReasoning(std::string_view text) {
    if (!text.empty() && m_sink.reasoning)
        m_sink.reasoning(text, m_stats.generatedTokens);
}

} // namespace hearth
