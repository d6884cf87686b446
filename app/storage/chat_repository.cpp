#include "app/storage/chat_repository.h"

#include "app/storage/attachment_files.h"

#include <QFile>
#include <QJsonDocument>

#include <array>
#include <optional>
#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace hearth {

namespace {

constexpr std::array kRoleNames{"system"_L1, "user"_L1, "assistant"_L1};
constexpr std::array kStateNames{"streaming"_L1, "complete"_L1, "stopped"_L1, "failed"_L1, "interrupted"_L1};

template <typename Enum, std::size_t N>
Enum fromName(const QString& name, const std::array<QLatin1StringView, N>& names) {
    // The table's CHECK allows no other name.
    for (std::size_t index = 0; index < N; ++index) {
        if (name == names[index])
            return static_cast<Enum>(index);
    }
    return Enum{};
}

QString jsonText(const QJsonObject& object) {
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

QJsonObject jsonObject(const QString& text) {
    return QJsonDocument::fromJson(text.toUtf8()).object();
}

qint64 timeToMs(const QDateTime& time) {
    return time.toMSecsSinceEpoch();
}

QDateTime timeFromMs(qint64 milliseconds) {
    return QDateTime::fromMSecsSinceEpoch(milliseconds);
}

void bindId(Statement& statement, int index, qint64 id) {
    if (id == kNoId)
        statement.bindNull(index);
    else
        statement.bind(index, id);
}

constexpr std::string_view kSelectConversations =
    "SELECT id, title, created, updated, model_file, system_prompt, settings, draft, pinned, selected_root "
    "FROM conversations WHERE removed IS NULL";

constexpr std::string_view kUpsertConversation =
    "INSERT INTO conversations (id, title, created, updated, model_file, system_prompt, settings, draft, pinned, "
    "selected_root) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
    "ON CONFLICT (id) DO UPDATE SET title = excluded.title, updated = excluded.updated, "
    "model_file = excluded.model_file, system_prompt = excluded.system_prompt, settings = excluded.settings, "
    "draft = excluded.draft, pinned = excluded.pinned";

constexpr std::string_view kSelectMessages =
    "SELECT id, parent, role, state, text, failure, created, stats, selected_child, reasoning "
    "FROM messages WHERE conversation = ?1 ORDER BY created, id";

constexpr std::string_view kInsertMessage =
    "INSERT INTO messages (id, conversation, parent, role, state, text, failure, created, stats, reasoning) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING";

constexpr std::string_view kUpdateMessage =
    "UPDATE messages SET state = ?2, text = ?3, failure = ?4, stats = ?5, reasoning = ?6 WHERE id = ?1";

ConversationSummary readConversation(const Statement& row) {
    ConversationSummary conversation;
    conversation.id = row.integer(0);
    conversation.title = row.text(1);
    conversation.created = timeFromMs(row.integer(2));
    conversation.updated = timeFromMs(row.integer(3));
    conversation.modelFile = row.text(4);
    conversation.systemPrompt = row.text(5);
    conversation.settings = jsonObject(row.text(6));
    conversation.draft = row.text(7);
    conversation.pinned = row.integer(8) != 0;
    conversation.selectedRoot = row.integer(9);
    return conversation;
}

Message readMessage(const Statement& row, ConversationId conversation) {
    Message message;
    message.conversation = conversation;
    message.id = row.integer(0);
    message.parent = row.integer(1);
    message.role = fromName<MessageRole>(row.text(2), kRoleNames);
    message.state = fromName<MessageState>(row.text(3), kStateNames);
    message.text = row.text(4);
    message.failure = row.text(5);
    message.created = timeFromMs(row.integer(6));
    message.stats = answerStatsFromJson(jsonObject(row.text(7)));
    message.selectedChild = row.integer(8);
    message.reasoning = row.text(9);
    return message;
}

QString roleName(MessageRole role) {
    return QString(kRoleNames[static_cast<std::size_t>(role)]);
}

QString stateName(MessageState state) {
    return QString(kStateNames[static_cast<std::size_t>(state)]);
}

} // namespace

ChatRepository::ChatRepository(Database& database, QString attachmentFolder)
    : m_database(database), m_attachmentFolder(std::move(attachmentFolder)) {}

Status ChatRepository::tidy(const QDateTime& removedBefore) {
    QList<QByteArray> orphans;
    {
        HEARTH_TRY(Transaction transaction, Transaction::begin(m_database));
        HEARTH_CHECK(m_database.execute("UPDATE messages SET state = 'interrupted' WHERE state = 'streaming'"));
        HEARTH_TRY(Statement files, Statement::prepare(m_database, "SELECT DISTINCT a.sha256 FROM attachments a "
                                                                   "JOIN messages m ON m.id = a.message "
                                                                   "JOIN conversations c ON c.id = m.conversation "
                                                                   "WHERE c.removed < ?1"));
        files.bind(1, timeToMs(removedBefore));
        QList<QByteArray> candidates;
        while (true) {
            HEARTH_TRY(const bool found, files.step());
            if (!found)
                break;
            candidates.append(files.blob(0));
        }
        HEARTH_TRY(Statement purge, Statement::prepare(m_database, "DELETE FROM conversations WHERE removed < ?1"));
        HEARTH_CHECK(purge.bind(1, timeToMs(removedBefore)).run());
        HEARTH_TRY(Statement used,
                   Statement::prepare(m_database, "SELECT count(*) FROM attachments WHERE sha256 = ?1"));
        for (const QByteArray& sha256 : std::as_const(candidates)) {
            HEARTH_TRY([[maybe_unused]] const bool found, used.bind(1, sha256).step());
            if (used.integer(0) == 0)
                orphans.append(sha256);
            used.reset();
        }
        HEARTH_CHECK(transaction.commit());
    }
    for (const QByteArray& sha256 : std::as_const(orphans))
        QFile::remove(attachmentPath(m_attachmentFolder, sha256));
    return {};
}

Result<QList<ConversationSummary>> ChatRepository::run(const LoadConversations&) {
    HEARTH_TRY(Statement statement, Statement::prepare(m_database, kSelectConversations));
    QList<ConversationSummary> conversations;
    while (true) {
        HEARTH_TRY(const bool found, statement.step());
        if (!found)
            return conversations;
        conversations.append(readConversation(statement));
    }
}

Status ChatRepository::run(const SaveConversation& request) {
    const ConversationSummary& conversation = request.conversation;
    HEARTH_TRY(Statement statement, Statement::prepare(m_database, kUpsertConversation));
    statement.bind(1, conversation.id)
        .bind(2, conversation.title)
        .bind(3, timeToMs(conversation.created))
        .bind(4, timeToMs(conversation.updated))
        .bind(5, conversation.modelFile)
        .bind(6, conversation.systemPrompt)
        .bind(7, jsonText(conversation.settings))
        .bind(8, conversation.draft)
        .bind(9, qint64{conversation.pinned ? 1 : 0});
    bindId(statement, 10, conversation.selectedRoot);
    return statement.run();
}

Status ChatRepository::run(const SetConversationRemoved& request) {
    HEARTH_TRY(Statement statement,
               Statement::prepare(m_database, "UPDATE conversations SET removed = ?2 WHERE id = ?1"));
    statement.bind(1, request.conversation);
    if (request.removed)
        statement.bind(2, timeToMs(*request.removed));
    else
        statement.bindNull(2);
    return statement.run();
}

Result<MessageTree> ChatRepository::run(const LoadMessages& request) {
    HEARTH_TRY(Statement root, Statement::prepare(m_database, "SELECT selected_root FROM conversations WHERE id = ?1"));
    HEARTH_TRY(const bool found, root.bind(1, request.conversation).step());
    HEARTH_TRY(const QList<Message> messages, messagesOf(request.conversation));
    return MessageTree(messages, found ? root.integer(0) : kNoId);
}

Result<QList<Message>> ChatRepository::messagesOf(ConversationId conversation) {
    HEARTH_TRY(Statement statement, Statement::prepare(m_database, kSelectMessages));
    statement.bind(1, conversation);
    QList<Message> messages;
    while (true) {
        HEARTH_TRY(const bool found, statement.step());
        if (!found)
            break;
        messages.append(readMessage(statement, conversation));
    }
    HEARTH_CHECK(loadAttachments(conversation, messages));
    return messages;
}

Status ChatRepository::loadAttachments(ConversationId conversation, QList<Message>& messages) {
    HEARTH_TRY(Statement statement,
               Statement::prepare(m_database, "SELECT a.message, a.id, a.file_name, a.sha256, a.size_bytes "
                                              "FROM attachments a JOIN messages m ON m.id = a.message "
                                              "WHERE m.conversation = ?1 ORDER BY a.message, a.position"));
    statement.bind(1, conversation);
    QHash<MessageId, qsizetype> rows;
    for (qsizetype row = 0; row < messages.size(); ++row)
        rows.insert(messages[row].id, row);
    while (true) {
        HEARTH_TRY(const bool found, statement.step());
        if (!found)
            return {};
        Attachment attachment;
        attachment.id = statement.integer(1);
        attachment.fileName = statement.text(2);
        attachment.sha256 = statement.blob(3);
        attachment.sizeBytes = statement.integer(4);
        loadAttachmentText(m_attachmentFolder, attachment);
        messages[rows.value(statement.integer(0))].attachments.append(attachment);
    }
}

Status ChatRepository::run(const SaveMessages& request) {
    HEARTH_TRY(Transaction transaction, Transaction::begin(m_database));
    for (const ConversationSummary& conversation : request.conversations)
        HEARTH_CHECK(run(SaveConversation{conversation}));
    for (const Message& message : request.messages)
        HEARTH_CHECK(saveMessage(message));
    for (const SelectVersion& selection : request.selections)
        HEARTH_CHECK(select(selection));
    for (const TracePiece& piece : request.traces)
        HEARTH_CHECK(saveTrace(piece));
    return transaction.commit();
}

Status ChatRepository::saveMessage(const Message& message) {
    HEARTH_TRY(Statement insert, Statement::prepare(m_database, kInsertMessage));
    insert.bind(1, message.id).bind(2, message.conversation);
    bindId(insert, 3, message.parent);
    insert.bind(4, roleName(message.role))
        .bind(5, stateName(message.state))
        .bind(6, message.text)
        .bind(7, message.failure)
        .bind(8, timeToMs(message.created))
        .bind(9, jsonText(toJson(message.stats)))
        .bind(10, message.reasoning);
    HEARTH_CHECK(insert.run());
    if (m_database.changes() > 0) {
        HEARTH_CHECK(saveAttachments(message));
        return select({message.conversation, message.parent, message.id});
    }
    HEARTH_TRY(Statement update, Statement::prepare(m_database, kUpdateMessage));
    return update.bind(1, message.id)
        .bind(2, stateName(message.state))
        .bind(3, message.text)
        .bind(4, message.failure)
        .bind(5, jsonText(toJson(message.stats)))
        .bind(6, message.reasoning)
        .run();
}

Status ChatRepository::saveAttachments(const Message& message) {
    for (qsizetype position = 0; position < message.attachments.size(); ++position) {
        const Attachment& attachment = message.attachments[position];
        HEARTH_TRY(Statement insert,
                   Statement::prepare(m_database, "INSERT INTO attachments (id, message, position, file_name, sha256, "
                                                  "size_bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
        HEARTH_CHECK(insert.bind(1, attachment.id)
                         .bind(2, message.id)
                         .bind(3, qint64{position})
                         .bind(4, attachment.fileName)
                         .bind(5, attachment.sha256)
                         .bind(6, attachment.sizeBytes)
                         .run());
    }
    return {};
}

Result<Attachment> ChatRepository::run(const ImportAttachment& request) {
    return importAttachment(m_attachmentFolder, request.path);
}

Result<Attachment> ChatRepository::run(const ImportText& request) {
    return importText(m_attachmentFolder, request.name, request.text);
}

Status ChatRepository::select(const SelectVersion& selection) {
    const bool first = selection.parent == kNoId;
    HEARTH_TRY(Statement statement,
               Statement::prepare(m_database, first ? "UPDATE conversations SET selected_root = ?2 WHERE id = ?1"
                                                    : "UPDATE messages SET selected_child = ?2 WHERE id = ?1"));
    return statement.bind(1, first ? selection.conversation : selection.parent).bind(2, selection.child).run();
}

} // namespace hearth
