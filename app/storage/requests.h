#pragma once

#include "app/chat/message.h"
#include "app/chat/message_tree.h"
#include "app/storage/search_hit.h"
#include "app/trace/answer_trace.h"

#include <QDateTime>
#include <QList>
#include <QString>

#include <optional>

namespace hearth {

// What can be asked of storage: each a value with the kind of its answer. All writes may be repeated without harm.

/// All conversations that are not deleted, in no order.
struct LoadConversations {
    using Reply = QList<ConversationSummary>;
};

/// Inserts or replaces.
struct SaveConversation {
    using Reply = void;
    ConversationSummary conversation;
};

/// Hides a conversation, or brings it back (no time). What has been hidden for 30 days is deleted at start.
struct SetConversationRemoved {
    using Reply = void;
    ConversationId conversation = kNoId;
    std::optional<QDateTime> removed;
};

/// All messages of a conversation, all versions, with the text of attachments. The tree is built where it is read: that
/// of a long conversation takes longer than a frame.
struct LoadMessages {
    using Reply = MessageTree;
    ConversationId conversation = kNoId;
};

/// Makes `child` the shown version below `parent` (kNoId: the first message).
struct SelectVersion {
    ConversationId conversation = kNoId;
    MessageId parent = kNoId;
    MessageId child = kNoId;
};

/// A part of the recording of an answer, named by nextId(): parts follow one another in the order of their ids.
struct TracePiece {
    qint64 id = kNoId;
    MessageId message = kNoId;
    QByteArray data;
};

/// Inserts or updates conversations, then messages, then selections and traces, all in one transaction. A new message
/// becomes the selected version of its parent; parents come before their children.
struct SaveMessages {
    using Reply = void;
    QList<ConversationSummary> conversations;
    QList<Message> messages;
    QList<SelectVersion> selections = {};
    QList<TracePiece> traces = {};
};

/// The recording of an answer; empty if there is none. Errors: Corrupt.
struct LoadTrace {
    using Reply = AnswerTrace;
    MessageId message = kNoId;
};

/// At most one hit per conversation, newest conversation first. All words of the text must occur in one message,
/// anywhere in a word, in any case. Works for scripts without spaces.
struct SearchMessages {
    using Reply = QList<SearchHit>;
    QString text;
    int limit = 200;
};

/// Copies a text file into the attachments folder.
struct ImportAttachment {
    using Reply = Attachment;
    QString path;
};

/// Keeps a text that came without a file (pasted) like one.
struct ImportText {
    using Reply = Attachment;
    QString name;
    QString text;
};

/// Text files larger than this are refused: about 64 thousand tokens.
inline constexpr qint64 kMaxAttachmentBytes = 256 * 1024;

} // namespace hearth
