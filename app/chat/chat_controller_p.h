#pragma once

#include "app/chat/answer_runner.h"
#include "app/chat/chat_controller.h"
#include "app/chat/conversation_store.h"
#include "app/chat/save_queue.h"
#include "app/engine_service/engine_service.h"
#include "app/settings/settings.h"

#include <QHash>

namespace hearth {

/// What the controller knows, and its steps; the verbs are in chat_controller.cpp.
class ChatController::Private {
public:
    Private(ChatController& controller, StorageThread& storage, ConversationStore& store, EngineService& engine,
            Settings& settings);

    void connectAll();
    void show(ConversationId id, MessageTree tree);
    void showNothing();
    void saveDraft();
    [[nodiscard]] ConversationSummary summary() const;
    [[nodiscard]] PromptInput promptFor(MessageId question) const;
    [[nodiscard]] bool canAsk();
    void begin(const ConversationSummary& conversation, const QList<Message>& toSave, const Message& answer);
    void ask(Message question);
    void answerQuestion(MessageId question);
    void run(const Message& answer, MessageId question);
    void measure();
    void setUse(const ContextUse& use);
    void attached(ConversationId conversation, const Result<Attachment>& result);
    void answerEnded(const Message& answer);
    void contextAssembled(ConversationId conversation, const PromptReport& report);

    ChatController& q;
    StorageThread& m_storage;
    ConversationStore& m_store;
    EngineService& m_engine;
    Settings& m_settings;
    ConversationModel* m_model;
    SaveQueue* m_saves;
    AnswerTraces* m_traces;
    AnswerRunner* m_runner;
    QTimer* m_draftTimer;
    ConversationId m_current = kNoId;
    ConversationId m_opening = kNoId;
    ContextUse m_use;
    quint64 m_measureRequest = 0;
    QString m_draft;
    QString m_newSystemPrompt; ///< of the conversation that has no id yet
    QHash<ConversationId, QList<Attachment>> m_attachments;
};

} // namespace hearth
