#include "app/storage/chat_repository.h"

#include "app/chat/message_tree.h"
#include "app/storage/attachment_files.h"
#include "app/storage/migrations.h"

#include "tests/app/why.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>
#include <optional>

namespace hearth {

namespace {

ConversationSummary conversation(const QString& title) {
    ConversationSummary summary;
    summary.id = nextId();
    summary.title = title;
    summary.created = QDateTime::currentDateTime();
    summary.updated = summary.created;
    summary.settings = {{QStringLiteral("ofALaterVersion"), 5}};
    return summary;
}

Message message(const ConversationSummary& in, MessageId parent, MessageRole role, const QString& text) {
    Message made;
    made.id = nextId();
    made.conversation = in.id;
    made.parent = parent;
    made.role = role;
    made.text = text;
    // Milliseconds are what the database keeps.
    made.created = QDateTime::fromMSecsSinceEpoch(QDateTime::currentMSecsSinceEpoch());
    return made;
}

QString message(const Error& error) {
    return QString::fromStdString(error.message);
}

} // namespace

class TestChatRepository : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        open();
    }

    void conversationsComeBackWhole() {
        ConversationSummary saved = conversation(QStringLiteral("Über Öfen"));
        saved.created = QDateTime::fromMSecsSinceEpoch(1'700'000'000'123);
        saved.updated = QDateTime::fromMSecsSinceEpoch(1'700'000'001'456);
        saved.draft = QStringLiteral("half a thought");
        saved.systemPrompt = QStringLiteral("Be brief.");
        saved.modelFile = QStringLiteral("/models/a.gguf");
        saved.pinned = true;
        QVERIFY(m_repository->run(SaveConversation{saved}).ok());
        QVERIFY(m_repository->run(SaveConversation{saved}).ok());
        const auto loaded = m_repository->run(LoadConversations{});
        QCOMPARE(loaded->size(), 1);
        QCOMPARE(loaded->first(), saved);
    }

    void messagesComeBackWholeWithTheirTree() {
        const ConversationSummary chat = conversation(QStringLiteral("t"));
        Message question = message(chat, kNoId, MessageRole::User, QStringLiteral("why?"));
        Message first = message(chat, question.id, MessageRole::Assistant, QStringLiteral("because"));
        first.stats.generatedTokens = 12;
        first.stats.decodeSeconds = 0.5;
        first.stats.seed = 0xffff'ffff'ffff'fffeULL;
        first.stats.sampler = {{QStringLiteral("topK"), 40}};
        first.stats.stopReason = QStringLiteral("endOfAnswer");
        Message second = message(chat, question.id, MessageRole::Assistant, QStringLiteral("no reason"));
        second.state = MessageState::Failed;
        second.failure = QStringLiteral("out of memory");
        QVERIFY(save({{chat}, {question, first}}));
        QVERIFY(save({{}, {second}}));

        auto loaded = m_repository->messagesOf(chat.id);
        QCOMPARE(loaded->size(), 3);
        question.selectedChild = second.id;
        QCOMPARE(loaded->at(0), question);
        QCOMPARE(loaded->at(1), first);
        QCOMPARE(loaded->at(2), second);
        QCOMPARE(loaded->at(1).stats.tokensPerSecond(), 24.0);

        QVERIFY(save({{}, {}, {{chat.id, question.id, first.id}}}));
        QCOMPARE(m_repository->run(LoadMessages{chat.id})->visibleBranch(), (QList<MessageId>{question.id, first.id}));
    }

    void savingAgainUpdatesTextAndStateOnly() {
        const ConversationSummary chat = conversation(QStringLiteral("t"));
        Message answer = message(chat, kNoId, MessageRole::Assistant, QString());
        answer.state = MessageState::Streaming;
        QVERIFY(save({{chat}, {answer}}));
        answer.text = QStringLiteral("more");
        answer.state = MessageState::Complete;
        QVERIFY(save({{}, {answer}}));
        QCOMPARE(m_repository->messagesOf(chat.id)->first(), answer);
        // Another selection is not undone by saving a message that is there already.
        const Message other = message(chat, kNoId, MessageRole::User, QStringLiteral("other"));
        QVERIFY(save({{}, {other}}));
        QVERIFY(save({{}, {answer}}));
        QCOMPARE(m_repository->run(LoadConversations{})->first().selectedRoot, other.id);
    }

    void unfinishedAnswersAreInterruptedAfterARestart() {
        const ConversationSummary chat = conversation(QStringLiteral("t"));
        Message answer = message(chat, kNoId, MessageRole::Assistant, QStringLiteral("the beginning of it"));
        answer.state = MessageState::Streaming;
        QVERIFY(save({{chat}, {answer}}));
        QVERIFY(m_repository->run(SearchMessages{QStringLiteral("beginning")})->isEmpty());
        open();
        const auto loaded = m_repository->messagesOf(chat.id);
        QCOMPARE(loaded->first().state, MessageState::Interrupted);
        QCOMPARE(loaded->first().text, answer.text);
        QCOMPARE(m_repository->run(SearchMessages{QStringLiteral("beginning")})->size(), 1);
    }

    void searchFindsEveryScript_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("query");
        QTest::addColumn<bool>("found");
        const QString english = QStringLiteral("The quick brown Fox\njumps over the lazy dog.");
        QTest::newRow("word") << english << QStringLiteral("lazy") << true;
        QTest::newRow("other case") << english << QStringLiteral("fOX") << true;
        QTest::newRow("part of a word") << english << QStringLiteral("umps") << true;
        QTest::newRow("words in any order") << english << QStringLiteral("dog quick") << true;
        QTest::newRow("one word missing") << english << QStringLiteral("quick cat") << false;
        QTest::newRow("two letters") << english << QStringLiteral("ox") << true;
        QTest::newRow("two letters and a word") << english << QStringLiteral("ox lazy") << true;
        QTest::newRow("two letters missing") << english << QStringLiteral("zz lazy") << false;
        QTest::newRow("Chinese, two characters") << QStringLiteral("今天天气很好") << QStringLiteral("天气") << true;
        QTest::newRow("Chinese, four characters")
            << QStringLiteral("今天天气很好") << QStringLiteral("天气很好") << true;
        QTest::newRow("Japanese, missing") << QStringLiteral("こんにちは世界") << QStringLiteral("さようなら") << false;
        QTest::newRow("German, folded") << QStringLiteral("ÜBER ÄPFEL") << QStringLiteral("äpfel") << true;
        QTest::newRow("quotation mark") << QStringLiteral("he said \"stop it\" twice") << QStringLiteral("\"stop")
                                        << true;
        QTest::newRow("operators are words") << english << QStringLiteral("quick OR") << false;
        QTest::newRow("star is a star") << english << QStringLiteral("qui*") << false;
        QTest::newRow("per cent is itself") << QStringLiteral("about 5 of them") << QStringLiteral("5%") << false;
        QTest::newRow("per cent found") << QStringLiteral("about 5% of them") << QStringLiteral("5%") << true;
        QTest::newRow("emoji") << QStringLiteral("well done 🎉🎉🎉") << QStringLiteral("🎉") << true;
    }
    void searchFindsEveryScript() {
        QFETCH(QString, text);
        QFETCH(QString, query);
        QFETCH(bool, found);
        const ConversationSummary chat = conversation(QStringLiteral("t"));
        const Message saved = message(chat, kNoId, MessageRole::User, text);
        QVERIFY(save({{chat}, {saved}}));
        const auto hits = m_repository->run(SearchMessages{query});
        QVERIFY2(hits.ok(), why(hits));
        QCOMPARE(hits->size(), found ? 1 : 0);
        if (!found)
            return;
        QCOMPARE(hits->first().message, saved.id);
        QVERIFY(!hits->first().snippet.contains(u'\n'));
        QVERIFY(!hits->first().matches.isEmpty());
        for (const auto& [start, length] : hits->first().matches) {
            const QString matched = hits->first().snippet.mid(start, length);
            QVERIFY2(query.contains(matched, Qt::CaseInsensitive), qPrintable(matched));
        }
    }

    void searchGivesOneHitAConversationAndShowsTheMatch() {
        const ConversationSummary chat = conversation(QStringLiteral("t"));
        const QString filler = QStringLiteral("word ").repeated(2000);
        const Message early = message(chat, kNoId, MessageRole::User, QStringLiteral("needle"));
        const Message late =
            message(chat, early.id, MessageRole::Assistant, filler + QStringLiteral("a Needle here ") + filler);
        QVERIFY(save({{chat}, {early, late}}));
        const auto hits = m_repository->run(SearchMessages{QStringLiteral("needle")});
        QCOMPARE(hits->size(), 1);
        QCOMPARE(hits->first().message, late.id);
        QVERIFY2(hits->first().snippet.contains(QStringLiteral("Needle")), qPrintable(hits->first().snippet));
        QVERIFY(hits->first().snippet.size() < 200);
    }

    void editedTextIsNoLongerFoundByItsOldWords() {
        const ConversationSummary chat = conversation(QStringLiteral("t"));
        Message answer = message(chat, kNoId, MessageRole::Assistant, QStringLiteral("elephant"));
        QVERIFY(save({{chat}, {answer}}));
        answer.text = QStringLiteral("giraffe");
        QVERIFY(save({{}, {answer}}));
        QVERIFY(m_repository->run(SearchMessages{QStringLiteral("elephant")})->isEmpty());
        QCOMPARE(m_repository->run(SearchMessages{QStringLiteral("giraffe")})->size(), 1);
        QVERIFY(m_database->execute("INSERT INTO message_search (message_search) VALUES ('integrity-check')").ok());
    }

    void removedConversationsHideReturnAndGoInTheEnd() {
        const ConversationSummary chat = conversation(QStringLiteral("t"));
        // Longer than SQLite's limit on nested triggers.
        QList<Message> messages;
        for (int index = 0; index < 3000; ++index) {
            messages.append(message(chat, index == 0 ? kNoId : messages.last().id, MessageRole::User,
                                    QStringLiteral("needle %1").arg(index)));
        }
        QVERIFY(save({{chat}, messages}));
        const QDateTime removed = QDateTime::currentDateTimeUtc().addDays(-2);
        QVERIFY(m_repository->run(SetConversationRemoved{chat.id, removed}).ok());
        QVERIFY(m_repository->run(LoadConversations{})->isEmpty());
        QVERIFY(m_repository->run(SearchMessages{QStringLiteral("needle")})->isEmpty());
        QVERIFY(m_repository->run(SetConversationRemoved{chat.id, std::nullopt}).ok());
        QCOMPARE(m_repository->run(SearchMessages{QStringLiteral("needle")})->size(), 1);

        QVERIFY(m_repository->run(SetConversationRemoved{chat.id, removed}).ok());
        QVERIFY(m_repository->tidy(removed.addDays(-1)).ok());
        QCOMPARE(m_database->number("SELECT count(*) FROM messages").value(), 3000);
        const auto tidied = m_repository->tidy(removed.addDays(1));
        QVERIFY2(tidied.ok(), why(tidied));
        QCOMPARE(m_database->number("SELECT count(*) FROM messages").value(), 0);
        QCOMPARE(m_database->number("SELECT count(*) FROM conversations").value(), 0);
    }

    void attachmentsAreKeptByContent() {
        const QString path = m_folder->filePath(QStringLiteral("notes.txt"));
        writeFile(path, QByteArray("\xef\xbb\xbfline \xc3\xa4"));
        auto attachment = m_repository->run(ImportAttachment{path});
        QVERIFY2(attachment.ok(), why(attachment));
        QCOMPARE(attachment->text, QStringLiteral("line ä"));
        QVERIFY(QFile::remove(path));
        const ConversationSummary chat = conversation(QStringLiteral("t"));
        Message question = message(chat, kNoId, MessageRole::User, QStringLiteral("see file"));
        question.attachments = {*attachment};
        QVERIFY(save({{chat}, {question}}));
        QCOMPARE(m_repository->messagesOf(chat.id)->first().attachments, question.attachments);

        QVERIFY(QFile::remove(attachmentPath(attachments(), attachment->sha256)));
        const Attachment gone = m_repository->messagesOf(chat.id)->first().attachments.first();
        QVERIFY(gone.missing);
        QCOMPARE(gone.fileName, QStringLiteral("notes.txt"));
    }

    void attachmentFilesGoWithTheirLastConversation() {
        const QString path = m_folder->filePath(QStringLiteral("notes.txt"));
        writeFile(path, "shared");
        QList<ConversationSummary> chats;
        QByteArray sha256;
        for (int index = 0; index < 2; ++index) {
            chats.append(conversation(QStringLiteral("t")));
            Message question = message(chats.last(), kNoId, MessageRole::User, QStringLiteral("q"));
            question.attachments = {m_repository->run(ImportAttachment{path}).value()};
            sha256 = question.attachments.first().sha256;
            QVERIFY(save({{chats.last()}, {question}}));
        }
        const QDateTime now = QDateTime::currentDateTimeUtc();
        for (const ConversationSummary& chat : chats) {
            QVERIFY(QFile::exists(attachmentPath(attachments(), sha256)));
            QVERIFY(m_repository->run(SetConversationRemoved{chat.id, now}).ok());
            QVERIFY(m_repository->tidy(now.addSecs(1)).ok());
        }
        QVERIFY(!QFile::exists(attachmentPath(attachments(), sha256)));
    }

    void unfitAttachmentsAreRefusedWithAReason_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("reason");
        QTest::newRow("binary") << QByteArray("MZ\0\0\1\2", 6) << QStringLiteral("not a text file");
        QTest::newRow("invalid UTF-8") << QByteArray("abc\xff\xfe\xfd") << QStringLiteral("not a text file");
        QTest::newRow("too large") << QByteArray(kMaxAttachmentBytes + 1, 'a') << QStringLiteral("at most 256 KiB");
    }
    void unfitAttachmentsAreRefusedWithAReason() {
        QFETCH(QByteArray, content);
        QFETCH(QString, reason);
        const QString path = m_folder->filePath(QStringLiteral("file.bin"));
        writeFile(path, content);
        const auto refused = m_repository->run(ImportAttachment{path});
        QVERIFY(!refused.ok());
        QCOMPARE(refused.error().code, ErrorCode::InvalidInput);
        QVERIFY2(message(refused.error()).contains(reason), refused.error().message.c_str());
        QVERIFY(message(refused.error()).contains(path));
    }

    void savingOnAFullDiskKeepsWhatWasThere() {
        const ConversationSummary chat = conversation(QStringLiteral("t"));
        Message answer = message(chat, kNoId, MessageRole::Assistant, QStringLiteral("first half"));
        QVERIFY(save({{chat}, {answer}}));
        const qint64 pages = m_database->number("PRAGMA page_count").value();
        QVERIFY(m_database->execute("PRAGMA max_page_count = " + std::to_string(pages)).ok());
        Message longer = answer;
        longer.text = QStringLiteral("first half ").repeated(20000);
        const auto full = m_repository->run(SaveMessages{{}, {longer}});
        QVERIFY(!full.ok());
        QVERIFY2(message(full.error()).contains(QStringLiteral("disk is full")), full.error().message.c_str());
        QCOMPARE(m_repository->messagesOf(chat.id)->first().text, answer.text);
        QVERIFY(m_database->execute("PRAGMA max_page_count = 1000000").ok());
        QVERIFY(save({{}, {longer}}));
        QCOMPARE(m_repository->messagesOf(chat.id)->first().text, longer.text);
    }

private:
    void open() {
        m_repository.reset();
        m_database.reset();
        auto database = Database::open(m_folder->filePath(QStringLiteral("hearth.db")), Database::Mode::ReadWrite);
        QVERIFY(database.ok());
        m_database.emplace(std::move(*database));
        const auto migrated = migrate(*m_database, allMigrations(), m_folder->filePath(QStringLiteral("backups")));
        QVERIFY2(migrated.ok(), why(migrated));
        m_repository.emplace(*m_database, attachments());
        const auto tidied = m_repository->tidy(QDateTime::currentDateTimeUtc().addDays(-30));
        QVERIFY2(tidied.ok(), why(tidied));
    }
    QString attachments() const { return m_folder->filePath(QStringLiteral("attachments")); }
    bool save(const SaveMessages& request) {
        const auto saved = m_repository->run(request);
        if (!saved.ok())
            qWarning("%s", saved.error().message.c_str());
        return saved.ok();
    }
    static void writeFile(const QString& path, const QByteArray& bytes) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<Database> m_database;
    std::optional<ChatRepository> m_repository;
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestChatRepository)
#include "tst_chat_repository.moc"
