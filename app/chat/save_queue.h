#pragma once

#include "app/chat/message.h"
#include "app/storage/requests.h"
#include "kernels/base/error.h"

#include <QList>
#include <QObject>

#include <map>
#include <set>
#include <utility>

class QTimer;

namespace hearth {

class ConversationStore;
class StorageThread;

/// Messages on their way to disk. One request is in flight at a time; what comes meanwhile is joined, newest content
/// first. What could not be written stays here and is tried again, so that a disk that was full for a while loses
/// nothing. Thread: UI.
class SaveQueue : public QObject {
    Q_OBJECT
public:
    SaveQueue(StorageThread& storage, const ConversationStore& store, QObject* parent = nullptr);

    /// Conversations are written as the store has them when they are handed over: never over something newer.
    void save(const QList<ConversationId>& conversations, const QList<Message>& messages,
              const QList<TracePiece>& traces = {});
    /// Behind what waits: a new message that is still on its way would select itself.
    void select(const SelectVersion& selection);
    /// Not yet on disk.
    [[nodiscard]] QList<Message> unsaved(ConversationId conversation) const;
    /// Hands over what waits, without waiting for what is in flight: before storage shuts down.
    void flush();

Q_SIGNALS:
    /// Writing failed; sent once until recovered().
    void failed(const hearth::Error& error);
    void recovered();

private:
    // Ids rise with time: parents come before their children.
    struct Batch {
        std::set<ConversationId> conversations;
        std::map<MessageId, Message> messages;
        std::map<std::pair<ConversationId, MessageId>, SelectVersion> selections; ///< by conversation and parent
        std::map<qint64, TracePiece> traces;
        [[nodiscard]] bool isEmpty() const {
            return conversations.empty() && messages.empty() && selections.empty() && traces.empty();
        }
    };

    void submit();
    void ended(const Error* error);

    StorageThread& m_storage;
    const ConversationStore& m_store;
    QTimer* m_retryTimer;
    Batch m_waiting;
    Batch m_inFlight;
    bool m_trouble = false;
};

} // namespace hearth
