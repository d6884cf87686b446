#pragma once

#include <QtGlobal>

namespace hearth {

/// What a conversation is doing.
enum class ChatState : quint8 {
    Idle,
    Waiting,   ///< sent; the model still loads or answers elsewhere
    Reading,   ///< the model reads the prompt
    Answering, ///< text comes
    Stopping,
};

/// How full the model's context is with a conversation. All in tokens.
struct ContextUse {
    int usedTokens = 0;      ///< branch and system prompt; while answering also what was written
    int draftTokens = 0;     ///< of the text in the composer and its attachments
    int totalTokens = 0;     ///< 0: no model is loaded, nothing is known
    int droppedMessages = 0; ///< that do not fit
    friend bool operator==(const ContextUse&, const ContextUse&) = default;
};

} // namespace hearth
