#include "app/chat/conversation_model.h"

#include "kernels/base/assert.h"

#include <utility>

namespace hearth {

ConversationModel::ConversationModel(QObject* parent) : QAbstractListModel(parent) {}

int ConversationModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_branch.size());
}

QVariant ConversationModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Message& message = messageAt(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case TextRole:
        return message.text;
    case ReasoningRole:
        return message.reasoning;
    case IdRole:
        return message.id;
    case RoleRole:
        return static_cast<int>(message.role);
    case StateRole:
        return static_cast<int>(message.state);
    case FailureRole:
        return message.failure;
    case CreatedRole:
        return message.created;
    case VersionIndexRole:
        return versionIndex(message.id);
    case VersionCountRole:
        return versionCount(message.id);
    case InContextRole:
        return inContext(message.id);
    default:
        return {};
    }
}

QHash<int, QByteArray> ConversationModel::roleNames() const {
    return {{IdRole, "id"},
            {RoleRole, "role"},
            {TextRole, "text"},
            {ReasoningRole, "reasoning"},
            {StateRole, "state"},
            {FailureRole, "failure"},
            {CreatedRole, "created"},
            {VersionIndexRole, "versionIndex"},
            {VersionCountRole, "versionCount"},
            {InContextRole, "inContext"}};
}

const Message& ConversationModel::messageAt(int row) const {
    HEARTH_ASSERT(row >= 0 && row < m_branch.size());
    return *m_tree.find(m_branch[row]);
}

int ConversationModel::rowOf(MessageId id) const {
    // What is asked for is nearly always at the end.
    return static_cast<int>(m_branch.lastIndexOf(id));
}

int ConversationModel::versionIndex(MessageId id) const {
    return static_cast<int>(m_tree.versions(id).indexOf(id));
}

int ConversationModel::versionCount(MessageId id) const {
    return static_cast<int>(m_tree.versions(id).size());
}

void ConversationModel::reset(ConversationId conversation, MessageTree tree) {
    beginResetModel();
    m_conversation = conversation;
    m_tree = std::move(tree);
    m_branch = m_tree.visibleBranch();
    m_outOfContext.clear();
    endResetModel();
}

void ConversationModel::addMessage(const Message& message) {
    const int row = message.parent == kNoId ? 0 : rowOf(message.parent) + 1;
    HEARTH_ASSERT(message.parent == kNoId || row > 0);
    if (row < m_branch.size()) {
        beginRemoveRows({}, row, static_cast<int>(m_branch.size()) - 1);
        m_branch.resize(row);
        m_tree.insert(message);
        endRemoveRows();
        showFrom(row);
        Q_EMIT branchChanged(row);
    } else {
        m_tree.insert(message);
        showFrom(row);
    }
    Q_EMIT messageAppended(message.id, row);
}

void ConversationModel::appendText(MessageId id, const QString& delta) {
    Message* message = m_tree.find(id);
    if (message == nullptr)
        return;
    message->text += delta;
    const int row = rowOf(id);
    if (row < 0)
        return;
    Q_EMIT textAppended(id, delta);
    Q_EMIT dataChanged(index(row), index(row), {TextRole, Qt::DisplayRole});
}

void ConversationModel::appendReasoning(MessageId id, const QString& delta) {
    Message* message = m_tree.find(id);
    if (message == nullptr)
        return;
    message->reasoning += delta;
    const int row = rowOf(id);
    if (row < 0)
        return;
    Q_EMIT reasoningAppended(id, delta);
    Q_EMIT dataChanged(index(row), index(row), {ReasoningRole});
}

void ConversationModel::setProgress(MessageId id, const AnswerStats& stats) {
    Message* message = m_tree.find(id);
    if (message == nullptr)
        return;
    message->stats = stats;
    if (rowOf(id) >= 0)
        Q_EMIT progressed(id, stats);
}

void ConversationModel::update(const Message& changed) {
    Message* message = m_tree.find(changed.id);
    if (message == nullptr)
        return;
    message->state = changed.state;
    message->failure = changed.failure;
    message->stats = changed.stats;
    const int row = rowOf(changed.id);
    if (row < 0)
        return;
    Q_EMIT dataChanged(index(row), index(row), {StateRole, FailureRole});
    if (changed.state != MessageState::Streaming)
        Q_EMIT messageFinished(changed.id);
}

MessageId ConversationModel::selectVersion(MessageId id, int index) {
    const int row = rowOf(id);
    const QList<MessageId> versions = m_tree.versions(id);
    HEARTH_ASSERT(row >= 0 && index >= 0 && index < versions.size());
    if (versions[index] == id)
        return id;
    beginRemoveRows({}, row, static_cast<int>(m_branch.size()) - 1);
    m_branch.resize(row);
    m_tree.select(versions[index]);
    endRemoveRows();
    showFrom(row);
    Q_EMIT branchChanged(row);
    return versions[index];
}

void ConversationModel::showFrom(int row) {
    const QList<MessageId> branch = m_tree.visibleBranch();
    beginInsertRows({}, row, static_cast<int>(branch.size()) - 1);
    m_branch = branch;
    endInsertRows();
}

void ConversationModel::setOutOfContext(const QSet<MessageId>& ids) {
    if (m_outOfContext == ids)
        return;
    m_outOfContext = ids;
    if (!m_branch.isEmpty())
        Q_EMIT dataChanged(index(0), index(static_cast<int>(m_branch.size()) - 1), {InContextRole});
    Q_EMIT contextChanged();
}

} // namespace hearth
