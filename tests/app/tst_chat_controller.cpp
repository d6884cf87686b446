#include "tests/app/chat_fixture.h"

#include "app/storage/database.h"
#include "app/storage/migrations.h"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QSignalSpy>
#include <QtTest>

#include <memory>

namespace hearth {

using namespace Qt::Literals::StringLiterals;

class TestChatController : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_fixture = std::make_unique<ChatFixture>();
        m_fixture->script.answers = {{"One", " fish"}, {"Two fish"}, {"Red fish"}, {"Blue fish"}};
        m_tester = std::make_unique<QAbstractItemModelTester>(&m_fixture->model(),
                                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        m_listTester = std::make_unique<QAbstractItemModelTester>(
            &m_fixture->services().conversationList(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(m_fixture->waitForStore());
        QVERIFY(m_fixture->load());
    }
    void cleanup() {
        m_tester.reset();
        m_listTester.reset();
        m_fixture.reset();
    }

    void answersAQuestion() {
        QSignalSpy appended(&m_fixture->model(), &ConversationModel::messageAppended);
        QSignalSpy text(&m_fixture->model(), &ConversationModel::textAppended);
        QSignalSpy finished(&m_fixture->model(), &ConversationModel::messageFinished);
        QVERIFY(chat().send(u"  How many?  "_s));
        QVERIFY(chat().isBusy());
        QCOMPARE(m_fixture->last().state, MessageState::Streaming);
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->lines(), QStringList({u"user: How many?"_s, u"assistant: One fish"_s}));
        QCOMPARE(m_fixture->last().state, MessageState::Complete);
        QCOMPARE(m_fixture->last().stats.generatedTokens, 2);
        QCOMPARE(m_fixture->last().stats.modelName, u"Fake"_s);
        QCOMPARE(appended.size(), 2);
        QCOMPARE(finished.size(), 1);
        QString joined;
        for (const QList<QVariant>& arguments : text)
            joined += arguments.at(1).toString();
        QCOMPARE(joined, u"One fish"_s);
    }

    void nothingIsSentWithoutTextOrModelOrWhileBusy() {
        QVERIFY(!chat().send(u" \n "_s));
        m_fixture->script.generateStall = FakeEngineScript::Stall::Stoppable;
        QVERIFY(chat().send(u"first"_s));
        QVERIFY(!chat().send(u"second"_s));
        QCOMPARE(m_fixture->model().rowCount(), 2);
        m_fixture->script.release();
        QVERIFY(m_fixture->waitUntilIdle());

        m_fixture->services().engine().unload();
        chat().setDraft(u"third"_s);
        QSignalSpy failed(&chat(), &ChatController::failed);
        QVERIFY(!chat().send(u"third"_s));
        QCOMPARE(failed.size(), 1);
        QVERIFY(!failed.first().first().value<ErrorText>().nextStep.isEmpty());
        QCOMPARE(chat().draft(), u"third"_s);
    }

    void stopKeepsWhatWasWritten() {
        m_fixture->script.answers = {std::vector<std::string>(100000, "ha ")};
        m_fixture->script.pieceDelay = std::chrono::milliseconds(1);
        QVERIFY(chat().send(u"Laugh"_s));
        QTRY_VERIFY(!m_fixture->last().text.isEmpty());
        QCOMPARE(chat().state(), ChatState::Answering);
        chat().stop();
        QCOMPARE(chat().state(), ChatState::Stopping);
        QElapsedTimer timer;
        timer.start();
        QVERIFY(m_fixture->waitUntilIdle());
        QVERIFY2(timer.elapsed() < 200, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(m_fixture->last().state, MessageState::Stopped);
        QVERIFY(m_fixture->last().text.startsWith(u"ha ha "_s));
        const QString text = m_fixture->last().text;
        const ConversationId id = chat().currentConversation();
        QVERIFY(m_fixture->restart());
        QVERIFY(m_fixture->waitForStore());
        QVERIFY(m_fixture->open(id));
        QCOMPARE(m_fixture->last().text, text);
        QCOMPARE(m_fixture->last().state, MessageState::Stopped);
    }

    void regenerateAddsAVersionAndSelectionIsKept() {
        QVERIFY(m_fixture->ask(u"How many?"_s));
        const MessageId first = m_fixture->last().id;
        chat().regenerate(first);
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->lines(), QStringList({u"user: How many?"_s, u"assistant: Two fish"_s}));
        QCOMPARE(m_fixture->model().versionCount(m_fixture->last().id), 2);
        QCOMPARE(m_fixture->model().versionIndex(m_fixture->last().id), 1);
        QVERIFY(m_fixture->script.prompts().at(1).ends_with("How many?\nAssistant:"));

        chat().selectVersion(m_fixture->last().id, 0);
        QCOMPARE(m_fixture->last().id, first);
        const ConversationId id = chat().currentConversation();
        QVERIFY(m_fixture->restart());
        QVERIFY(m_fixture->waitForStore());
        QVERIFY(m_fixture->open(id));
        QCOMPARE(m_fixture->last().id, first);
        QCOMPARE(m_fixture->model().versionCount(first), 2);
    }

    void editBranchesAndBothBranchesStay() {
        QVERIFY(m_fixture->ask(u"How many?"_s));
        QVERIFY(m_fixture->ask(u"And then?"_s));
        const MessageId question = m_fixture->model().messageAt(0).id;
        QSignalSpy branch(&m_fixture->model(), &ConversationModel::branchChanged);
        chat().editAndResend(question, u"What colour?"_s);
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->lines(), QStringList({u"user: What colour?"_s, u"assistant: Red fish"_s}));
        QCOMPARE(branch.size(), 1);
        // The model saw nothing of the other branch.
        QCOMPARE(QString::fromStdString(m_fixture->script.prompts().at(2)), u"User: What colour?\nAssistant:"_s);

        const QStringList firstBranch{u"user: How many?"_s, u"assistant: One fish"_s, u"user: And then?"_s,
                                      u"assistant: Two fish"_s};
        chat().selectVersion(m_fixture->model().messageAt(0).id, 0);
        QCOMPARE(m_fixture->lines(), firstBranch);
        const ConversationId id = chat().currentConversation();
        QVERIFY(m_fixture->restart());
        QVERIFY(m_fixture->waitForStore());
        QVERIFY(m_fixture->open(id));
        QCOMPARE(m_fixture->lines(), firstBranch);
        chat().selectVersion(question, 1);
        QCOMPARE(m_fixture->lines(), QStringList({u"user: What colour?"_s, u"assistant: Red fish"_s}));
    }

    void continueGoesOnInTheSameMessage() {
        m_fixture->services().settings().setMaxAnswerTokens(1);
        QVERIFY(m_fixture->ask(u"How many?"_s));
        QCOMPARE(m_fixture->last().stats.stopReason, u"maxTokens"_s);
        const MessageId id = m_fixture->last().id;
        QVERIFY(chat().canContinue(id));
        m_fixture->services().settings().setMaxAnswerTokens(-1);
        m_fixture->script.answers = {{"One", " fish"}, {" bird"}};
        chat().continueAnswer(id);
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->lines(), QStringList({u"user: How many?"_s, u"assistant: One bird"_s}));
        QCOMPARE(m_fixture->last().id, id);
        QCOMPARE(m_fixture->last().stats.generatedTokens, 2);
        QVERIFY(m_fixture->script.prompts().at(1).ends_with("Assistant:One"));
        QVERIFY(!chat().canContinue(id));
    }

    void failureStaysInTheMessageAndTheNextTryIsAVersion() {
        m_fixture->script.generateError = Error{ErrorCode::OutOfMemory, "2 GB are missing"};
        m_fixture->script.answers = {{}};
        QVERIFY(m_fixture->ask(u"How many?"_s));
        QCOMPARE(m_fixture->last().state, MessageState::Failed);
        QVERIFY(m_fixture->last().failure.contains(u"2 GB are missing"_s));
        m_fixture->script.generateError.reset();
        m_fixture->script.answers = {{}, {"Two fish"}};
        chat().regenerate(m_fixture->last().id);
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->last().text, u"Two fish"_s);
        QCOMPARE(m_fixture->model().versionCount(m_fixture->last().id), 2);
    }

    void answerGoesOnInAConversationThatIsNotOpen() {
        m_fixture->script.generateStall = FakeEngineScript::Stall::Stoppable;
        QVERIFY(chat().send(u"How many?"_s));
        const ConversationId first = chat().currentConversation();
        QTRY_COMPARE(chat().state(), ChatState::Reading);
        chat().newConversation();
        QVERIFY(!chat().isBusy());
        QVERIFY(chat().send(u"Which?"_s));
        const ConversationId second = chat().currentConversation();
        QCOMPARE(chat().state(), ChatState::Waiting);
        // Back while it runs: the live text is shown, and goes on.
        QVERIFY(m_fixture->open(first));
        QVERIFY(chat().isBusy());
        m_fixture->script.release();
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->last().text, u"One fish"_s);
        QVERIFY(m_fixture->open(second));
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->lines(), QStringList({u"user: Which?"_s, u"assistant: Two fish"_s}));
    }

    void restartFindsTheConversationAgain() {
        QVERIFY(m_fixture->ask(u"# How *many* are there?"_s));
        const ConversationId id = chat().currentConversation();
        QVERIFY(m_fixture->restart());
        QSignalSpy opened(&chat(), &ChatController::conversationOpened);
        m_fixture->services().start();
        QVERIFY(opened.wait());
        QCOMPARE(chat().currentConversation(), id);
        QCOMPARE(m_fixture->lines(), QStringList({u"user: # How *many* are there?"_s, u"assistant: One fish"_s}));
        ConversationListModel& list = m_fixture->services().conversationList();
        QCOMPARE(list.rowCount(), 1);
        QCOMPARE(list.index(0).data().toString(), u"How *many* are there?"_s);
    }

    void draftIsKeptPerConversation() {
        QVERIFY(m_fixture->ask(u"How many?"_s));
        const ConversationId id = chat().currentConversation();
        chat().setDraft(u"half a thought"_s);
        chat().newConversation();
        QCOMPARE(chat().draft(), QString());
        QVERIFY(m_fixture->restart());
        QVERIFY(m_fixture->waitForStore());
        QSignalSpy replaced(&chat(), &ChatController::draftReplaced);
        QVERIFY(m_fixture->open(id));
        QCOMPARE(chat().draft(), u"half a thought"_s);
        QCOMPARE(replaced.last().first().toString(), u"half a thought"_s);
    }

    void draftOfANewChatSurvivesARestart() {
        chat().setDraft(u"not asked yet"_s);
        QVERIFY(m_fixture->restart());
        QCOMPARE(chat().draft(), u"not asked yet"_s);
        QVERIFY(m_fixture->waitForStore());
        QVERIFY(m_fixture->load());
        QVERIFY(m_fixture->ask(chat().draft()));
        chat().newConversation();
        QCOMPARE(chat().draft(), QString());
    }

    void systemPromptReachesTheModel() {
        m_fixture->services().settings().setSystemPrompt(u"Be kind."_s);
        QVERIFY(m_fixture->ask(u"1"_s));
        chat().setSystemPrompt(u"Be brief."_s);
        QVERIFY(m_fixture->ask(u"2"_s));
        QVERIFY(m_fixture->script.prompts().at(0).starts_with("Be kind.\n\nUser:"));
        QVERIFY(m_fixture->script.prompts().at(1).starts_with("Be brief.\n\nUser:"));
    }

    void meterCountsBranchAndDraft() {
        QTRY_COMPARE(chat().contextMeter().totalTokens, 4096);
        const int empty = chat().contextMeter().usedTokens;
        chat().setDraft(u"12345"_s);
        QTRY_COMPARE(chat().contextMeter().draftTokens, 5);
        QCOMPARE(chat().contextMeter().usedTokens, empty);
        chat().setDraft({});
        QVERIFY(m_fixture->ask(u"How many?"_s));
        // Every byte is a token: what is in the conversation now, with the words of the plain format.
        const int expected = empty + int(strlen("How many?\nAssistant: One fish\nUser: "));
        QTRY_COMPARE(chat().contextMeter().usedTokens, expected);
        m_fixture->services().engine().unload();
        QTRY_COMPARE(chat().contextMeter(), ContextUse());
    }

    void whatFallsOutOfTheContextIsMarked() {
        m_fixture->script.contextTokens = 400;
        QVERIFY(m_fixture->load());
        QSignalSpy trimmed(&chat(), &ChatController::contextTrimmed);
        for (int turn = 0; turn < 6; ++turn)
            QVERIFY(m_fixture->ask(u"question "_s + QString(60, u'x')));
        QVERIFY(!trimmed.isEmpty());
        const int dropped = trimmed.last().first().toInt();
        QVERIFY(dropped > 0 && dropped < 12);
        QTRY_VERIFY(chat().contextMeter().droppedMessages >= dropped);
        const int marked = chat().contextMeter().droppedMessages;
        for (int row = 0; row < m_fixture->model().rowCount(); ++row)
            QCOMPARE(m_fixture->model().index(row).data(ConversationModel::InContextRole).toBool(), row >= marked);
    }

    void questionThatNeverFitsSaysSo() {
        m_fixture->script.contextTokens = 400;
        QVERIFY(m_fixture->load());
        QVERIFY(m_fixture->ask(QString(1000, u'x')));
        QCOMPARE(m_fixture->last().state, MessageState::Failed);
        QVERIFY2(m_fixture->last().failure.contains(u"1017 tokens"_s), qPrintable(m_fixture->last().failure));
        QVERIFY(m_fixture->last().failure.contains(u"400"_s));
    }

    void attachedFileGoesIntoThePrompt() {
        const QString path = m_fixture->path(u"notes.txt"_s);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("```\ncode\n```");
        file.close();
        QSignalSpy attached(&chat(), &ChatController::attachmentsChanged);
        chat().attachFile(path);
        QVERIFY(attached.wait());
        QCOMPARE(chat().pendingAttachments().size(), 1);
        QVERIFY(m_fixture->ask(u"What is this?"_s));
        QVERIFY(chat().pendingAttachments().isEmpty());
        QVERIFY(m_fixture->script.prompts().front().find("File \"notes.txt\":\n````\n```\ncode\n```\n````")
                != std::string::npos);
        // An edited question keeps its files.
        chat().editAndResend(m_fixture->model().messageAt(0).id, u"And this?"_s);
        QVERIFY(m_fixture->waitUntilIdle());
        QVERIFY(m_fixture->script.prompts().at(1).find("notes.txt") != std::string::npos);

        QSignalSpy failed(&chat(), &ChatController::failed);
        chat().attachFile(m_fixture->path(u"missing.txt"_s));
        QVERIFY(failed.wait());
    }

    void pastedTextIsAFileAndCanBeTakenBack() {
        QSignalSpy attached(&chat(), &ChatController::attachmentsChanged);
        chat().attachText(u"Pasted text.txt"_s, u"long text"_s);
        QVERIFY(attached.wait());
        QCOMPARE(chat().pendingAttachments().first().text, u"long text"_s);
        chat().removeAttachment(0);
        QVERIFY(chat().pendingAttachments().isEmpty());
    }

    void deletedConversationCanBeBroughtBack() {
        QVERIFY(m_fixture->ask(u"How many?"_s));
        const ConversationId id = chat().currentConversation();
        ConversationStore& store = m_fixture->services().conversations();
        store.remove(id);
        QCOMPARE(chat().currentConversation(), kNoId);
        QCOMPARE(m_fixture->model().rowCount(), 0);
        QCOMPARE(m_fixture->services().conversationList().rowCount(), 0);
        QVERIFY(store.canUndoRemove());
        QCOMPARE(store.undoRemove(), id);
        QVERIFY(m_fixture->open(id));
        QCOMPARE(m_fixture->model().rowCount(), 2);
        store.remove(id);
        QVERIFY(m_fixture->restart());
        QVERIFY(m_fixture->waitForStore());
        QCOMPARE(m_fixture->services().conversationList().rowCount(), 0);
    }

    void deletingWhileAnsweringStopsTheAnswer() {
        m_fixture->script.generateStall = FakeEngineScript::Stall::Stoppable;
        QVERIFY(chat().send(u"How many?"_s));
        QTRY_COMPARE(chat().state(), ChatState::Reading);
        QSignalSpy finished(&m_fixture->services().engine(), &EngineService::generationFinished);
        m_fixture->services().conversations().remove(chat().currentConversation());
        QVERIFY(!chat().isBusy());
        QVERIFY(finished.wait());
        m_fixture->script.release();
        QVERIFY(m_fixture->ask(u"Still there?"_s));
        QCOMPARE(m_fixture->model().rowCount(), 2);
    }

    void seedIsKeptAndFixedSeedsRepeat() {
        QVERIFY(m_fixture->ask(u"1"_s));
        const quint64 first = m_fixture->script.requests().at(0).sampler.seed;
        QCOMPARE(m_fixture->last().stats.seed, first);
        QVERIFY(m_fixture->ask(u"2"_s));
        QVERIFY(m_fixture->script.requests().at(1).sampler.seed != first);
        m_fixture->services().settings().setFixedSeed(7);
        QVERIFY(m_fixture->ask(u"3"_s));
        QCOMPARE(m_fixture->script.requests().at(2).sampler.seed, 7);
        chat().regenerate(m_fixture->last().id);
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->script.requests().at(3).sampler.seed, 8);
    }

    void guessesAheadUnlessTheUserSaysOtherwise() {
        QVERIFY(m_fixture->ask(u"1"_s));
        QVERIFY(m_fixture->script.requests().at(0).guesses == hearth::GuessSource::PromptLookup);
        m_fixture->services().settings().setGuessesAhead(false);
        QVERIFY(m_fixture->ask(u"2"_s));
        QVERIFY(m_fixture->script.requests().at(1).guesses == hearth::GuessSource::None);
    }

    void openingSeveralInARowShowsTheLast() {
        QList<ConversationId> ids;
        for (const QString& text : {u"a"_s, u"b"_s, u"c"_s}) {
            chat().newConversation();
            QVERIFY(m_fixture->ask(text));
            ids.append(chat().currentConversation());
        }
        QSignalSpy opened(&chat(), &ChatController::conversationOpened);
        chat().openConversation(ids[0]);
        chat().openConversation(ids[1]);
        QVERIFY(opened.wait());
        QCOMPARE(chat().currentConversation(), ids[1]);
        QCOMPARE(m_fixture->lines().first(), u"user: b"_s);
        QCOMPARE(opened.size(), 1);
    }

    void chatGoesOnWhenTheDatabaseIsOfANewerVersion() {
        m_tester.reset();
        m_listTester.reset();
        QVERIFY(m_fixture->services().shutdown());
        const QString database = m_fixture->services().paths().database();
        {
            auto file = Database::open(database, Database::Mode::ReadWrite);
            QVERIFY(file->execute("PRAGMA user_version = 999").ok());
        }
        m_fixture->start();
        QSignalSpy openFailed(&m_fixture->services().storage(), &StorageThread::openFailed);
        QSignalSpy trouble(&chat(), &ChatController::storageTrouble);
        QVERIFY(openFailed.wait());
        QVERIFY(QString::fromStdString(openFailed.first().first().value<Error>().message).contains(database));
        QVERIFY(m_fixture->load());
        QVERIFY(m_fixture->ask(u"How many?"_s));
        QCOMPARE(m_fixture->last().text, u"One fish"_s);
        QTRY_COMPARE(trouble.size(), 1);
        QVERIFY(trouble.first().first().value<ErrorText>().sentence.contains(u"999"_s));
        // What could not be saved is still there when one comes back to it.
        const ConversationId id = chat().currentConversation();
        chat().newConversation();
        QVERIFY(m_fixture->open(id));
        QCOMPARE(m_fixture->lines().last(), u"assistant: One fish"_s);
    }

    void chatIsSavedAsSoonAsTheDatabaseCanBeOpened() {
        m_tester.reset();
        m_listTester.reset();
        m_fixture = std::make_unique<ChatFixture>(ChatFixture::Begin::Later);
        // Something is in the way of the data folder.
        const QString dataFolder = Paths::under(m_fixture->path({})).data();
        QFile obstacle(dataFolder);
        QVERIFY(obstacle.open(QIODevice::WriteOnly));
        obstacle.close();
        m_fixture->start();
        QSignalSpy trouble(&chat(), &ChatController::storageTrouble);
        QSignalSpy recovered(&chat(), &ChatController::storageRecovered);
        QVERIFY(m_fixture->load());
        QVERIFY(m_fixture->ask(u"How many?"_s));
        QTRY_COMPARE(trouble.size(), 1);
        const ConversationId id = chat().currentConversation();
        QVERIFY(obstacle.remove());
        QVERIFY(recovered.wait(15000));
        QVERIFY(m_fixture->restart());
        QVERIFY(m_fixture->waitForStore());
        QVERIFY(m_fixture->open(id));
        QCOMPARE(m_fixture->lines(), QStringList({u"user: How many?"_s, u"assistant: Hello world"_s}));
    }

private:
    ChatController& chat() { return m_fixture->chat(); }

    std::unique_ptr<ChatFixture> m_fixture;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
    std::unique_ptr<QAbstractItemModelTester> m_listTester;
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestChatController)
#include "tst_chat_controller.moc"
