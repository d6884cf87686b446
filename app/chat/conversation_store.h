#pragma once

#include "app/chat/message.h"
#include "kernels/base/result.h"

#include <QHash>
#include <QList>
#include <QObject>

namespace hearth {

class StorageThread;

/// All conversations that are not deleted, in memory; changes show at once and are written behind. Thread: UI.
class ConversationStore : public QObject {
    Q_OBJECT
public:
    /// `storage` outlives this. Loading starts at once; loaded() follows.
    explicit ConversationStore(StorageThread& storage, QObject* parent = nullptr);

    [[nodiscard]] bool isLoaded() const { return m_loaded; }
    [[nodiscard]] const QHash<ConversationId, ConversationSummary>& conversations() const { return m_conversations; }
    /// Null if there is none.
    [[nodiscard]] const ConversationSummary* find(ConversationId id) const;

    /// Adds or replaces a conversation in memory and, with Save::Yes, on disk.
    enum class Save { No, Yes };
    void put(const ConversationSummary& conversation, Save save);
    /// An empty title is ignored.
    void rename(ConversationId id, const QString& title);
    void setPinned(ConversationId id, bool pinned);
    /// Can be undone until the program ends or 30 days have passed on disk.
    void remove(ConversationId id);
    [[nodiscard]] bool canUndoRemove() const { return !m_removed.isEmpty(); }
    /// Brings back what was removed last and returns it, or kNoId.
    ConversationId undoRemove();

Q_SIGNALS:
    /// Once at start; again if the database could only be opened later.
    void loaded();
    void conversationChanged(qint64 id); ///< added or changed
    void conversationRemoved(qint64 id, const QString& title);
    void conversationRestored(qint64 id);
    /// Something could not be read or written; what is in memory stands.
    void storageFailed(const hearth::Error& error);

private:
    void load();
    void save(const ConversationSummary& conversation);
    void report(const Status& status);

    StorageThread& m_storage;
    bool m_loaded = false;
    bool m_loadFailed = false;
    QHash<ConversationId, ConversationSummary> m_conversations;
    QList<ConversationSummary> m_removed; ///< newest last
};

} // namespace hearth
