#pragma once

#include "app/chat/message.h"
#include "app/chat/message_tree.h"

#include <QAbstractListModel>
#include <QSet>

namespace hearth {

/// The visible branch of one conversation, first message first. Only ChatController changes it; views read it and
/// listen. While an answer streams, rows stay and textAppended() tells what came: dataChanged is sent for the row too,
/// so plain item views work. Thread: UI.
class ConversationModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role {
        IdRole = Qt::UserRole + 1, ///< qint64
        RoleRole,                  ///< int of MessageRole
        TextRole,                  ///< QString
        ReasoningRole,             ///< QString, empty if there is none
        StateRole,                 ///< int of MessageState
        FailureRole,               ///< QString, empty unless failed
        CreatedRole,               ///< QDateTime
        VersionIndexRole,          ///< int, from 0
        VersionCountRole,          ///< int, at least 1
        InContextRole,             ///< bool: false if it fell out of what the model reads
    };

    explicit ConversationModel(QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

    [[nodiscard]] ConversationId conversationId() const { return m_conversation; }
    /// row in [0, rowCount). Valid until the model changes.
    [[nodiscard]] const Message& messageAt(int row) const;
    /// -1 if it is not on the visible branch.
    [[nodiscard]] int rowOf(MessageId id) const;
    [[nodiscard]] int versionIndex(MessageId id) const;
    [[nodiscard]] int versionCount(MessageId id) const;
    [[nodiscard]] bool inContext(MessageId id) const { return !m_outOfContext.contains(id); }
    /// The whole tree, hidden branches too.
    [[nodiscard]] const MessageTree& tree() const { return m_tree; }

    // Changes: for ChatController.
    void reset(ConversationId conversation, MessageTree tree);
    /// Adds as the selected version of its parent; what was visible below that parent goes.
    void addMessage(const Message& message);
    void appendText(MessageId id, const QString& delta);
    void appendReasoning(MessageId id, const QString& delta);
    /// Figures of an answer that streams.
    void setProgress(MessageId id, const AnswerStats& stats);
    /// Replaces state, failure and stats.
    void update(const Message& message);
    /// Shows version `index` of a visible message and the branch below it; returns the shown message.
    MessageId selectVersion(MessageId id, int index);
    void setOutOfContext(const QSet<MessageId>& ids);

Q_SIGNALS:
    void messageAppended(qint64 id, int row);
    void textAppended(qint64 id, const QString& delta);
    void reasoningAppended(qint64 id, const QString& delta);
    void progressed(qint64 id, const hearth::AnswerStats& stats);
    /// The state is no longer Streaming; text, stats and failure are final.
    void messageFinished(qint64 id);
    /// Rows from `row` on were replaced by another branch (after a model reset only modelReset is sent).
    void branchChanged(int row);
    void contextChanged();

private:
    /// Inserts the rows of the visible branch from `row` on; the rows before it are shown already.
    void showFrom(int row);

    ConversationId m_conversation = kNoId;
    MessageTree m_tree;
    QList<MessageId> m_branch;
    QSet<MessageId> m_outOfContext;
};

} // namespace hearth
