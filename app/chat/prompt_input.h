#pragma once

#include "app/chat/message.h"

#include <QList>
#include <QString>

namespace hearth {

/// One message as the prompt needs it.
struct PromptMessage {
    MessageId id = kNoId;
    MessageRole role = MessageRole::User;
    QString text; ///< attached files already written into it: see withAttachments()
    friend bool operator==(const PromptMessage&, const PromptMessage&) = default;
};

/// What a prompt is made of. A value that goes to the engine's thread, where the tokenizer is.
struct PromptInput {
    QString systemPrompt; ///< blank: none
    QList<PromptMessage> messages;
    QString continuation;   ///< the beginning of the answer that the model shall go on with; usually empty
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
