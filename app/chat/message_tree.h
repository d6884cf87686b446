#pragma once

#include "app/chat/message.h"

#include <QHash>
#include <QList>

namespace hearth {

/// The messages of one conversation as a tree: what is below a message answers or follows it; its siblings are other
/// versions of it. One child of each node is selected; following the selection from the root gives the visible branch.
/// A value. Thread: any one.
class MessageTree {
public:
    MessageTree() = default;
    /// Messages in any order. A message whose parent is not among them is treated as a first message, and a selection
    /// that names no child as the newest child: a damaged row hides nothing.
    MessageTree(const QList<Message>& messages, MessageId selectedRoot);

    [[nodiscard]] bool isEmpty() const { return m_nodes.isEmpty(); }
    [[nodiscard]] qsizetype size() const { return m_nodes.size(); }
    /// Null if there is none.
    [[nodiscard]] const Message* find(MessageId id) const;
    [[nodiscard]] Message* find(MessageId id);
    /// All versions of a message, oldest first, itself included.
    [[nodiscard]] QList<MessageId> versions(MessageId id) const;
    /// From the first message to the leaf.
    [[nodiscard]] QList<MessageId> visibleBranch() const;
    /// From the first message to `id`, whatever is selected.
    [[nodiscard]] QList<MessageId> pathTo(MessageId id) const;
    [[nodiscard]] MessageId selectedRoot() const { return m_selectedRoot; }

    /// Adds (or replaces the content of) a message and selects it.
    void insert(const Message& message);
    /// Selects a message among its versions.
    void select(MessageId id);

private:
    /// Makes a message that never leads to a first message one: its chain of parents would hide it, or loop.
    void cutLoops(const QList<Message>& messages);
    [[nodiscard]] MessageId selectedChildOf(MessageId parent) const;

    QHash<MessageId, Message> m_nodes;
    QHash<MessageId, QList<MessageId>> m_children; ///< by parent, oldest first; kNoId: the first messages
    MessageId m_selectedRoot = kNoId;
};

} // namespace hearth
