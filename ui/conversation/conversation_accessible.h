#pragma once

namespace hearth::ui {

class ConversationView;

/// Makes the accessible tree of ConversationView known to Qt; more than one call does no harm.
void installConversationAccessibility();

// What assistive technology is told. Free when none listens. Thread: UI.
/// The list of messages is another.
void announceReset(ConversationView& view);
/// Blocks [first, end) of an answer became final: their text was inserted.
void announceBlocks(ConversationView& view, int message, int first, int end);
/// The keyboard went to another message or action.
void announceFocus(ConversationView& view);
/// The reasoning of a message was folded or unfolded.
void announceToggle(ConversationView& view, int message);

} // namespace hearth::ui
