#include "app/chat/save_queue.h"

#include "app/chat/conversation_store.h"
#include "app/storage/storage_thread.h"

#include <QTimer>

#include <utility>

namespace hearth {

namespace {

constexpr int kRetryMs = 3000;

} // namespace

SaveQueue::SaveQueue(StorageThread& storage, const ConversationStore& store, QObject* parent)
    : QObject(parent), m_storage(storage), m_store(store), m_retryTimer(new QTimer(this)) {
    m_retryTimer->setSingleShot(true);
    m_retryTimer->setInterval(kRetryMs);
    connect(m_retryTimer, &QTimer::timeout, this, &SaveQueue::submit);
}

void SaveQueue::save(const QList<ConversationId>& conversations, const QList<Message>& messages,
                     const QList<TracePiece>& traces) {
    m_waiting.conversations.insert(conversations.begin(), conversations.end());
    for (const Message& message : messages)
        m_waiting.messages[message.id] = message;
    for (const TracePiece& piece : traces)
        m_waiting.traces[piece.id] = piece;
    submit();
}

void SaveQueue::select(const SelectVersion& selection) {
    m_waiting.selections[{selection.conversation, selection.parent}] = selection;
    submit();
}

QList<Message> SaveQueue::unsaved(ConversationId conversation) const {
    std::map<MessageId, Message> all = m_waiting.messages;
    all.insert(m_inFlight.messages.begin(), m_inFlight.messages.end());
    QList<Message> messages;
    for (const auto& [id, message] : all) {
        if (message.conversation == conversation)
            messages.append(message);
    }
    return messages;
}

void SaveQueue::flush() {
    m_retryTimer->stop();
    m_inFlight = {};
    submit();
}

void SaveQueue::submit() {
    if (m_waiting.isEmpty() || !m_inFlight.isEmpty())
        return;
    m_retryTimer->stop();
    m_inFlight = std::exchange(m_waiting, {});
    SaveMessages request;
    for (const ConversationId id : m_inFlight.conversations) {
        if (const ConversationSummary* conversation = m_store.find(id))
            request.conversations.append(*conversation);
    }
    for (const auto& [id, message] : m_inFlight.messages)
        request.messages.append(message);
    for (const auto& [place, selection] : m_inFlight.selections)
        request.selections.append(selection);
    for (const auto& [id, piece] : m_inFlight.traces)
        request.traces.append(piece);
    m_storage.submit(std::move(request), this,
                     [this](const Status& status) { ended(status.ok() ? nullptr : &status.error()); });
}

void SaveQueue::ended(const Error* error) {
    Batch batch = std::exchange(m_inFlight, {});
    if (error == nullptr) {
        if (std::exchange(m_trouble, false))
            Q_EMIT recovered();
        submit();
        return;
    }
    // A value that the database refuses stays refused; anything else may go well another time.
    if (error->code != ErrorCode::InvalidInput) {
        m_waiting.conversations.merge(batch.conversations);
        m_waiting.messages.merge(batch.messages);
        m_waiting.selections.merge(batch.selections);
        m_waiting.traces.merge(batch.traces);
    }
    m_retryTimer->start();
    if (!std::exchange(m_trouble, true))
        Q_EMIT failed(*error);
}

} // namespace hearth
