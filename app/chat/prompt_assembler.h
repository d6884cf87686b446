#pragma once

#include "app/chat/prompt_input.h"
#include "engine/text/answer/answer_format.h"
#include "engine/text/chat_template.h"
#include "engine/text/tokenizer.h"
#include "kernels/base/result.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// Tokens to generate from, and the texts that end the answer besides the model's own end tokens.
struct AssembledPrompt {
    std::vector<TokenId> tokens;
    std::vector<std::string> stopStrings;
    AnswerFormat answerFormat; ///< how the model will write its reasoning and calls
    AnswerStart answerStart = AnswerStart::Fresh;
    PromptReport report;
};

/// Makes prompts for one loaded model: as much of a branch as fits, newest first, in the model's chat template.
///
/// What does not fit is dropped in whole turns, oldest first, about an eighth of the context at a time, and reported;
/// the system prompt and the last question always stay. Text that spells a control token ("<|im_end|>") in a message is
/// read as plain text: only the template can write control tokens. Messages without text are left out and neighbours of
/// one role joined, for many templates insist on alternation; a template without a system role gets the system prompt
/// before the first question.
///
/// The reasoning of earlier answers is given to the template apart from their text (reasoning_content, thinking): it
/// says whether the model reads it again. An answer that is gone on with begins as the model would have written it.
///
/// A model without a template gets this plain format, and "\nUser:" ends its answer:
///     <system prompt>\n\nUser: <question>\nAssistant: <answer>\nUser: <question>\nAssistant:
///
/// Thread: any; the tokenizer and the template outlive it.
class PromptAssembler {
public:
    /// `chatTemplate` may be null.
    PromptAssembler(const Tokenizer& tokenizer, const ChatTemplate* chatTemplate, int contextTokens);

    /// Errors: InvalidInput (nothing to answer; the last question alone does not fit, with the numbers; the template
    /// refuses the messages, with its words).
    [[nodiscard]] Result<AssembledPrompt> assemble(const PromptInput& input) const;
    /// Tokens of a text on its own.
    [[nodiscard]] int count(const QString& text) const;

private:
    struct Turn;
    struct Shielded;
    /// A turn as the template gets it.
    struct Spoken {
        std::string text;
        std::string reasoning;
    };
    struct Encoded {
        std::vector<TokenId> tokens;
        AnswerStart start;
    };

    [[nodiscard]] static std::vector<Turn> turnsOf(const PromptInput& input);
    [[nodiscard]] std::string shield(const QString& text, Shielded& shielded) const;
    [[nodiscard]] std::string_view controlTextAt(std::string_view text) const;
    /// Questions at which a prompt may begin. They lie `stepLength` of text (UTF-16 units) apart, so that a
    /// conversation that outgrows the context keeps its beginning, and with it what the engine has cached, for several
    /// turns. Half a context of units is an eighth of it in English and rarely more than half of it in any script.
    [[nodiscard]] static std::vector<std::size_t> possibleStarts(const std::vector<Turn>& turns,
                                                                 std::size_t stepLength);
    [[nodiscard]] std::size_t firstLikelyTurn(const std::vector<Turn>& turns, int limit) const;
    [[nodiscard]] Result<Encoded> encode(const PromptInput& input, const std::vector<Turn>& turns,
                                         std::size_t first) const;
    /// Writes the beginning of the answer behind the prompt, as the model would have; says where it goes on.
    AnswerStart beginAnswer(const PromptInput& input, std::string& rendered, Shielded& pieces) const;
    [[nodiscard]] std::vector<TokenId> tokensOf(std::string_view rendered, const Shielded& pieces) const;
    /// `turns` are a question, an answer, a question, …; `tools` is null without any.
    [[nodiscard]] Result<std::string> render(const std::string& system, const std::vector<Spoken>& turns,
                                             const nlohmann::ordered_json& tools) const;

    const Tokenizer& m_tokenizer;
    const ChatTemplate* m_chatTemplate;
    int m_contextTokens;
    AnswerFormat m_answerFormat;
    std::array<std::vector<std::string>, 256> m_controlTexts; ///< by first byte, longest first
};

} // namespace hearth
