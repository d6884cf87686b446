#pragma once

#include "app/chat/message.h"

#include <QByteArray>
#include <QList>
#include <QString>

namespace hearth {

/// One message as the prompt needs it.
struct PromptMessage {
    MessageId id = kNoId;
    MessageRole role = MessageRole::User;
    QString text; ///< attached files already written into it: see withAttachments()
    /// Of an answer: given to the template, which says whether the model reads it again.
    QString reasoning = {};
    friend bool operator==(const PromptMessage&, const PromptMessage&) = default;
};

/// What a prompt is made of. A value that goes to the engine's thread, where the tokenizer is.
struct PromptInput {
    QString systemPrompt; ///< blank: none
    QList<PromptMessage> messages;
    QString continuation;   ///< the beginning of the answer that the model shall go on with; usually empty
    QString reasoning = {}; ///< the beginning of its reasoning, before that
    QByteArray tools = {};  ///< offered to the model: JSON as the OpenAI API writes it; usually empty
    int answerTokens = 512; ///< room kept for the answer, at most half of the context
    friend bool operator==(const PromptInput&, const PromptInput&) = default;
};

/// What became of it.
struct PromptReport {
    int promptTokens = 0;
    int contextTokens = 0;
    QList<MessageId> dropped; ///< messages, oldest first, that did not fit
    friend bool operator==(const PromptReport&, const PromptReport&) = default;
};

/// A question's text with its attached files after it, each in a fence with its name.
[[nodiscard]] QString withAttachments(const Message& message);

} // namespace hearth
