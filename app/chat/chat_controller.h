#pragma once

#include "app/chat/chat_state.h"
#include "app/chat/conversation_model.h"
#include "app/chat/message.h"
#include "app/errors/error_text.h"
#include "kernels/base/result.h"

#include <QObject>

#include <memory>

namespace hearth {

class AnswerTraces;
class ConversationStore;
class EngineService;
class Settings;
class StorageThread;

/// The verbs of a chat. Owns the model of the open conversation; answers of conversations that are not open go on and
/// are saved all the same. Every message is handed to storage before the engine sees it, and a streaming one again
/// twice a second. If saving fails the chat goes on in memory, storageTrouble() says why, and it is tried again.
/// Thread: UI; nothing here blocks.
class ChatController : public QObject {
    Q_OBJECT
public:
    /// All outlive this.
    ChatController(StorageThread& storage, ConversationStore& store, EngineService& engine, Settings& settings,
                   QObject* parent = nullptr);
    ~ChatController() override;

    [[nodiscard]] ConversationModel& model();
    /// How answers came about, of any conversation.
    [[nodiscard]] AnswerTraces& traces();
    [[nodiscard]] ConversationId currentConversation() const;
    [[nodiscard]] ChatState state() const;
    [[nodiscard]] bool isBusy() const { return state() != ChatState::Idle; }
    [[nodiscard]] const ContextUse& contextMeter() const;

    /// An empty conversation; it gets a row on disk with its first question.
    void newConversation();
    /// Loads behind; conversationOpened() follows. An unknown id gives failed().
    void openConversation(ConversationId id);

    /// Asks. Leading and trailing white space is dropped; a blank text without attachments does nothing. The draft and
    /// pending attachments are used up. With no model loaded or loading: failed(), and the draft stays. The first
    /// question of a new conversation gives it its id and title: conversationOpened() is sent again.
    /// Returns false if nothing was sent.
    bool send(const QString& text);
    /// Keeps what was written. The state is Idle within 100 ms.
    void stop();
    /// A new version of an answer (or of the answer to a question); ignored while busy.
    void regenerate(MessageId message);
    /// A new version of a question, and an answer to it; ignored while busy.
    void editAndResend(MessageId message, const QString& text);
    /// Goes on with an answer that was stopped, interrupted or cut off by a limit; ignored while busy.
    void continueAnswer(MessageId message);
    /// Whether continueAnswer() would do something.
    [[nodiscard]] bool canContinue(MessageId message) const;
    /// Shows another version, index from 0; ignored while busy.
    void selectVersion(MessageId message, int index);

    /// The composer's text of the open conversation; kept per conversation, on disk after half a second of rest.
    [[nodiscard]] QString draft() const;
    void setDraft(const QString& text);

    /// Of the open conversation; empty: the one of the settings.
    [[nodiscard]] QString systemPrompt() const;
    void setSystemPrompt(const QString& text);

    /// Reads a text file for the next question; attachmentsChanged() or failed() follows.
    void attachFile(const QString& path);
    /// The same for a text that has no file; `name` is what it is shown as.
    void attachText(const QString& name, const QString& text);
    void removeAttachment(int index);
    [[nodiscard]] QList<Attachment> pendingAttachments() const;

    /// Hands everything unsaved to storage: call before shutting storage down.
    void saveNow();

Q_SIGNALS:
    /// The model shows this conversation (0: a new, empty one).
    void conversationOpened(qint64 id);
    void stateChanged(hearth::ChatState state);
    void promptProgress(int doneTokens, int totalTokens);
    void contextMeterChanged(const hearth::ContextUse& use);
    /// The prompt of the answer that begins leaves `count` messages out; the model marks them (InContextRole).
    void contextTrimmed(int count);
    /// The draft was changed by someone other than setDraft(): another conversation, or a question that was sent.
    void draftReplaced(const QString& text);
    void attachmentsChanged();
    void failed(const hearth::ErrorText& error);
    /// Saving fails (again after each success) or works again.
    void storageTrouble(const hearth::ErrorText& error);
    void storageRecovered();

private:
    class Private;

    std::unique_ptr<Private> m_private;
};

} // namespace hearth
