#pragma once

#include "app/chat/message.h"
#include "kernels/base/error.h"

#include <QList>
#include <QObject>

#include <map>

class QTimer;

namespace hearth {

class StorageThread;

/// Messages on their way to disk. One request is in flight at a time; what comes meanwhile is joined, newest content
/// first. What could not be written stays here and is tried again, so that a disk that was full for a while loses
/// nothing. Thread: UI.
class SaveQueue : public QObject {
    Q_OBJECT
public:
    explicit SaveQueue(StorageThread& storage, QObject* parent = nullptr);

    void save(const QList<ConversationSummary>& conversations, const QList<Message>& messages);
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
        std::map<ConversationId, ConversationSummary> conversations;
        std::map<MessageId, Message> messages;
        [[nodiscard]] bool isEmpty() const { return conversations.empty() && messages.empty(); }
    };

    void submit();
    void ended(const Error* error);

    StorageThread& m_storage;
    QTimer* m_retryTimer;
    Batch m_waiting;
    Batch m_inFlight;
    bool m_trouble = false;
};

} // namespace hearth
