#include "app/logging/log.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include <limits>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace hearth {

using namespace Qt::Literals::StringLiterals;

// What a user, a file or a model wrote does not become a value of the log. That it compiles is the test.
static_assert(!std::is_constructible_v<LogValue, QString>);
static_assert(!std::is_constructible_v<LogValue, QByteArray>);
static_assert(!std::is_constructible_v<LogValue, std::string>);
static_assert(!std::is_constructible_v<LogValue, std::string_view>);
static_assert(!std::is_constructible_v<LogValue, const char*>);
static_assert(!std::is_constructible_v<LogValue, char>);
static_assert(!std::is_constructible_v<LogValue, Error>);

class TestLog : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_folder = m_temporary->filePath(u"state/logs"_s);
    }

    void linesAreJson() {
        Log log(m_folder);
        log.write(LogLevel::Warning, "engine.loaded",
                  {{"seconds", 1.5},
                   {"tokens", 42},
                   {"ok", true},
                   {"code", ErrorCode::Io},
                   {"kind", LogWord("a \"b\"")},
                   {"never", std::numeric_limits<double>::quiet_NaN()},
                   {"big", quint64{1} << 40}});
        const QList<QByteArray> lines = read(u"hearth.log"_s);
        QCOMPARE(lines.size(), 1);
        const QJsonObject line = QJsonDocument::fromJson(lines.first()).object();
        QCOMPARE(line.value(u"level"_s).toString(), u"warning"_s);
        QCOMPARE(line.value(u"event"_s).toString(), u"engine.loaded"_s);
        QCOMPARE(line.value(u"seconds"_s).toDouble(), 1.5);
        QCOMPARE(line.value(u"tokens"_s).toInt(), 42);
        QCOMPARE(line.value(u"ok"_s).toBool(), true);
        QCOMPARE(line.value(u"code"_s).toString(), u"input/output"_s);
        QCOMPARE(line.value(u"kind"_s).toString(), u"a \"b\""_s);
        QVERIFY(line.value(u"never"_s).isNull());
        QCOMPARE(line.value(u"big"_s).toInteger(), qint64{1} << 40);
        QVERIFY(QDateTime::fromString(line.value(u"time"_s).toString(), Qt::ISODateWithMs).isValid());
    }

    void sizeIsBounded() {
        Log log(m_folder);
        // About 9 MiB.
        for (qint64 number = 0; number < 90000; ++number)
            log.write(LogLevel::Info, "a.rather.long.name.of.an.event.to.fill.the.file", {{"number", number}});
        qint64 total = 0;
        const QFileInfoList files = QDir(m_folder).entryInfoList(QDir::Files);
        QCOMPARE(files.size(), 5);
        for (const QFileInfo& file : files) {
            QVERIFY(file.size() <= 1024 * 1024);
            total += file.size();
        }
        QVERIFY(total > 4 * 1024 * 1024);
        QVERIFY(read(u"hearth.log"_s).last().contains("\"number\":89999"));
    }

    void severalThreadsDoNotMixTheirLines() {
        Log log(m_folder);
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 4; ++thread) {
            threads.emplace_back([&log, thread] {
                for (int number = 0; number < 500; ++number)
                    log.write(LogLevel::Info, "event", {{"thread", thread}, {"number", number}});
            });
        }
        for (std::thread& thread : threads)
            thread.join();
        const QList<QByteArray> lines = read(u"hearth.log"_s);
        QCOMPARE(lines.size(), 2000);
        for (const QByteArray& line : lines)
            QVERIFY(QJsonDocument::fromJson(line).isObject());
    }

    void restartAppends() {
        Log(m_folder).write(LogLevel::Info, "first");
        Log(m_folder).write(LogLevel::Info, "second");
        QCOMPARE(read(u"hearth.log"_s).size(), 2);
    }

    void logThatCannotBeWrittenIsNoReasonToFail() {
        QFile obstacle(m_temporary->filePath(u"state"_s));
        QVERIFY(obstacle.open(QIODevice::WriteOnly));
        Log log(m_folder);
        log.write(LogLevel::Error, "nowhere");
        QVERIFY(!QDir(m_folder).exists());
    }

private:
    QList<QByteArray> read(const QString& name) {
        QFile file(m_folder + u'/' + name);
        if (!file.open(QIODevice::ReadOnly))
            return {};
        return file.readAll().trimmed().split('\n');
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    QString m_folder;
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestLog)
#include "tst_log.moc"
