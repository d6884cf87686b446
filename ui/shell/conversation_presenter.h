#pragma once

#include "app/chat/message.h"

#include <QObject>

namespace hearth {
class ChatController;
class ConversationModel;
} // namespace hearth

namespace hearth::ui {

class ConversationBinding;
class ConversationView;

/// Joins the conversation view to the controller: shows its model, and hands the wishes of the view to it. Thread: UI.
class ConversationPresenter : public QObject {
    Q_OBJECT

public:
    /// Both outlive the presenter.
    ConversationPresenter(ChatController& chat, ConversationView& view, QObject* parent);

    /// Text of the newest answer, as Markdown; empty if there is none.
    [[nodiscard]] QString lastAnswer() const;
    /// Text of the last code block of the newest answer that has one; empty if there is none.
    [[nodiscard]] QString lastCodeBlock() const;
    /// kNoId if there is none.
    [[nodiscard]] MessageId lastMessage(MessageRole role) const;

Q_SIGNALS:
    /// The user wants to write a question anew.
    void editRequested(qint64 id, const QString& text);

private:
    void connectView();
    void connectProgress();

    ChatController& m_chat;
    ConversationModel& m_model;
    ConversationView& m_view;
    ConversationBinding* m_binding;
};

} // namespace hearth::ui
