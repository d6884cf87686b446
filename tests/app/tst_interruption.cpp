#include "tests/app/chat_fixture.h"

#include "app/models/model_library.h"
#include "app/storage/database.h"

#include <QElapsedTimer>
#include <QProcess>
#include <QtTest>

namespace hearth {

using namespace Qt::Literals::StringLiterals;

/// Ends of the program that nobody planned, and those that somebody did.
class TestInterruption : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void killedProcessLosesAtMostTheLastSecond() {
        ChatFixture fixture(ChatFixture::Begin::Later);
        QProcess writer;
        writer.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        writer.start(QStringLiteral(HEARTH_INTERRUPTED_WRITER), {fixture.path({})});
        QVERIFY(writer.waitForStarted());
        // When how much was shown: everything that is older than a second must be there afterwards.
        QElapsedTimer clock;
        clock.start();
        QList<QPair<qint64, qsizetype>> shown;
        connect(&writer, &QProcess::readyReadStandardOutput, this, [&] {
            while (writer.canReadLine())
                shown.append({clock.elapsed(), writer.readLine().mid(6).trimmed().toLongLong()});
        });
        QVERIFY(QTest::qWaitFor([&] { return !shown.isEmpty() && shown.last().first - shown.first().first > 2300; },
                                30000));
        writer.kill();
        const qint64 killedAt = clock.elapsed();
        QVERIFY(writer.waitForFinished());
        QCOMPARE(writer.exitStatus(), QProcess::CrashExit);
        qsizetype mustBeThere = 0;
        for (const auto& [time, size] : shown) {
            if (time <= killedAt - 1000)
                mustBeThere = size;
        }
        QVERIFY(mustBeThere > 0);

        fixture.start();
        QSignalSpy opened(&fixture.chat(), &ChatController::conversationOpened);
        fixture.services().start();
        QVERIFY(opened.wait());
        QCOMPARE(fixture.model().rowCount(), 2);
        QCOMPARE(fixture.model().messageAt(0).text, u"Talk until you are killed"_s);
        QCOMPARE(fixture.last().state, MessageState::Interrupted);
        QVERIFY2(fixture.last().text.size() >= mustBeThere,
                 qPrintable(u"%1 of %2"_s.arg(fixture.last().text.size()).arg(mustBeThere)));
        QVERIFY(fixture.last().text.startsWith(u"word word "_s));
        QVERIFY(fixture.chat().canContinue(fixture.last().id));
        auto database = Database::open(fixture.services().paths().database(), Database::Mode::ReadOnly);
        auto check = Statement::prepare(*database, "PRAGMA integrity_check");
        QVERIFY(check->step().value());
        QCOMPARE(check->text(0), u"ok"_s);
    }

    void quittingWhileAnsweringIsQuickAndKeepsTheText() {
        ChatFixture fixture;
        fixture.script.answers = {std::vector<std::string>(100000, "word ")};
        fixture.script.pieceDelay = std::chrono::milliseconds(1);
        QVERIFY(fixture.load());
        QVERIFY(fixture.chat().send(u"Talk"_s));
        QTRY_VERIFY(fixture.last().text.size() > 100);
        const ConversationId id = fixture.chat().currentConversation();
        const QString text = fixture.last().text;
        QElapsedTimer timer;
        timer.start();
        QVERIFY(fixture.restart());
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(fixture.waitForStore());
        QVERIFY(fixture.open(id));
        QCOMPARE(fixture.last().text, text);
        QCOMPARE(fixture.last().state, MessageState::Interrupted);
    }

    void quittingWithAHangingEngineIsQuickAndKeepsTheText() {
        ChatFixture fixture;
        QVERIFY(fixture.load());
        QVERIFY(fixture.chat().send(u"First"_s));
        QVERIFY(fixture.waitUntilIdle());
        fixture.script.generateStall = FakeEngineScript::Stall::Deaf;
        QVERIFY(fixture.chat().send(u"Second"_s));
        QTRY_COMPARE(fixture.script.requests().size(), 2);
        fixture.chat().setDraft(u"half a thought"_s);
        const ConversationId id = fixture.chat().currentConversation();
        QElapsedTimer timer;
        timer.start();
        QVERIFY(!fixture.services().shutdown());
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
        // The program would end its process now. Another one finds everything.
        ChatFixture* const hanging = &fixture;
        Services again(hanging->services().paths(), hanging->script.factory());
        QTRY_VERIFY(again.conversations().isLoaded());
        QSignalSpy opened(&again.chat(), &ChatController::conversationOpened);
        again.chat().openConversation(id);
        QVERIFY(opened.wait());
        QCOMPARE(again.chat().model().rowCount(), 4);
        QCOMPARE(again.chat().draft(), u"half a thought"_s);
        QCOMPARE(again.chat().model().messageAt(3).state, MessageState::Interrupted);
        fixture.script.release();
    }

    void startLoadsTheModelOfLastTime() {
        ChatFixture fixture;
        const QString model = fixture.path(u"a.gguf"_s);
        QFile file(model);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        QSignalSpy loaded(&fixture.services().engine(), &EngineService::modelLoaded);
        fixture.services().loadModel(model);
        QVERIFY(loaded.wait());
        QVERIFY(fixture.restart());
        fixture.services().start();
        QCOMPARE(fixture.services().engine().modelPath(), model);
        // Gone: nothing is loaded, nothing fails.
        QVERIFY(fixture.restart());
        QVERIFY(file.remove());
        QSignalSpy refreshed(&fixture.services().models(), &ModelLibrary::refreshed);
        fixture.services().start();
        QVERIFY(refreshed.wait());
        QCOMPARE(fixture.services().engine().state(), EngineState::Empty);
    }
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestInterruption)
#include "tst_interruption.moc"
