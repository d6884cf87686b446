#include "app/storage/database.h"
#include "app/storage/migrations.h"

#include "tests/app/why.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <array>

#ifdef Q_OS_UNIX
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace hearth {

namespace {

constexpr std::array kTwoSteps{
    Migration{1, "first", "CREATE TABLE things (name TEXT NOT NULL) STRICT; INSERT INTO things VALUES ('old');"},
    Migration{2, "second", "ALTER TABLE things ADD COLUMN size INTEGER NOT NULL DEFAULT 7;"},
};

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool writeFile(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

QString message(const Error& error) {
    return QString::fromStdString(error.message);
}

/// Opens and migrates as storage does.
Result<MigrationReport> openAndMigrate(const QString& path, std::span<const Migration> migrations,
                                       const QString& backups) {
    HEARTH_TRY(Database database, Database::open(path, Database::Mode::ReadWrite));
    return migrate(database, migrations, backups);
}

} // namespace

class TestDatabase : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        m_path = m_folder->filePath(QStringLiteral("ünicode 数据.db"));
        m_backups = m_folder->filePath(QStringLiteral("backups"));
    }

    void newDatabaseGetsTheLastSchemaWithoutABackup() {
        const auto report = openAndMigrate(m_path, kTwoSteps, m_backups);
        QVERIFY2(report.ok(), why(report));
        QCOMPARE(report->from, 0);
        QCOMPARE(report->to, 2);
        QVERIFY(!QDir(m_backups).exists());
        auto database = Database::open(m_path, Database::Mode::ReadWrite);
        QCOMPARE(database->number("PRAGMA user_version").value(), 2);
        QCOMPARE(database->number("PRAGMA foreign_keys").value(), 1);
        auto mode = Statement::prepare(*database, "PRAGMA journal_mode");
        QVERIFY(mode->step().value());
        QCOMPARE(mode->text(0), QStringLiteral("wal"));
    }

    void upgradeMakesACopyFirst() {
        QVERIFY(openAndMigrate(m_path, std::span(kTwoSteps).first(1), m_backups).ok());
        const auto report = openAndMigrate(m_path, kTwoSteps, m_backups);
        QVERIFY(report.ok());
        QCOMPARE(report->from, 1);
        QVERIFY(!report->backup.isEmpty());
        auto backup = Database::open(report->backup, Database::Mode::ReadOnly);
        QVERIFY(backup.ok());
        QCOMPARE(backup->number("PRAGMA user_version").value(), 1);
        QCOMPARE(backup->number("SELECT count(*) FROM things").value(), 1);
        auto database = Database::open(m_path, Database::Mode::ReadWrite);
        QCOMPARE(database->number("SELECT size FROM things").value(), 7);
    }

    void failedStepChangesNothing() {
        QVERIFY(openAndMigrate(m_path, std::span(kTwoSteps).first(1), m_backups).ok());
        const std::array broken{kTwoSteps[0], Migration{2, "bad",
                                                        "ALTER TABLE things ADD COLUMN size INTEGER; "
                                                        "INSERT INTO nothing VALUES (1);"}};
        const auto report = openAndMigrate(m_path, broken, m_backups);
        QVERIFY(!report.ok());
        QVERIFY2(message(report.error()).contains(QStringLiteral("schema version 2")), report.error().message.c_str());
        auto database = Database::open(m_path, Database::Mode::ReadWrite);
        QCOMPARE(database->number("PRAGMA user_version").value(), 1);
        QCOMPARE(database->number("SELECT count(*) FROM pragma_table_info('things')").value(), 1);
        QCOMPARE(QDir(m_backups).entryList(QDir::Files).size(), 1);
    }

    void newerSchemaIsRefusedAndLeftAlone() {
        QVERIFY(openAndMigrate(m_path, kTwoSteps, m_backups).ok());
        const QByteArray before = contentOf(m_path);
        const auto report = openAndMigrate(m_path, std::span(kTwoSteps).first(1), m_backups);
        QVERIFY(!report.ok());
        QCOMPARE(report.error().code, ErrorCode::Unsupported);
        const QString text = message(report.error());
        QVERIFY2(text.contains(m_path) && text.contains(QStringLiteral("version 2"))
                     && text.contains(QStringLiteral("up to 1")),
                 qPrintable(text));
        QCOMPARE(contentOf(m_path), before);
        QVERIFY(!QDir(m_backups).exists());
    }

    void databaseOfAnotherProgramIsRefusedAndLeftAlone() {
        {
            auto database = Database::open(m_path, Database::Mode::ReadWrite);
            QVERIFY(database->execute("CREATE TABLE songs (title TEXT)").ok());
        }
        const QByteArray before = contentOf(m_path);
        const auto report = openAndMigrate(m_path, kTwoSteps, m_backups);
        QVERIFY(!report.ok());
        QCOMPARE(report.error().code, ErrorCode::Unsupported);
        QCOMPARE(contentOf(m_path), before);
    }

    void brokenFilesAreRefusedByName_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("text") << QByteArray("this is a letter to my aunt, not a database. ").repeated(40);
        QTest::newRow("header only, then noise") << QByteArray("SQLite format 3\0", 16) + QByteArray(4096, '\x5a');
        QTest::newRow("zeros") << QByteArray(8192, '\0');
    }
    void brokenFilesAreRefusedByName() {
        QFETCH(QByteArray, content);
        QVERIFY(writeFile(m_path, content));
        const auto report = openAndMigrate(m_path, kTwoSteps, m_backups);
        QVERIFY(!report.ok());
        QCOMPARE(report.error().code, ErrorCode::Corrupt);
        QVERIFY(message(report.error()).contains(m_path));
        QCOMPARE(contentOf(m_path), content);
    }

    void truncatedFileIsReportedAsDamaged() {
        {
            auto database = Database::open(m_path, Database::Mode::ReadWrite);
            QVERIFY(migrate(*database, kTwoSteps, m_backups).ok());
            QVERIFY(database
                        ->execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
                                  "INSERT INTO things (name) SELECT 'thing ' || i FROM n")
                        .ok());
        }
        QFile file(m_path);
        QVERIFY(file.resize(file.size() / 2 / 4096 * 4096));
        const auto database = Database::open(m_path, Database::Mode::ReadWrite);
        QVERIFY(!database.ok());
        QCOMPARE(database.error().code, ErrorCode::Corrupt);
        QVERIFY(message(database.error()).contains(m_path));
    }

    void missingFolderIsNotFound() {
        const auto database =
            Database::open(m_folder->filePath(QStringLiteral("no/such/x.db")), Database::Mode::ReadWrite);
        QVERIFY(!database.ok());
        QCOMPARE(database.error().code, ErrorCode::NotFound);
    }

    void fullDiskRollsBackAndSaysSo() {
        auto database = Database::open(m_path, Database::Mode::ReadWrite);
        QVERIFY(migrate(*database, kTwoSteps, m_backups).ok());
        const qint64 pages = database->number("PRAGMA page_count").value();
        QVERIFY(database->execute("PRAGMA max_page_count = " + std::to_string(pages + 2)).ok());
        {
            auto transaction = Transaction::begin(*database);
            QVERIFY(transaction.ok());
            QVERIFY(database->execute("INSERT INTO things (name) VALUES ('fits')").ok());
            const auto full = database->execute("INSERT INTO things (name) VALUES (hex(zeroblob(100000)))");
            QVERIFY(!full.ok());
            QCOMPARE(full.error().code, ErrorCode::Io);
            QVERIFY2(message(full.error()).contains(QStringLiteral("disk is full")), full.error().message.c_str());
        }
        QCOMPARE(database->number("SELECT count(*) FROM things").value(), 1);
        QVERIFY(database->execute("PRAGMA max_page_count = 100000; INSERT INTO things (name) VALUES ('later')").ok());
    }

    void readOnlyFolderAndFileAreNamed_data() {
        QTest::addColumn<bool>("fileExists");
        QTest::newRow("folder") << false;
        QTest::newRow("file") << true;
    }
    void readOnlyFolderAndFileAreNamed() {
#ifdef Q_OS_UNIX
        QFETCH(bool, fileExists);
        if (fileExists)
            QVERIFY(openAndMigrate(m_path, kTwoSteps, m_backups).ok());
        QVERIFY(QFile::setPermissions(m_folder->path(),
                                      QFile::ReadOwner | QFile::ExeOwner | QFile::ReadOther | QFile::ExeOther));
        if (fileExists)
            QVERIFY(QFile::setPermissions(m_path, QFile::ReadOwner | QFile::ReadOther));
        // Root may write anywhere: the attempt is made by a child process that is nobody in particular.
        const pid_t child = fork();
        if (child == 0) {
            if (getuid() == 0 && setuid(65534) != 0)
                _exit(2);
            const auto report = openAndMigrate(m_path, kTwoSteps, m_backups);
            const bool clear =
                !report.ok() && report.error().code == ErrorCode::Io && message(report.error()).contains(m_path);
            _exit(clear ? 0 : 1);
        }
        int status = 0;
        QCOMPARE(waitpid(child, &status, 0), child);
        QFile::setPermissions(m_folder->path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 0);
#endif
    }

    void lockOfAnotherConnectionIsNamedAndNotWaitedForAfterStop() {
        auto first = Database::open(m_path, Database::Mode::ReadWrite);
        QVERIFY(migrate(*first, kTwoSteps, m_backups).ok());
        auto second = Database::open(m_path, Database::Mode::ReadWrite);
        auto held = Transaction::begin(*first);
        QVERIFY(held.ok());
        second->stopWaiting();
        QElapsedTimer timer;
        timer.start();
        const auto blocked = second->execute("INSERT INTO things (name) VALUES ('x')");
        QVERIFY(!blocked.ok());
        QVERIFY2(message(blocked.error()).contains(QStringLiteral("locked")), blocked.error().message.c_str());
        QVERIFY(timer.elapsed() < 1000);
    }

    void textsKeepEveryCharacter_data() {
        QTest::addColumn<QString>("text");
        QTest::newRow("empty") << QString();
        QTest::newRow("quotes") << QStringLiteral("it's \"so\"; DROP TABLE things;--");
        QTest::newRow("nul") << QStringLiteral("a") + QChar::Null + QStringLiteral("b");
        QTest::newRow("emoji and cjk") << QStringLiteral("👩‍👩‍👧 漢字 العربية");
        QTest::newRow("long") << QString(300000, u'ß');
    }
    void textsKeepEveryCharacter() {
        QFETCH(QString, text);
        auto database = Database::open(m_path, Database::Mode::ReadWrite);
        QVERIFY(migrate(*database, kTwoSteps, m_backups).ok());
        auto insert = Statement::prepare(*database, "INSERT INTO things (name) VALUES (?1)");
        QVERIFY(insert->bind(1, text).run().ok());
        auto read = Statement::prepare(*database, "SELECT name FROM things ORDER BY rowid DESC LIMIT 1");
        QVERIFY(read->step().value());
        QCOMPARE(read->text(0), text);
    }

    void migrationsOfTheProgramCountWithoutGaps() {
        int expected = 1;
        for (const Migration& migration : allMigrations())
            QCOMPARE(migration.version, expected++);
        const auto report = openAndMigrate(m_path, allMigrations(), m_backups);
        QVERIFY2(report.ok(), why(report));
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
    QString m_backups;
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestDatabase)
#include "tst_database.moc"
