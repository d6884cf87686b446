#pragma once

#include "app/chat/prompt_input.h"
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

    [[nodiscard]] static std::vector<Turn> turnsOf(const PromptInput& input);
    [[nodiscard]] std::string shield(const QString& text, Shielded& shielded) const;
    [[nodiscard]] std::string_view controlTextAt(std::string_view text) const;
    /// Questions at which a prompt may begin. They lie `stepLength` of text (UTF-16 units) apart, so that a
    /// conversation that outgrows the context keeps its beginning, and with it what the engine has cached, for several
    /// turns. Half a context of units is an eighth of it in English and rarely more than half of it in any script.
    [[nodiscard]] static std::vector<std::size_t> possibleStarts(const std::vector<Turn>& turns,
                                                                 std::size_t stepLength);
    [[nodiscard]] std::size_t firstLikelyTurn(const std::vector<Turn>& turns, int limit) const;
    [[nodiscard]] Result<std::vector<TokenId>> encode(const PromptInput& input, const std::vector<Turn>& turns,
                                                      std::size_t first) const;
    /// `texts` are a question, an answer, a question, …
    [[nodiscard]] Result<std::string> render(const std::string& system, const std::vector<std::string>& texts) const;

    const Tokenizer& m_tokenizer;
    const ChatTemplate* m_chatTemplate;
    int m_contextTokens;
    std::array<std::vector<std::string>, 256> m_controlTexts; ///< by first byte, longest first
};

} // namespace hearth
