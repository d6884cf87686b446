#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hearth {

class Tokenizer;

/// What a piece of an answer belongs to.
enum class AnswerPart : std::uint8_t { Text, Reasoning };

/// Where the model goes on: nothing of the answer is there yet, or its reasoning or its text has begun.
enum class AnswerStart : std::uint8_t { Fresh, InReasoning, InText };

/// A function that the model wants to have called.
struct ToolCall {
    std::string name;
    std::string arguments; ///< a JSON object as text
    std::string id;        ///< as the model wrote it; usually empty

    friend bool operator==(const ToolCall&, const ToolCall&) = default;
};

/// How a family writes calls.
enum class CallSyntax : std::uint8_t {
    None,
    Json,     ///< {"name": …, "arguments": {…}}, several of them, or a list
    Tagged,   ///< in <tool_call>: Json, <function=…><parameter=…>, or <arg_key>…<arg_value>, as it begins
    Llama,    ///< the answer is {"name": …, "parameters": {…}}; after <|python_tag|> also f.call(…) or code
    Mistral,  ///< name[ARGS]{…}, name[CALL_ID]id[ARGS]{…}, or a Json list
    DeepSeek, ///< name<｜tool▁sep｜>{…}, or function<｜tool▁sep｜>name and a fenced block
    Kimi,     ///< functions.name:0<|tool_call_argument_begin|>{…}
    Invoke,   ///< <invoke name="…"><parameter name="…">…</parameter></invoke>
    Pythonic, ///< [f(a="x", b=1), …]
    Gemma,    ///< call:f{a:<|"|>x<|"|>,b:1}
    Harmony,  ///< messages in channels; reasoning is one of them
};

/// How a family tells reasoning, answer and calls apart. Empty markers are not in use. A value. Thread: any.
struct AnswerFormat {
    std::string reasoningOpen;
    std::string reasoningClose;
    /// Around the answer after the reasoning; neither is shown.
    std::string answerOpen;
    std::string answerClose;
    std::string callsOpen;
    std::string callsClose; ///< empty: the calls go on to the end of the answer
    CallSyntax calls = CallSyntax::None;

    [[nodiscard]] bool hasReasoning() const { return !reasoningOpen.empty(); }
    [[nodiscard]] bool isPlain() const { return !hasReasoning() && calls == CallSyntax::None; }
    friend bool operator==(const AnswerFormat&, const AnswerFormat&) = default;
};

/// The format of a model, from the markers that its chat template writes (empty: none) and its vocabulary knows.
[[nodiscard]] AnswerFormat detectAnswerFormat(std::string_view chatTemplate, const Tokenizer& tokenizer);

/// Where the model goes on after a prompt without a beginning of the answer: templates may open the reasoning.
[[nodiscard]] AnswerStart startAfter(std::string_view prompt, const AnswerFormat& format);

/// What stands between the prompt and a beginning that the model shall go on with.
struct AnswerLead {
    std::string beforeReasoning;
    std::string beforeText;     ///< of an answer without reasoning
    std::string afterReasoning; ///< before the text of one with it
};
/// `prompt` as the template wrote it; empty strings where it already leads to that part.
[[nodiscard]] AnswerLead answerLead(std::string_view prompt, const AnswerFormat& format);

/// A GBNF grammar of what may come before the answer's text: rules with `lead` as the first. Empty if nothing may.
[[nodiscard]] std::string leadGrammar(const AnswerFormat& format, AnswerStart start, const Tokenizer& tokenizer);

} // namespace hearth
