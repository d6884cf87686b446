#pragma once

#include "app/chat/message.h"

#include <QObject>
#include <QTimer>

namespace hearth {
class AnswerTraces;
class ChatController;
class Settings;
} // namespace hearth

namespace hearth::ui {

class MixturePane;

/// Joins the mixture pane to the services: loads what it shows, keeps it in step with an answer that is being written,
/// and while it is in sight goes on to the newest answer. Thread: UI.
class MixturePresenter : public QObject {
    Q_OBJECT

public:
    /// All outlive the presenter.
    MixturePresenter(ChatController& chat, Settings& settings, MixturePane& pane, QObject* parent);

    /// kNoId: the newest answer of the open conversation, if it has one.
    void show(MessageId answer);
    [[nodiscard]] MessageId answer() const { return m_answer; }

private:
    void follow();
    void refresh();
    void showLoaded();
    [[nodiscard]] MessageId newestAnswer() const;
    [[nodiscard]] const Message* message() const;
    [[nodiscard]] bool isWritten() const;

    ChatController& m_chat;
    AnswerTraces& m_traces;
    Settings& m_settings;
    MixturePane& m_pane;
    MessageId m_answer = kNoId;
    bool m_isShown = false; ///< the pane shows its trace, not a word in its place
    QTimer m_growth;        ///< tokens come more often than they can be looked at
};

} // namespace hearth::ui
