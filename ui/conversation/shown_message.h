#pragma once

#include "app/chat/message.h"

#include <compare>

namespace hearth::ui {

/// One message as the conversation shows it: the stored message and what its place in the tree adds.
struct ShownMessage {
    Message message;
    int versionIndex = 0; ///< from 0
    int versionCount = 1;
    bool inContext = true;
    bool canContinue = false;

    friend bool operator==(const ShownMessage&, const ShownMessage&) = default;
};

/// A place between two letters: message, block in it, and UTF-16 units in the block's text.
struct TextPosition {
    int message = 0;
    int block = 0;
    int offset = 0;

    friend auto operator<=>(const TextPosition&, const TextPosition&) = default;
};

/// What the user can do with a message.
enum class MessageAction {
    Copy,
    Edit,
    Regenerate,
    Continue,
    Retry,
    PreviousVersion,
    NextVersion,
    Mixture,
    ToggleReasoning,
};

} // namespace hearth::ui
