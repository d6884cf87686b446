#include "app/engine_service/engine_service.h"

#include "app/engine_service/token_ring.h"
#include "tests/app/fake_engine.h"

#include <QDir>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>

namespace hearth {

namespace {

const QString kPath = QStringLiteral("/models/fake.gguf");

GenerationJob question(const QString& text, ConversationId conversation = kNoId) {
    GenerationJob job;
    job.conversation = conversation;
    job.prompt.messages = {{1, MessageRole::User, text}};
    return job;
}

/// What one answer brought, in the order it came.
struct Heard {
    QString text;
    int deltas = 0;
    QList<GenerationOutcome> outcomes;
    bool textAfterEnd = false;
};

} // namespace

class TestEngineService : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_script = std::make_unique<FakeEngineScript>();
        m_service = std::make_unique<EngineService>(m_script->factory());
        m_heard.clear();
        connect(m_service.get(), &EngineService::textGenerated, this, [this](quint64 request, const QString& delta) {
            Heard& heard = m_heard[request];
            heard.text += delta;
            ++heard.deltas;
            heard.textAfterEnd |= !heard.outcomes.isEmpty();
        });
        connect(
            m_service.get(), &EngineService::generationFinished, this,
            [this](quint64 request, const GenerationOutcome& outcome) { m_heard[request].outcomes.append(outcome); });
    }
    void cleanup() {
        m_script->release();
        m_service.reset();
        QCOMPARE(m_script->engines(), 0);
    }

    void loadsAndTellsWhatIsLoaded() {
        QSignalSpy progress(m_service.get(), &EngineService::loadProgress);
        QSignalSpy loaded(m_service.get(), &EngineService::modelLoaded);
        m_script->contextTokens = 1234;
        m_service->load(kPath, {});
        QCOMPARE(m_service->state(), EngineState::Loading);
        QCOMPARE(m_service->modelPath(), kPath);
        QVERIFY(loaded.wait());
        QCOMPARE(m_service->state(), EngineState::Ready);
        QCOMPARE(m_service->loadedModel()->contextTokens, 1234);
        QCOMPARE(m_service->loadedModel()->name, QStringLiteral("Fake"));
        QVERIFY(!progress.isEmpty());
    }

    void failedLoadLeavesNothingLoaded() {
        QVERIFY(load());
        m_script->loadError = Error{ErrorCode::Corrupt, "file 'x' ends early"};
        QSignalSpy failed(m_service.get(), &EngineService::loadFailed);
        m_service->load(QStringLiteral("/models/other.gguf"), {});
        QVERIFY(failed.wait());
        QCOMPARE(failed.first().at(1).value<Error>(), *m_script->loadError);
        QCOMPARE(m_service->state(), EngineState::Empty);
        QVERIFY(!m_service->loadedModel());
        QVERIFY(m_service->modelPath().isEmpty());
    }

    void cancelledLoadSaysSo() {
        m_script->loadStall = FakeEngineScript::Stall::Stoppable;
        QSignalSpy failed(m_service.get(), &EngineService::loadFailed);
        m_service->load(kPath, {});
        QTRY_COMPARE(m_script->loads(), 1);
        m_service->cancelLoad();
        QVERIFY(failed.wait());
        QCOMPARE(failed.first().at(1).value<Error>().code, ErrorCode::Cancelled);
        QCOMPARE(m_service->state(), EngineState::Empty);
    }

    void newerLoadReplacesTheOneThatRuns() {
        m_script->loadStall = FakeEngineScript::Stall::Stoppable;
        QSignalSpy failed(m_service.get(), &EngineService::loadFailed);
        QSignalSpy loaded(m_service.get(), &EngineService::modelLoaded);
        m_service->load(QStringLiteral("/models/a.gguf"), {});
        QTRY_COMPARE(m_script->loads(), 1);
        m_service->load(kPath, {});
        QTRY_COMPARE(m_script->loads(), 2);
        m_script->release();
        QVERIFY(loaded.wait());
        QCOMPARE(m_service->loadedModel()->filePath, kPath);
        QCOMPARE(loaded.size(), 1);
        QCOMPARE(failed.size(), 0);
    }

    void unloadFreesTheEngine() {
        QVERIFY(load());
        QSignalSpy unloaded(m_service.get(), &EngineService::modelUnloaded);
        m_service->unload();
        QCOMPARE(m_service->state(), EngineState::Empty);
        QVERIFY(unloaded.wait());
        QCOMPARE(m_script->engines(), 0);
    }

    void answersWithItsTextAndFigures() {
        QVERIFY(load());
        QSignalSpy assembled(m_service.get(), &EngineService::promptAssembled);
        GenerationJob job = question(QStringLiteral("Hi"));
        job.sampler.seed = 77;
        const auto request = m_service->generate(job);
        QTRY_COMPARE(m_heard[request].outcomes.size(), 1);
        QCOMPARE(m_heard[request].text, QStringLiteral("Hello world"));
        const GenerationOutcome outcome = m_heard[request].outcomes.first();
        QVERIFY(!outcome.error);
        QCOMPARE(outcome.stats.generatedTokens, 3);
        QCOMPARE(outcome.stats.stopReason, QStringLiteral("endOfAnswer"));
        QCOMPARE(outcome.stats.modelName, QStringLiteral("Fake"));
        QCOMPARE(outcome.stats.modelFile, kPath);
        QCOMPARE(outcome.stats.seed, 77);
        QCOMPARE(m_script->prompts().front(), "User: Hi\nAssistant:");
        QCOMPARE(assembled.size(), 1);
        QCOMPARE(assembled.first().at(1).value<PromptReport>().promptTokens, outcome.stats.promptTokens);
    }

    void questionWaitsForTheModelThatLoads() {
        m_script->loadStall = FakeEngineScript::Stall::Stoppable;
        m_service->load(kPath, {});
        const auto request = m_service->generate(question(QStringLiteral("Hi")));
        m_script->release();
        QTRY_COMPARE(m_heard[request].outcomes.size(), 1);
        QCOMPARE(m_heard[request].text, QStringLiteral("Hello world"));
    }

    void questionWithoutAModelFails() {
        const auto request = m_service->generate(question(QStringLiteral("Hi")));
        QTRY_COMPARE(m_heard[request].outcomes.size(), 1);
        QCOMPARE(m_heard[request].outcomes.first().error->code, ErrorCode::NotFound);
    }

    void brokenEngineIsAnError_data() {
        QTest::addColumn<bool>("throws");
        QTest::newRow("error") << false;
        QTest::newRow("exception") << true;
    }
    void brokenEngineIsAnError() {
        QFETCH(bool, throws);
        m_script->throwsInGenerate = throws;
        m_script->generateError = Error{ErrorCode::Device, "driver says no"};
        QVERIFY(load());
        const auto request = m_service->generate(question(QStringLiteral("Hi")));
        QTRY_COMPARE(m_heard[request].outcomes.size(), 1);
        const auto error = m_heard[request].outcomes.first().error;
        QVERIFY(error.has_value());
        QCOMPARE(error->code, throws ? ErrorCode::Internal : ErrorCode::Device);
        QVERIFY(QString::fromStdString(error->message).contains(QStringLiteral("driver says no")));
        QCOMPARE(m_heard[request].text, throws ? QString() : QStringLiteral("Hello world"));
    }

    void stopAnswersWithin100MsAndNothingComesAfter_data() {
        QTest::addColumn<bool>("deaf");
        QTest::newRow("engine that listens") << false;
        QTest::newRow("engine that hangs") << true;
    }
    void stopAnswersWithin100MsAndNothingComesAfter() {
        QFETCH(bool, deaf);
        m_script->answers = {std::vector<std::string>(100000, "x")};
        m_script->pieceDelay = std::chrono::milliseconds(1);
        m_script->generateStall = deaf ? FakeEngineScript::Stall::Deaf : FakeEngineScript::Stall::None;
        QVERIFY(load());
        QSignalSpy progress(m_service.get(), &EngineService::promptProgress);
        const auto request = m_service->generate(question(QStringLiteral("Hi")));
        QVERIFY(progress.wait());
        if (!deaf)
            QTRY_VERIFY(!m_heard[request].text.isEmpty());
        QElapsedTimer timer;
        timer.start();
        m_service->stop(request);
        QSignalSpy finished(m_service.get(), &EngineService::generationFinished);
        QVERIFY(finished.wait());
        QVERIFY2(timer.elapsed() < 100, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(m_heard[request].outcomes.first().stats.stopReason, QStringLiteral("cancelled"));

        // The next answer comes whole once the engine is free, and the stopped one stays as it was.
        const QString stopped = m_heard[request].text;
        m_script->pieceDelay = std::chrono::milliseconds(0);
        m_script->answers = {{"next"}};
        m_script->release();
        const auto next = m_service->generate(question(QStringLiteral("Again")));
        QTRY_COMPARE(m_heard[next].outcomes.size(), 1);
        QCOMPARE(m_heard[next].text, QStringLiteral("next"));
        QCOMPARE(m_heard[request].text, stopped);
        QCOMPARE(m_heard[request].outcomes.size(), 1);
        QVERIFY(!m_heard[request].textAfterEnd);
    }

    void longAnswersArriveWholeThroughTheFullRing() {
        // Many times what the ring holds, written at once: the engine has to wait for the timer again and again.
        std::vector<std::string> pieces;
        std::string all;
        for (int index = 0; all.size() < 6 * TokenRing::kCapacityBytes; ++index) {
            pieces.push_back("pièce " + std::to_string(index) + "; ");
            all += pieces.back();
        }
        m_script->answers = {pieces};
        QVERIFY(load());
        const auto request = m_service->generate(question(QStringLiteral("Hi")));
        QTRY_COMPARE_WITH_TIMEOUT(m_heard[request].outcomes.size(), 1, 20000);
        QCOMPARE(m_heard[request].text, QString::fromStdString(all));
        QVERIFY(m_heard[request].deltas >= 6);
        QCOMPARE(m_heard[request].outcomes.first().stats.generatedTokens, int(pieces.size()));
    }

    void queuedAnswersComeOneAfterTheOther() {
        m_script->answers = {{"one"}, {"two"}, {"three"}};
        QVERIFY(load());
        const auto first = m_service->generate(question(QStringLiteral("1")));
        const auto second = m_service->generate(question(QStringLiteral("2")));
        const auto third = m_service->generate(question(QStringLiteral("3")));
        m_service->stop(second);
        QTRY_COMPARE(m_heard[third].outcomes.size(), 1);
        QCOMPARE(m_heard[first].text, QStringLiteral("one"));
        QCOMPARE(m_heard[second].outcomes.first().stats.stopReason, QStringLiteral("cancelled"));
        QCOMPARE(m_heard[third].text, QStringLiteral("two"));
    }

    void measuringCountsPromptAndDraft() {
        QVERIFY(load());
        QSignalSpy measured(m_service.get(), &EngineService::measured);
        for (int number = 0; number < 5; ++number)
            m_service->measure(question(QStringLiteral("Hi")).prompt, QStringLiteral("12345"));
        const auto newest = m_service->measure(question(QStringLiteral("Hi")).prompt, QStringLiteral("1234567"));
        QVERIFY(measured.wait());
        QCOMPARE(measured.last().at(0).toULongLong(), newest);
        // The draft joins the question before it, for that has no answer; its own bytes are counted apart.
        QCOMPARE(measured.last().at(1).value<PromptReport>().promptTokens, int(strlen("User: Hi\n\n\nAssistant:")));
        QCOMPARE(measured.last().at(2).toInt(), 7);
    }

    void quitsWithinASecondWhateverRuns_data() {
        QTest::addColumn<bool>("loading");
        QTest::addColumn<bool>("deaf");
        QTest::addColumn<bool>("ends");
        QTest::newRow("idle") << false << false << true;
        QTest::newRow("loading") << true << false << true;
        QTest::newRow("generating") << false << false << true;
        QTest::newRow("loading, hangs") << true << true << false;
        QTest::newRow("generating, hangs") << false << true << false;
    }
    void quitsWithinASecondWhateverRuns() {
        QFETCH(bool, loading);
        QFETCH(bool, deaf);
        QFETCH(bool, ends);
        const auto stall = deaf ? FakeEngineScript::Stall::Deaf : FakeEngineScript::Stall::Stoppable;
        m_script->answers = {std::vector<std::string>(100000, std::string(1000, 'x'))};
        if (loading) {
            m_script->loadStall = stall;
            m_service->load(kPath, {});
            QTRY_COMPARE(m_script->loads(), 1);
        } else {
            QVERIFY(load());
            if (deaf)
                m_script->generateStall = stall;
            m_service->generate(question(QStringLiteral("Hi")));
            QTRY_COMPARE(m_script->requests().size(), 1);
        }
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(m_service->shutdown(std::chrono::milliseconds(600)), ends);
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
    }

    void conversationsAreSavedAndTakenUp() {
        QTemporaryDir folder;
        const std::filesystem::path first = (folder.filePath(QStringLiteral("kept/1.kv"))).toStdString();
        m_service->keepConversations(folder.filePath(QStringLiteral("kept")), 10000);
        QVERIFY(load());
        QVERIFY(answer(1));
        QVERIFY(m_script->saved().empty()); // the next question may come at once
        m_service->saveConversation();
        QTRY_COMPARE(m_script->saved(), std::vector{first});
        m_service->saveConversation();
        QVERIFY(answer(1));
        QCOMPARE(m_script->saved().size(), std::size_t{1}); // nothing had changed
        QVERIFY(m_script->restored().empty());              // it was open all the time
        QVERIFY(answer(2));
        QCOMPARE(m_script->saved(), (std::vector{first, first})); // before the other one took its place
        QVERIFY(answer(1));
        QCOMPARE(m_script->restored(), std::vector{first});
    }

    void conversationIsSavedAfterSomeRest() {
        QTemporaryDir folder;
        m_service->keepConversations(folder.path(), 10000);
        QVERIFY(load());
        QVERIFY(answer(1));
        QTRY_COMPARE_WITH_TIMEOUT(m_script->saved().size(), std::size_t{1}, 10000);
    }

    void conversationIsSavedBeforeTheModelGoes() {
        QTemporaryDir folder;
        m_service->keepConversations(folder.path(), 10000);
        QVERIFY(load());
        QVERIFY(answer(1));
        QSignalSpy unloaded(m_service.get(), &EngineService::modelUnloaded);
        m_service->unload();
        QVERIFY(unloaded.wait());
        QCOMPARE(m_script->saved().size(), std::size_t{1});
        QVERIFY(load());
        QVERIFY(answer(1));
        QCOMPARE(m_script->restored().size(), std::size_t{1}); // another engine knows nothing
        QVERIFY(load());
        QCOMPARE(m_script->saved().size(), std::size_t{2});
    }

    void conversationIsSavedAtTheEnd() {
        QTemporaryDir folder;
        m_service->keepConversations(folder.path(), 10000);
        QVERIFY(load());
        QVERIFY(answer(1));
        QVERIFY(!m_service->shutdown(std::chrono::milliseconds(0)) || !m_script->saved().empty());
        QVERIFY(m_service->shutdown(std::chrono::milliseconds(800)));
        QCOMPARE(m_script->saved().size(), std::size_t{1});
    }

    void longSaveHoldsUpNeitherTheEndNorTheNextQuestion() {
        QTemporaryDir folder;
        m_service->keepConversations(folder.path(), 10000);
        m_script->saveDelay = std::chrono::seconds(60);
        QVERIFY(load());
        QVERIFY(answer(1));
        m_service->saveConversation();
        QElapsedTimer timer;
        timer.start();
        QVERIFY(answer(1)); // of the same conversation: what was being saved is out of date
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
        m_service->saveConversation();
        timer.restart();
        QVERIFY(m_service->shutdown(std::chrono::milliseconds(500)));
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(m_script->saved().empty());
    }

    void forgottenConversationsLeaveNoFile() {
        QTemporaryDir folder;
        m_service->keepConversations(folder.path(), 10000);
        QVERIFY(load());
        for (const ConversationId id : {1, 2, 3, 4}) {
            QVERIFY(answer(id));
            m_service->saveConversation();
        }
        QTRY_COMPARE(m_script->saved().size(), std::size_t{4});
        m_service->forgetConversation(2);
        m_service->forgetAllConversationsBut({2, 3, 4});
        m_service->forgetConversation(4); // open, and not saved again
        m_service->saveConversation();
        QTRY_COMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{QStringLiteral("3.kv")});
        m_service->keepConversations(folder.path(), 0);
        QTRY_VERIFY(QDir(folder.path()).isEmpty());
        QVERIFY(answer(5));
        m_service->saveConversation();
        QVERIFY(answer(6));
        QCOMPARE(m_script->saved().size(), std::size_t{4});
    }

    void idleServiceWakesNobody() {
        QVERIFY(load());
        const auto request = m_service->generate(question(QStringLiteral("Hi")));
        QTRY_COMPARE(m_heard[request].outcomes.size(), 1);
        for (const QTimer* timer : m_service->findChildren<QTimer*>())
            QVERIFY(!timer->isActive());
    }

    void ringStopsAWriterThatWaits() {
        TokenRing ring;
        std::stop_source stop;
        QVERIFY(ring.write(AnswerPart::Text, std::string(TokenRing::kCapacityBytes, 'x'), 1, stop.get_token()));
        std::atomic<bool> refused{false};
        std::thread writer([&] { refused = !ring.write(AnswerPart::Reasoning, "y", 2, stop.get_token()); });
        stop.request_stop();
        writer.join();
        QVERIFY(refused);
        const TokenRing::Content content = ring.take();
        QCOMPARE(content.text.size(), TokenRing::kCapacityBytes);
        QCOMPARE(content.generatedTokens, 1);
    }

private:
    bool load() {
        QSignalSpy loaded(m_service.get(), &EngineService::modelLoaded);
        m_service->load(kPath, {});
        return loaded.wait();
    }

    bool answer(ConversationId conversation) {
        const auto request = m_service->generate(question(QStringLiteral("Hi"), conversation));
        return QTest::qWaitFor([&] { return m_heard[request].outcomes.size() == 1; });
    }

    std::unique_ptr<FakeEngineScript> m_script;
    std::unique_ptr<EngineService> m_service;
    QHash<quint64, Heard> m_heard;
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestEngineService)
#include "tst_engine_service.moc"
