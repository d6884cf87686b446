#include "app/chat/chat_controller.h"

#include "app/chat/chat_controller_p.h"
#include "app/storage/storage_thread.h"
#include "app/trace/answer_traces.h"

#include <QTimer>

#include <utility>

namespace hearth {

namespace {

bool isCutOff(const Message& message) {
    const QString& reason = message.stats.stopReason;
    switch (message.state) {
    case MessageState::Stopped:
    case MessageState::Interrupted:
    case MessageState::Failed:
        return true;
    case MessageState::Complete:
        return reason == QStringLiteral("maxTokens") || reason == QStringLiteral("contextFull");
    case MessageState::Streaming:
        return false;
    }
    return false;
}

} // namespace

ChatController::ChatController(StorageThread& storage, ConversationStore& store, EngineService& engine,
                               Settings& settings, QObject* parent)
    : QObject(parent), m_private(std::make_unique<Private>(*this, storage, store, engine, settings)) {
    m_private->connectAll();
}

ChatController::~ChatController() = default;

ConversationModel& ChatController::model() {
    return *m_private->m_model;
}

AnswerTraces& ChatController::traces() {
    return *m_private->m_traces;
}

ConversationId ChatController::currentConversation() const {
    return m_private->m_current;
}

ChatState ChatController::state() const {
    return m_private->m_runner->stateOf(m_private->m_current);
}

const ContextUse& ChatController::contextMeter() const {
    return m_private->m_use;
}

void ChatController::newConversation() {
    m_private->saveDraft();
    m_private->showNothing();
}

void ChatController::openConversation(ConversationId id) {
    m_private->saveDraft();
    if (id == m_private->m_current) {
        m_private->m_opening = kNoId;
        Q_EMIT conversationOpened(id);
        return;
    }
    if (m_private->m_store.find(id) == nullptr) {
        Q_EMIT failed(presentError(Error{ErrorCode::NotFound, "it is no longer there"}, Activity::Reading));
        return;
    }
    m_private->m_opening = id;
    m_private->m_storage.submit(LoadMessages{id}, this, [this, id](const Result<MessageTree>& result) {
        // Something else may have been asked for meanwhile.
        if (m_private->m_opening != id)
            return;
        m_private->m_opening = kNoId;
        // What could not be saved can still be shown.
        if (result.ok() || !m_private->m_saves->unsaved(id).isEmpty())
            m_private->show(id, result.ok() ? *result : MessageTree());
        if (!result.ok())
            Q_EMIT failed(presentError(result.error(), Activity::Reading));
    });
}

bool ChatController::send(const QString& text) {
    const QString trimmed = text.trimmed();
    if ((trimmed.isEmpty() && pendingAttachments().isEmpty()) || !m_private->canAsk())
        return false;
    ConversationModel& model = *m_private->m_model;
    Message question;
    question.id = nextId();
    question.parent = model.rowCount() == 0 ? kNoId : model.messageAt(model.rowCount() - 1).id;
    question.text = trimmed;
    question.created = QDateTime::currentDateTime();
    question.attachments = m_private->m_attachments.take(m_private->m_current);
    m_private->m_draft.clear();
    m_private->saveDraft();
    m_private->ask(question);
    Q_EMIT draftReplaced({});
    Q_EMIT attachmentsChanged();
    return true;
}

void ChatController::stop() {
    m_private->m_runner->stop(m_private->m_current);
}

void ChatController::regenerate(MessageId message) {
    const Message* found = m_private->m_model->tree().find(message);
    if (found == nullptr || m_private->m_model->rowOf(message) < 0 || !m_private->canAsk())
        return;
    const MessageId question = found->role == MessageRole::User ? found->id : found->parent;
    if (question != kNoId)
        m_private->answerQuestion(question);
}

void ChatController::editAndResend(MessageId message, const QString& text) {
    const Message* found = m_private->m_model->tree().find(message);
    const QString trimmed = text.trimmed();
    if (found == nullptr || found->role != MessageRole::User || m_private->m_model->rowOf(message) < 0
        || (trimmed.isEmpty() && found->attachments.isEmpty()) || !m_private->canAsk())
        return;
    Message question = *found;
    question.id = nextId();
    question.text = trimmed;
    question.created = QDateTime::currentDateTime();
    question.selectedChild = kNoId;
    for (Attachment& attachment : question.attachments)
        attachment.id = nextId();
    m_private->ask(question);
}

bool ChatController::canContinue(MessageId message) const {
    const ConversationModel& model = *m_private->m_model;
    const int last = model.rowCount() - 1;
    if (isBusy() || last < 0 || model.messageAt(last).id != message)
        return false;
    const Message& answer = model.messageAt(last);
    return answer.role == MessageRole::Assistant && answer.parent != kNoId && isCutOff(answer)
           && !(answer.text.trimmed().isEmpty() && answer.reasoning.trimmed().isEmpty());
}

void ChatController::continueAnswer(MessageId message) {
    if (!canContinue(message) || !m_private->canAsk())
        return;
    Message answer = *m_private->m_model->tree().find(message);
    answer.state = MessageState::Streaming;
    answer.failure.clear();
    m_private->m_model->update(answer);
    m_private->m_saves->save({}, {answer});
    m_private->run(answer, answer.parent);
}

void ChatController::selectVersion(MessageId message, int index) {
    ConversationModel& model = *m_private->m_model;
    if (isBusy() || model.rowOf(message) < 0 || index < 0 || index >= model.versionCount(message))
        return;
    const MessageId shown = model.selectVersion(message, index);
    const Message& version = *model.tree().find(shown);
    m_private->m_saves->select({m_private->m_current, version.parent, shown});
    m_private->measure();
}

QString ChatController::draft() const {
    return m_private->m_draft;
}

void ChatController::setDraft(const QString& text) {
    if (std::exchange(m_private->m_draft, text) != text)
        m_private->m_draftTimer->start();
}

QString ChatController::systemPrompt() const {
    const bool isNew = m_private->m_current == kNoId;
    return isNew ? m_private->m_newSystemPrompt : m_private->summary().systemPrompt;
}

void ChatController::setSystemPrompt(const QString& text) {
    if (m_private->m_current == kNoId) {
        m_private->m_newSystemPrompt = text;
    } else {
        ConversationSummary changed = m_private->summary();
        changed.systemPrompt = text;
        m_private->m_store.put(changed, ConversationStore::Save::Yes);
    }
    m_private->measure();
}

void ChatController::attachFile(const QString& path) {
    const ConversationId conversation = m_private->m_current;
    m_private->m_storage.submit(ImportAttachment{path}, this, [this, conversation](const Result<Attachment>& result) {
        m_private->attached(conversation, result);
    });
}

void ChatController::attachText(const QString& name, const QString& text) {
    const ConversationId conversation = m_private->m_current;
    m_private->m_storage.submit(ImportText{name, text}, this, [this, conversation](const Result<Attachment>& result) {
        m_private->attached(conversation, result);
    });
}

void ChatController::removeAttachment(int index) {
    QList<Attachment>& attachments = m_private->m_attachments[m_private->m_current];
    if (index < 0 || index >= attachments.size())
        return;
    attachments.removeAt(index);
    Q_EMIT attachmentsChanged();
    m_private->measure();
}

QList<Attachment> ChatController::pendingAttachments() const {
    return m_private->m_attachments.value(m_private->m_current);
}

void ChatController::saveNow() {
    m_private->saveDraft();
    m_private->m_runner->saveAll();
    m_private->m_saves->flush();
}

} // namespace hearth
