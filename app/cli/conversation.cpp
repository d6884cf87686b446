#include "app/cli/conversation.h"

#include "app/cli/chat_prompt.h"

#include <utility>

namespace hearth::cli {

Conversation::Conversation(const Engine& engine, std::string system) : m_engine(engine) {
    if (!system.empty())
        m_messages.push_back({{"role", "system"}, {"content", std::move(system)}});
}

void Conversation::addUser(std::string text) {
    m_messages.push_back({{"role", "user"}, {"content", std::move(text)}});
}

void Conversation::addAssistant(std::string text) {
    m_messages.push_back({{"role", "assistant"}, {"content", std::move(text)}});
}

void Conversation::dropLast() {
    if (m_messages.size() > systemCount())
        m_messages.erase(m_messages.size() - 1);
}

void Conversation::clear() {
    while (m_messages.size() > systemCount())
        dropLast();
}

std::size_t Conversation::systemCount() const {
    return !m_messages.empty() && m_messages[0]["role"] == "system" ? 1 : 0;
}

Result<std::vector<TokenId>> Conversation::render() const {
    const ChatTemplate* chatTemplate = m_engine.chatTemplate();
    if (chatTemplate == nullptr)
        return Error{ErrorCode::Unsupported, "this model has no chat template: use --raw to continue a text with it"};
    ChatTemplateInput input;
    input.messages = m_messages;
    HEARTH_TRY(const std::string text, chatTemplate->render(input));
    return encodePrompt(m_engine.tokenizer(), text);
}

Result<std::vector<TokenId>> Conversation::prompt(std::int32_t answerTokens) {
    const std::int32_t context = m_engine.info().contextTokens;
    const auto room = static_cast<std::size_t>(std::max(context - answerTokens, context / 2));
    while (true) {
        HEARTH_TRY(std::vector<TokenId> ids, render());
        // A question and its answer go together: templates insist that the roles alternate.
        if (ids.size() <= room || m_messages.size() < systemCount() + 3)
            return ids;
        m_messages.erase(systemCount());
        m_messages.erase(systemCount());
        m_forgotten += 2;
    }
}

} // namespace hearth::cli
