#pragma once

#include "app/storage/database.h"
#include "app/storage/requests.h"
#include "kernels/base/result.h"

#include <QString>

namespace hearth {

/// The SQL of conversations and messages, one function for each request. Thread: the storage thread.
class ChatRepository {
public:
    /// `database` is migrated and outlives this.
    ChatRepository(Database& database, QString attachmentFolder);

    /// After a start: answers that an earlier run left unfinished become Interrupted; conversations that were removed
    /// before `removedBefore` are deleted for good.
    [[nodiscard]] Status tidy(const QDateTime& removedBefore);

    [[nodiscard]] Result<QList<ConversationSummary>> run(const LoadConversations& request);
    [[nodiscard]] Status run(const SaveConversation& request);
    [[nodiscard]] Status run(const SetConversationRemoved& request);
    [[nodiscard]] Result<MessageTree> run(const LoadMessages& request);
    /// In order of creation.
    [[nodiscard]] Result<QList<Message>> messagesOf(ConversationId conversation);
    [[nodiscard]] Status run(const SaveMessages& request);
    [[nodiscard]] Result<QList<SearchHit>> run(const SearchMessages& request);
    [[nodiscard]] Result<Attachment> run(const ImportAttachment& request);
    [[nodiscard]] Result<Attachment> run(const ImportText& request);
    [[nodiscard]] Result<AnswerTrace> run(const LoadTrace& request);

private:
    [[nodiscard]] Status saveMessage(const Message& message);
    [[nodiscard]] Status saveAttachments(const Message& message);
    [[nodiscard]] Status saveTrace(const TracePiece& piece);
    [[nodiscard]] Status select(const SelectVersion& selection);
    [[nodiscard]] Status loadAttachments(ConversationId conversation, QList<Message>& messages);

    Database& m_database;
    QString m_attachmentFolder;
};

} // namespace hearth
