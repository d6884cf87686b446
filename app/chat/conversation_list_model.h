#pragma once

#include "app/chat/message.h"
#include "app/storage/search_hit.h"

#include <QAbstractListModel>
#include <QHash>
#include <QList>

namespace hearth {

class ConversationStore;
class StorageThread;

/// The side bar's list: pinned first, then by last change, newest first; with a search text only conversations whose
/// title or messages contain it. Titles are searched at once, messages by the storage thread a moment later (the rows
/// then grow). Renaming, pinning, deleting: call ConversationStore. Thread: UI.
class ConversationListModel : public QAbstractListModel {
    Q_OBJECT
public:
    /// Where a row belongs in the list, for headings.
    enum class Section : int { Pinned, Today, Yesterday, Last7Days, Last30Days, Older };

    enum Role {
        IdRole = Qt::UserRole + 1, ///< qint64
        TitleRole,                 ///< QString; "New chat" (translated) if it has none. Also DisplayRole
        UpdatedRole,               ///< QDateTime
        PinnedRole,                ///< bool
        SectionRole,               ///< int of Section
        SnippetRole,               ///< QString: text around the best hit of the search; empty otherwise
        SnippetMatchesRole,        ///< QVariantList of QPoint(start, length) in the snippet, in UTF-16 units
        HitMessageRole,            ///< qint64: the message the snippet is from; 0 if none
    };

    ConversationListModel(ConversationStore& store, StorageThread& storage, QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    /// Blank: everything. May be called with every key stroke; answers to an older text are dropped.
    void setSearchText(const QString& text);
    [[nodiscard]] const QString& searchText() const { return m_searchText; }
    /// -1 if it is not listed.
    [[nodiscard]] int rowOf(ConversationId id) const;
    [[nodiscard]] ConversationId idAt(int row) const;

Q_SIGNALS:
    /// The messages were searched too; the rows are final for this text.
    void searchFinished(const QString& text);

private:
    [[nodiscard]] QList<ConversationId> wantedOrder() const;
    /// Moves, inserts and removes rows one by one, so that selections and scroll positions stay.
    void update();
    void rowChanged(ConversationId id);

    ConversationStore& m_store;
    StorageThread& m_storage;
    QString m_searchText;
    quint64 m_searchNumber = 0;
    QHash<ConversationId, SearchHit> m_hits;
    QList<ConversationId> m_rows;
};

} // namespace hearth
