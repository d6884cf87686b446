#include "app/chat/conversation_store.h"

#include "app/storage/storage_thread.h"

#include <utility>

namespace hearth {

ConversationStore::ConversationStore(StorageThread& storage, QObject* parent) : QObject(parent), m_storage(storage) {
    // If the database could not be opened at first, what it holds is read when it can.
    connect(&storage, &StorageThread::opened, this, [this] {
        if (m_loadFailed)
            load();
    });
    load();
}

void ConversationStore::load() {
    m_storage.submit(LoadConversations{}, this, [this](const Result<QList<ConversationSummary>>& result) {
        m_loaded = true;
        m_loadFailed = !result.ok();
        if (result.ok()) {
            for (const ConversationSummary& conversation : *result) {
                // What was made here meanwhile is newer.
                if (!m_conversations.contains(conversation.id))
                    m_conversations.insert(conversation.id, conversation);
            }
        } else {
            Q_EMIT storageFailed(result.error());
        }
        Q_EMIT loaded();
    });
}

const ConversationSummary* ConversationStore::find(ConversationId id) const {
    const auto found = m_conversations.constFind(id);
    return found == m_conversations.constEnd() ? nullptr : &found.value();
}

void ConversationStore::put(const ConversationSummary& conversation, Save save) {
    m_conversations.insert(conversation.id, conversation);
    if (save == Save::Yes)
        this->save(conversation);
    Q_EMIT conversationChanged(conversation.id);
}

void ConversationStore::rename(ConversationId id, const QString& title) {
    const QString wanted = title.simplified();
    const ConversationSummary* found = find(id);
    if (found == nullptr || wanted.isEmpty() || found->title == wanted)
        return;
    ConversationSummary changed = *found;
    changed.title = wanted;
    put(changed, Save::Yes);
}

void ConversationStore::setPinned(ConversationId id, bool pinned) {
    const ConversationSummary* found = find(id);
    if (found == nullptr || found->pinned == pinned)
        return;
    ConversationSummary changed = *found;
    changed.pinned = pinned;
    put(changed, Save::Yes);
}

void ConversationStore::remove(ConversationId id) {
    const auto found = m_conversations.find(id);
    if (found == m_conversations.end())
        return;
    const ConversationSummary removed = found.value();
    m_conversations.erase(found);
    m_removed.append(removed);
    m_storage.submit(SetConversationRemoved{id, QDateTime::currentDateTimeUtc()}, this,
                     [this](const Status& status) { report(status); });
    Q_EMIT conversationRemoved(id, removed.title);
}

ConversationId ConversationStore::undoRemove() {
    if (m_removed.isEmpty())
        return kNoId;
    const ConversationSummary restored = m_removed.takeLast();
    m_conversations.insert(restored.id, restored);
    m_storage.submit(SetConversationRemoved{restored.id, std::nullopt}, this,
                     [this](const Status& status) { report(status); });
    Q_EMIT conversationRestored(restored.id);
    return restored.id;
}

void ConversationStore::save(const ConversationSummary& conversation) {
    m_storage.submit(SaveConversation{conversation}, this, [this](const Status& status) { report(status); });
}

void ConversationStore::report(const Status& status) {
    if (!status.ok())
        Q_EMIT storageFailed(status.error());
}

} // namespace hearth
