#pragma once

#include "ui/conversation/conversation_view.h"

#include <memory>
#include <vector>

namespace hearth::ui {

class Theme;

/// Messages for tests of the conversation view.
[[nodiscard]] ShownMessage question(qint64 id, const QString& text);
[[nodiscard]] ShownMessage answer(qint64 id, const QString& text, MessageState state = MessageState::Complete);
/// `sentences` times the same sentence.
[[nodiscard]] QString prose(int sentences);
/// Questions with odd ids and answers with even ones, from 1 on: headings, prose, lists and code of various lengths.
[[nodiscard]] std::vector<ShownMessage> turns(int count);
/// Text with everything that can be formatted.
[[nodiscard]] QString demoAnswer();

/// Shows the view with these messages and lays it out.
void showConversation(ConversationView& view, std::vector<ShownMessage> messages, QSize size = {900, 700});

} // namespace hearth::ui
