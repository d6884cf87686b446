#pragma once

#include "engine/run/engine.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace hearth::cli {

/// The messages of one chat in a terminal, and the prompt that a model reads of them.
class Conversation {
public:
    /// An empty `system` means none. The engine must outlive the conversation.
    Conversation(const Engine& engine, std::string system);

    void addUser(std::string text);
    void addAssistant(std::string text);
    /// Takes the last message back, e.g. a question that was not answered.
    void dropLast();
    /// Forgets everything but the system message.
    void clear();

    /// The ids of the whole chat with the assistant's turn opened. Forgets the oldest turns while they fill more of the
    /// context than leaves `answerTokens` free; the system message and the last question always stay.
    /// Errors: those of ChatTemplate::render.
    [[nodiscard]] Result<std::vector<TokenId>> prompt(std::int32_t answerTokens);
    /// Messages that prompt() has forgotten so far.
    [[nodiscard]] std::size_t forgotten() const { return m_forgotten; }

private:
    [[nodiscard]] Result<std::vector<TokenId>> render() const;
    [[nodiscard]] std::size_t systemCount() const;

    const Engine& m_engine;
    nlohmann::ordered_json m_messages = nlohmann::ordered_json::array();
    std::size_t m_forgotten = 0;
};

} // namespace hearth::cli
