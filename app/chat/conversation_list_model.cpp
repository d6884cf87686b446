#include "app/chat/conversation_list_model.h"

#include "app/chat/conversation_store.h"
#include "app/storage/snippet.h"
#include "app/storage/storage_thread.h"

#include <QPoint>
#include <QSet>

#include <algorithm>

namespace hearth {

namespace {

// Above this many changes telling the views row by row costs more than letting them start afresh.
constexpr qsizetype kMaxSingleChanges = 200;

ConversationListModel::Section sectionOf(const ConversationSummary& conversation) {
    using Section = ConversationListModel::Section;
    if (conversation.pinned)
        return Section::Pinned;
    const qint64 days = conversation.updated.toLocalTime().date().daysTo(QDate::currentDate());
    if (days <= 0)
        return Section::Today;
    if (days == 1)
        return Section::Yesterday;
    if (days <= 7)
        return Section::Last7Days;
    return days <= 30 ? Section::Last30Days : Section::Older;
}

bool titleMatches(const QString& title, const QStringList& words) {
    return std::all_of(words.begin(), words.end(),
                       [&title](const QString& word) { return title.contains(word, Qt::CaseInsensitive); });
}

} // namespace

ConversationListModel::ConversationListModel(ConversationStore& store, StorageThread& storage, QObject* parent)
    : QAbstractListModel(parent), m_store(store), m_storage(storage) {
    connect(&store, &ConversationStore::loaded, this, [this] { update(); });
    connect(&store, &ConversationStore::conversationChanged, this, [this](qint64 id) {
        update();
        rowChanged(id);
    });
    connect(&store, &ConversationStore::conversationRemoved, this, [this] { update(); });
    connect(&store, &ConversationStore::conversationRestored, this, [this] { update(); });
    update();
}

int ConversationListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant ConversationListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const ConversationSummary* conversation = m_store.find(m_rows[index.row()]);
    if (conversation == nullptr)
        return {};
    const auto hit = m_hits.constFind(conversation->id);
    const bool hasHit = hit != m_hits.constEnd();
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
    case TitleRole:
        return conversation->title.isEmpty() && role != Qt::EditRole ? tr("New chat") : conversation->title;
    case IdRole:
        return conversation->id;
    case UpdatedRole:
        return conversation->updated;
    case PinnedRole:
        return conversation->pinned;
    case SectionRole:
        return static_cast<int>(sectionOf(*conversation));
    case SnippetRole:
        return hasHit ? hit->snippet : QString();
    case SnippetMatchesRole: {
        QVariantList matches;
        for (const auto& [start, length] : hasHit ? hit->matches : QList<QPair<int, int>>{})
            matches.append(QPoint(start, length));
        return matches;
    }
    case HitMessageRole:
        return hasHit ? hit->message : kNoId;
    default:
        return {};
    }
}

QHash<int, QByteArray> ConversationListModel::roleNames() const {
    return {{IdRole, "id"},
            {TitleRole, "title"},
            {UpdatedRole, "updated"},
            {PinnedRole, "pinned"},
            {SectionRole, "section"},
            {SnippetRole, "snippet"},
            {SnippetMatchesRole, "snippetMatches"},
            {HitMessageRole, "hitMessage"}};
}

void ConversationListModel::setSearchText(const QString& text) {
    const QString wanted = text.trimmed();
    if (wanted == m_searchText)
        return;
    m_searchText = wanted;
    const quint64 number = ++m_searchNumber;
    const bool hadHits = !m_hits.isEmpty();
    m_hits.clear();
    update();
    if (hadHits && !m_rows.isEmpty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1), {SnippetRole, SnippetMatchesRole, HitMessageRole});
    if (wanted.isEmpty()) {
        Q_EMIT searchFinished(wanted);
        return;
    }
    m_storage.submit(SearchMessages{wanted}, this, [this, number](const Result<QList<SearchHit>>& result) {
        if (number != m_searchNumber)
            return;
        // A search that fails is no reason to hide the titles that were found; storage itself reports its state.
        for (const SearchHit& hit : result.ok() ? *result : QList<SearchHit>{})
            m_hits.insert(hit.conversation, hit);
        update();
        if (!m_rows.isEmpty())
            Q_EMIT dataChanged(index(0), index(rowCount() - 1), {SnippetRole, SnippetMatchesRole, HitMessageRole});
        Q_EMIT searchFinished(m_searchText);
    });
}

int ConversationListModel::rowOf(ConversationId id) const {
    return static_cast<int>(m_rows.indexOf(id));
}

ConversationId ConversationListModel::idAt(int row) const {
    return row >= 0 && row < m_rows.size() ? m_rows[row] : kNoId;
}

QList<ConversationId> ConversationListModel::wantedOrder() const {
    const QStringList words = searchWords(m_searchText);
    QList<const ConversationSummary*> wanted;
    for (const ConversationSummary& conversation : m_store.conversations()) {
        if (words.isEmpty() || m_hits.contains(conversation.id) || titleMatches(conversation.title, words))
            wanted.append(&conversation);
    }
    std::sort(wanted.begin(), wanted.end(), [](const ConversationSummary* left, const ConversationSummary* right) {
        if (left->pinned != right->pinned)
            return left->pinned;
        return left->updated != right->updated ? left->updated > right->updated : left->id > right->id;
    });
    QList<ConversationId> ids;
    ids.reserve(wanted.size());
    for (const ConversationSummary* conversation : wanted)
        ids.append(conversation->id);
    return ids;
}

void ConversationListModel::update() {
    const QList<ConversationId> wanted = wantedOrder();
    if (wanted == m_rows)
        return;
    if (qAbs(wanted.size() - m_rows.size()) > kMaxSingleChanges) {
        beginResetModel();
        m_rows = wanted;
        endResetModel();
        return;
    }
    const QSet<ConversationId> keep(wanted.begin(), wanted.end());
    for (int row = rowCount() - 1; row >= 0; --row) {
        if (!keep.contains(m_rows[row])) {
            beginRemoveRows({}, row, row);
            m_rows.removeAt(row);
            endRemoveRows();
        }
    }
    for (int row = 0; row < wanted.size(); ++row) {
        if (row < m_rows.size() && m_rows[row] == wanted[row])
            continue;
        const int from = static_cast<int>(m_rows.indexOf(wanted[row], row));
        if (from < 0) {
            beginInsertRows({}, row, row);
            m_rows.insert(row, wanted[row]);
            endInsertRows();
        } else {
            beginMoveRows({}, from, from, {}, row);
            m_rows.move(from, row);
            endMoveRows();
        }
    }
}

void ConversationListModel::rowChanged(ConversationId id) {
    const int row = rowOf(id);
    if (row >= 0)
        Q_EMIT dataChanged(index(row), index(row));
}

} // namespace hearth
