#pragma once

#include "engine/text/answer/answer_parser.h"

#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// Answers as messages in channels: <|start|>assistant<|channel|>analysis<|message|>…<|end|>. The channel analysis is
/// reasoning, a message to a function is a call, everything else is text. Thread: one. Source: OpenAI's "harmony
/// response format" (cookbook.openai.com/articles/openai-harmony).
class HarmonyAnswerParser final : public AnswerParser {
public:
    /// A fresh answer begins with a header.
    HarmonyAnswerParser(AnswerStart start, ToolsOffered tools);

    void push(std::string_view bytes, std::vector<AnswerPiece>& output) override;
    void pushControl(std::string_view token, std::vector<AnswerPiece>& output) override;
    void finish(std::vector<AnswerPiece>& output) override;
    [[nodiscard]] AnswerPart part() const override {
        return m_mode == Mode::Reasoning ? AnswerPart::Reasoning : AnswerPart::Text;
    }

private:
    enum class Mode : std::uint8_t { Header, Reasoning, Text, Call };

    bool advance(std::vector<AnswerPiece>& output);
    bool advanceHeader();
    bool advanceBody(std::vector<AnswerPiece>& output);
    void readHeader(std::string_view header);
    void endCall(std::vector<AnswerPiece>& output);
    void emit(std::string_view text, std::vector<AnswerPiece>& output) const;

    const bool m_tools;
    Mode m_mode;
    std::string m_buffer; ///< not yet given away
    std::string m_header; ///< of the call that is being written, as it stands in the answer
    std::string m_function;
};

} // namespace hearth
