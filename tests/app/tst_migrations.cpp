#include "app/storage/chat_repository.h"
#include "app/storage/migrations.h"
#include "tests/app/why.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>
#include <optional>

namespace hearth {

using namespace Qt::Literals::StringLiterals;

/// Databases of every schema that was ever released come to the present one with all that is in them.
class TestMigrations : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everySchemaHasAFixture() {
        QStringList wanted;
        for (const Migration& migration : allMigrations())
            wanted.append(u"schema_%1.db"_s.arg(migration.version, 4, 10, QChar(u'0')));
        QCOMPARE(QDir(fixtures()).entryList({u"schema_*.db"_s}, QDir::Files, QDir::Name), wanted);
    }

    void everythingIsThereAfterTheUpgrade_data() {
        QTest::addColumn<int>("version");
        for (const Migration& migration : allMigrations())
            QTest::addRow("schema %d", migration.version) << migration.version;
    }
    void everythingIsThereAfterTheUpgrade() {
        QFETCH(int, version);
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"hearth.db"_s);
        QVERIFY(QFile::copy(fixtures() + u"/schema_%1.db"_s.arg(version, 4, 10, QChar(u'0')), path));
        QVERIFY(QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner));
        auto database = Database::open(path, Database::Mode::ReadWrite);
        QVERIFY2(database.ok(), why(database));
        const auto report = migrate(*database, allMigrations(), folder.filePath(u"backups"_s));
        QVERIFY2(report.ok(), why(report));
        QCOMPARE(report->from, version);
        QCOMPARE(report->backup.isEmpty(), report->from == report->to);
        ChatRepository repository(*database, folder.filePath(u"attachments"_s));
        const Status tidied = repository.tidy(QDateTime::currentDateTimeUtc());
        QVERIFY2(tidied.ok(), why(tidied));
        checkConversations(repository);
        checkMessages(repository);
        QCOMPARE(repository.messagesOf(100)->at(2).reasoning, version < 3 ? QString() : u"Light is scattered."_s);
        const auto trace = repository.run(LoadTrace{3});
        QVERIFY2(trace.ok(), why(trace));
        QCOMPARE(trace->tokenCount(), version < 2 ? 0 : 1); // nothing was recorded before
        QCOMPARE(repository.run(SearchMessages{u"rayleigh"_s})->size(), 1);
        QCOMPARE(repository.run(SearchMessages{u"天气"_s})->first().conversation, 200);
        auto integrity = Statement::prepare(*database, "PRAGMA integrity_check");
        QVERIFY(integrity->step().value());
        QCOMPARE(integrity->text(0), u"ok"_s);
        auto references = Statement::prepare(*database, "PRAGMA foreign_key_check");
        QVERIFY(!references->step().value());
    }

private:
    static QString fixtures() { return QStringLiteral(HEARTH_SOURCE_DIR "/tests/app/fixtures"); }

    static void checkConversations(ChatRepository& repository) {
        const auto conversations = repository.run(LoadConversations{});
        QVERIFY2(conversations.ok(), why(conversations));
        QCOMPARE(conversations->size(), 2);
        const ConversationSummary& sky =
            conversations->first().id == 100 ? conversations->first() : conversations->last();
        QCOMPARE(sky.title, u"Why is the sky blue?"_s);
        QCOMPARE(sky.created.toMSecsSinceEpoch(), 1700000000000);
        QCOMPARE(sky.updated.toMSecsSinceEpoch(), 1700000060000);
        QCOMPARE(sky.modelFile, u"/models/a.gguf"_s);
        QCOMPARE(sky.systemPrompt, u"Be brief."_s);
        QCOMPARE(sky.settings.value(u"ofALaterVersion"_s).toInt(), 5);
        QCOMPARE(sky.draft, u"And at night?"_s);
        QVERIFY(sky.pinned);
        QCOMPARE(sky.selectedRoot, 1);
        // The removed one waits for being brought back.
        QVERIFY(repository.run(SetConversationRemoved{300, std::nullopt}).ok());
        QCOMPARE(repository.run(LoadConversations{})->size(), 3);
    }

    static void checkMessages(ChatRepository& repository) {
        const auto messages = repository.messagesOf(100);
        QVERIFY2(messages.ok(), why(messages));
        QCOMPARE(messages->size(), 5);
        QCOMPARE(messages->at(0).selectedChild, 3);
        QCOMPARE(messages->at(1).state, MessageState::Stopped);
        const Message& answer = messages->at(2);
        QCOMPARE(answer.text, u"Because of Rayleigh scattering."_s);
        QCOMPARE(answer.parent, 1);
        QCOMPARE(answer.stats.tokensPerSecond(), 12.0);
        QCOMPARE(answer.stats.seed, 18446744073709551615ULL);
        QCOMPARE(answer.stats.sampler.value(u"topK"_s).toInt(), 40);
        QCOMPARE(messages->at(3).attachments.size(), 1);
        QCOMPARE(messages->at(3).attachments.first().fileName, u"notes.txt"_s);
        QVERIFY(messages->at(3).attachments.first().missing);
        QCOMPARE(messages->at(4).state, MessageState::Failed);
        QCOMPARE(messages->at(4).failure, u"The device was lost."_s);
        QCOMPARE(repository.messagesOf(200)->last().state, MessageState::Interrupted);
    }
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestMigrations)
#include "tst_migrations.moc"
