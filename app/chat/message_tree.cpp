#include "app/chat/message_tree.h"

#include "kernels/base/assert.h"

#include <QSet>

#include <algorithm>

namespace hearth {

MessageTree::MessageTree(const QList<Message>& messages, MessageId selectedRoot) : m_selectedRoot(selectedRoot) {
    m_nodes.reserve(messages.size());
    bool parentsComeFirst = true;
    for (const Message& message : messages) {
        parentsComeFirst &= message.parent == kNoId || m_nodes.contains(message.parent);
        m_nodes.insert(message.id, message);
    }
    // Where every parent comes before its children there are no loops and no gaps: the usual case, and quick.
    if (!parentsComeFirst)
        cutLoops(messages);
    for (const Message& message : messages)
        m_children[m_nodes[message.id].parent].append(message.id);
    for (QList<MessageId>& children : m_children) {
        std::sort(children.begin(), children.end(), [this](MessageId left, MessageId right) {
            const QDateTime& leftTime = m_nodes[left].created;
            const QDateTime& rightTime = m_nodes[right].created;
            return leftTime != rightTime ? leftTime < rightTime : left < right;
        });
    }
}

void MessageTree::cutLoops(const QList<Message>& messages) {
    QSet<MessageId> reachesRoot;
    for (const Message& message : messages) {
        QSet<MessageId> onPath;
        MessageId id = message.id;
        while (true) {
            Message& node = m_nodes[id];
            onPath.insert(id);
            if (node.parent == kNoId || reachesRoot.contains(node.parent))
                break;
            if (!m_nodes.contains(node.parent) || onPath.contains(node.parent)) {
                node.parent = kNoId;
                break;
            }
            id = node.parent;
        }
        reachesRoot.unite(onPath);
    }
}

const Message* MessageTree::find(MessageId id) const {
    const auto found = m_nodes.constFind(id);
    return found == m_nodes.constEnd() ? nullptr : &found.value();
}

Message* MessageTree::find(MessageId id) {
    const auto found = m_nodes.find(id);
    return found == m_nodes.end() ? nullptr : &found.value();
}

QList<MessageId> MessageTree::versions(MessageId id) const {
    const Message* message = find(id);
    return message == nullptr ? QList<MessageId>{} : m_children.value(message->parent);
}

QList<MessageId> MessageTree::visibleBranch() const {
    QList<MessageId> branch;
    for (MessageId id = selectedChildOf(kNoId); id != kNoId; id = selectedChildOf(id))
        branch.append(id);
    return branch;
}

QList<MessageId> MessageTree::pathTo(MessageId id) const {
    QList<MessageId> path;
    for (const Message* message = find(id); message != nullptr; message = find(message->parent))
        path.prepend(message->id);
    return path;
}

void MessageTree::insert(const Message& message) {
    HEARTH_ASSERT(message.id != kNoId);
    HEARTH_ASSERT(message.parent == kNoId || m_nodes.contains(message.parent));
    const auto found = m_nodes.find(message.id);
    if (found == m_nodes.end())
        m_children[message.parent].append(message.id);
    else
        HEARTH_ASSERT(found->parent == message.parent);
    m_nodes.insert(message.id, message);
    select(message.id);
}

void MessageTree::select(MessageId id) {
    const Message* message = find(id);
    HEARTH_ASSERT(message != nullptr);
    if (message->parent == kNoId)
        m_selectedRoot = id;
    else
        m_nodes[message->parent].selectedChild = id;
}

MessageId MessageTree::selectedChildOf(MessageId parent) const {
    const auto children = m_children.constFind(parent);
    if (children == m_children.constEnd() || children->isEmpty())
        return kNoId;
    const MessageId selected = parent == kNoId ? m_selectedRoot : m_nodes.value(parent).selectedChild;
    return children->contains(selected) ? selected : children->last();
}

} // namespace hearth
