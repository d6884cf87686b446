#include "app/storage/chat_repository.h"
#include "app/storage/migrations.h"
#include "app/trace/answer_traces.h"
#include "tests/app/chat_fixture.h"
#include "tests/app/trace_bytes.h"
#include "tests/app/why.h"

#include <QtTest>

namespace hearth {

using namespace Qt::Literals::StringLiterals;

/// Recordings from the engine to the disk and back.
class TestAnswerTraces : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<ChatFixture> m_fixture;

    AnswerTraces& traces() { return m_fixture->chat().traces(); }
    /// Loads if need be; null if that fails.
    AnswerTraces::Trace traceOf(MessageId message) {
        traces().load(message);
        (void)QTest::qWaitFor([&] { return traces().find(message) != nullptr; });
        return traces().find(message);
    }
    static QByteArray textOf(const AnswerTrace& trace) {
        QByteArray text;
        for (int token = 0; token < trace.tokenCount(); ++token)
            text += trace.chosen(token).text;
        return text;
    }

private Q_SLOTS:
    void init() {
        m_fixture = std::make_unique<ChatFixture>();
        m_fixture->script.traceShape = mixtureShape(3, 8, 2);
        QVERIFY(m_fixture->waitForStore());
        QVERIFY(m_fixture->load());
    }
    void cleanup() { m_fixture.reset(); }

    void anAnswerIsRecordedAndThereAfterARestart() {
        QVERIFY(m_fixture->ask(u"Hi"_s));
        const MessageId answer = m_fixture->last().id;
        AnswerTraces::Trace trace = traceOf(answer);
        QVERIFY(trace != nullptr);
        QCOMPARE(textOf(*trace), QByteArray("Hello world"));
        QCOMPARE(trace->shape(), m_fixture->script.traceShape);
        QVERIFY(m_fixture->restart());
        QVERIFY(traces().find(answer) == nullptr);
        trace = traceOf(answer);
        QVERIFY(trace != nullptr);
        QCOMPARE(textOf(*trace), QByteArray("Hello world"));
        QCOMPARE(trace->experts(2, 1)[0], 0); // (2 * 3 + 2 + 0) % 8, as plainTrace() says
        QCOMPARE(trace->chosen(1).probability, 0.4F);
    }

    void itGrowsWhileTheAnswerIsWritten() {
        m_fixture->script.answers = {std::vector<std::string>(60, "word ")};
        m_fixture->script.pieceDelay = std::chrono::milliseconds(10);
        QSignalSpy grew(&traces(), &AnswerTraces::grew);
        QVERIFY(m_fixture->chat().send(u"Go on"_s));
        const MessageId answer = m_fixture->last().id;
        QTRY_VERIFY(traces().find(answer) != nullptr && traces().find(answer)->tokenCount() > 3);
        QVERIFY(m_fixture->chat().isBusy());
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(traces().find(answer)->tokenCount(), 60);
        QVERIFY(grew.size() > 3);
        QVERIFY(m_fixture->restart());
        QCOMPARE(traceOf(answer)->tokenCount(), 60); // in several pieces
    }

    void whatIsContinuedIsOneRecording() {
        m_fixture->script.answers = {{"One", " two"}, {" three", " four"}};
        m_fixture->services().settings().setMaxAnswerTokens(2);
        m_fixture->script.answers[0].push_back(" never");
        QVERIFY(m_fixture->ask(u"Count"_s));
        const MessageId answer = m_fixture->last().id;
        QVERIFY(m_fixture->restart()); // the first part is on disk only
        QVERIFY(m_fixture->waitForStore());
        QVERIFY(m_fixture->load());
        QVERIFY(m_fixture->open(m_fixture->services().settings().lastConversation()));
        QVERIFY(m_fixture->chat().canContinue(answer));
        m_fixture->chat().continueAnswer(answer);
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(textOf(*traceOf(answer)), QByteArray("One two three four"));
        QVERIFY(m_fixture->restart());
        QCOMPARE(textOf(*traceOf(answer)), QByteArray("One two three four"));
    }

    void nothingIsRecordedIfTheUserDoesNotWantIt() {
        QVERIFY(m_fixture->services().settings().recordAnswers());
        m_fixture->services().settings().setRecordAnswers(false);
        QVERIFY(m_fixture->ask(u"Hi"_s));
        const MessageId answer = m_fixture->last().id;
        QVERIFY(traceOf(answer)->isEmpty());
        QVERIFY(m_fixture->restart());
        QVERIFY(!m_fixture->services().settings().recordAnswers());
        QVERIFY(traceOf(answer)->isEmpty());
    }

    void anAnswerWithoutARecordingHasAnEmptyOne() {
        QSignalSpy loaded(&traces(), &AnswerTraces::loaded);
        traces().load(123456);
        QVERIFY(loaded.wait());
        QVERIFY(traces().find(123456)->isEmpty());
    }

    void recordingsGoWithTheirMessages() {
        const QTemporaryDir folder;
        auto database = Database::open(folder.filePath(u"a.db"_s), Database::Mode::ReadWrite);
        QVERIFY(migrate(*database, allMigrations(), folder.path()).ok());
        ChatRepository repository(*database, folder.path());
        ConversationSummary conversation;
        conversation.id = 1;
        Message message;
        message.id = 2;
        message.conversation = 1;
        const QByteArray bytes = plainTraceBytes(mixtureShape(1, 8, 2), 3);
        const SaveMessages save{{conversation}, {message}, {}, {{5, 2, bytes}, {4, 2, bytes}}};
        QVERIFY2(repository.run(save).ok(), why(repository.run(save)));
        QVERIFY(repository.run(save).ok()); // all writes may be repeated
        QCOMPARE(repository.run(LoadTrace{2})->tokenCount(), 6);
        const QDateTime longAgo = QDateTime::fromMSecsSinceEpoch(1000);
        QVERIFY(repository.run(SetConversationRemoved{1, longAgo}).ok());
        QCOMPARE(repository.run(LoadTrace{2})->tokenCount(), 6); // it can still be brought back
        QVERIFY(repository.tidy(QDateTime::currentDateTimeUtc()).ok());
        QCOMPARE(database->number("SELECT count(*) FROM answer_traces").value(), 0);
    }

    void aSpoiledRecordingIsAnError() {
        const QTemporaryDir folder;
        auto database = Database::open(folder.filePath(u"a.db"_s), Database::Mode::ReadWrite);
        QVERIFY(migrate(*database, allMigrations(), folder.path()).ok());
        ChatRepository repository(*database, folder.path());
        ConversationSummary conversation;
        conversation.id = 1;
        Message message;
        message.id = 2;
        message.conversation = 1;
        QVERIFY(repository.run(SaveMessages{{conversation}, {message}, {}, {{3, 2, "\x07nonsense"}}}).ok());
        const auto trace = repository.run(LoadTrace{2});
        QVERIFY(!trace.ok());
        QCOMPARE(trace.error().code, ErrorCode::Corrupt);
    }
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestAnswerTraces)
#include "tst_answer_traces.moc"
