#pragma once

#include "engine/text/answer/answer_format.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// A piece of an answer in its order.
struct AnswerPiece {
    enum class Kind : std::uint8_t { Text, Reasoning, Call };
    Kind kind = Kind::Text;
    std::string text; ///< of Text and Reasoning
    ToolCall call;    ///< of Call

    friend bool operator==(const AnswerPiece&, const AnswerPiece&) = default;
};

/// Whether tools were offered in the prompt. Without any, what looks like a call is text.
enum class ToolsOffered : std::uint8_t { No, Yes };

/// Tells text, reasoning and calls apart while an answer is being written. How the answer is split into tokens makes
/// no difference. Bytes that may become a marker are held back until that is decided, and so is white space around
/// markers, which belongs to them. A call comes whole, when it is complete; one that cannot be read comes as the text
/// that it is. Never fails. Thread: one.
class AnswerParser {
public:
    [[nodiscard]] static std::unique_ptr<AnswerParser> create(const AnswerFormat& format, AnswerStart start,
                                                              ToolsOffered tools);
    virtual ~AnswerParser() = default;

    /// The bytes of a token.
    virtual void push(std::string_view bytes, std::vector<AnswerPiece>& output) = 0;
    /// A control token by its text: a marker, or nothing to be shown.
    virtual void pushControl(std::string_view token, std::vector<AnswerPiece>& output) = 0;
    /// The end of the answer.
    virtual void finish(std::vector<AnswerPiece>& output) = 0;
    /// What is being written now.
    [[nodiscard]] virtual AnswerPart part() const = 0;
};

} // namespace hearth
