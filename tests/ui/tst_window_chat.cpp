#include "app/chat/chat_controller.h"
#include "app/chat/conversation_list_model.h"
#include "app/chat/conversation_model.h"
#include "app/engine_service/engine_service.h"
#include "app/services.h"
#include "tests/ui/window_fixture.h"
#include "ui/composer/composer.h"
#include "ui/conversation/conversation_view.h"
#include "ui/shell/banner.h"
#include "ui/shell/context_meter.h"

#include <QAbstractButton>
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QtTest>

#include <memory>

namespace hearth::ui {

/// Chatting in the real window, with keys and clicks, answered by a script.
class TestWindowChat : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_fixture = std::make_unique<WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void sendsAndShowsTheAnswer() {
        m_fixture->start();
        m_fixture->loadFakeModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Hi there")));
        QCOMPARE(m_fixture->shownTexts(), QStringList({QStringLiteral("Hi there"), QStringLiteral("Hello world")}));
        QVERIFY(m_fixture->composer().text().isEmpty());
        QCOMPARE(m_fixture->view().messageAt(1).message.state, MessageState::Complete);
        const std::vector<std::string> prompts = m_fixture->script.prompts();
        QCOMPARE(prompts.size(), std::size_t{1});
        QVERIFY2(prompts[0].find("user: Hi there") != std::string::npos, prompts[0].c_str());
        QCOMPARE(m_fixture->find<QLabel>("chatTitle")->text(), QStringLiteral("Hi there"));
    }

    void sendsWithTheButton() {
        m_fixture->start();
        m_fixture->loadFakeModel();
        m_fixture->composer().setText(QStringLiteral("By mouse"));
        QTest::mouseClick(m_fixture->find<QAbstractButton>("sendButton"), Qt::LeftButton);
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->shownTexts().value(0), QStringLiteral("By mouse"));
    }

    void textAppearsWhileTheAnswerIsStillComing() {
        m_fixture->script.answers = {std::vector<std::string>(50, "word ")};
        m_fixture->script.pieceDelay = std::chrono::milliseconds(20);
        m_fixture->start();
        m_fixture->loadFakeModel();
        m_fixture->ask(QStringLiteral("Tell me"));
        QTRY_VERIFY(m_fixture->shownTexts().value(1).contains(QStringLiteral("word")));
        QVERIFY(m_fixture->services->chat().isBusy());
        QCOMPARE(m_fixture->view().messageAt(1).message.state, MessageState::Streaming);
        QCOMPARE(m_fixture->composer().mode(), ComposerMode::Busy);
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->shownTexts().value(1).count(QStringLiteral("word")), 50);
        QCOMPARE(m_fixture->composer().mode(), ComposerMode::Ready);
    }

    void escapeStopsAndKeepsWhatCame_data() {
        QTest::addColumn<bool>("fromView");
        QTest::newRow("focus in the composer") << false;
        QTest::newRow("focus in the messages") << true;
    }
    void escapeStopsAndKeepsWhatCame() {
        QFETCH(bool, fromView);
        m_fixture->script.answers = {std::vector<std::string>(10'000, "word ")};
        m_fixture->script.pieceDelay = std::chrono::milliseconds(5);
        m_fixture->start();
        m_fixture->loadFakeModel();
        m_fixture->ask(QStringLiteral("Tell me everything"));
        QTRY_VERIFY(m_fixture->shownTexts().value(1).contains(QStringLiteral("word")));
        if (fromView) {
            m_fixture->view().setFocus();
        }
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        QTRY_VERIFY(!m_fixture->services->chat().isBusy());
        const int words = m_fixture->shownTexts().value(1).count(QStringLiteral("word"));
        QVERIFY(words > 0 && words < 10'000);
        QCOMPARE(m_fixture->view().messageAt(1).message.state, MessageState::Stopped);
    }

    void upEditsTheLastQuestionAsANewVersion() {
        m_fixture->script.answers = {{"first"}, {"second"}};
        m_fixture->start();
        m_fixture->loadFakeModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("One")));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Up);
        QCOMPARE(m_fixture->composer().text(), QStringLiteral("One"));
        QTest::keyClicks(QApplication::focusWidget(), QStringLiteral(" more"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->shownTexts(), QStringList({QStringLiteral("One more"), QStringLiteral("second")}));
        QCOMPARE(m_fixture->view().messageAt(0).versionCount, 2);
        QVERIFY(!m_fixture->composer().isEditing());
        // And back to the first version, by the keyboard, on the message.
        m_fixture->view().setFocus();
        m_fixture->view().setCurrentMessage(0);
        QTest::keyClick(&m_fixture->view(), Qt::Key_Left, Qt::AltModifier);
        QTRY_COMPARE(m_fixture->shownTexts(), QStringList({QStringLiteral("One"), QStringLiteral("first")}));
    }

    void escapeLeavesAnEditAlone() {
        m_fixture->start();
        m_fixture->loadFakeModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("One")));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Up);
        QTest::keyClicks(QApplication::focusWidget(), QStringLiteral(" spoiled"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        QVERIFY(!m_fixture->composer().isEditing());
        QVERIFY(m_fixture->composer().text().isEmpty());
        QCOMPARE(m_fixture->shownTexts().value(0), QStringLiteral("One"));
    }

    void regenerateKeepsBothVersions() {
        m_fixture->script.answers = {{"first"}, {"second"}};
        m_fixture->start();
        m_fixture->loadFakeModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("One")));
        QTest::keyClick(&m_fixture->windowWidget(), Qt::Key_R, Qt::ControlModifier);
        QVERIFY(m_fixture->services->chat().isBusy());
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->shownTexts(), QStringList({QStringLiteral("One"), QStringLiteral("second")}));
        QCOMPARE(m_fixture->view().messageAt(1).versionCount, 2);
        QCOMPARE(m_fixture->view().messageAt(1).versionIndex, 1);
    }

    void copiesAnswerAndCodeByKey() {
        m_fixture->script.answers = {{"Look:\n\n```cpp\nint a;\nint b;\n```\n\nDone."}};
        m_fixture->start();
        m_fixture->loadFakeModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Code please")));
        QTest::keyClick(&m_fixture->windowWidget(), Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), m_fixture->shownTexts().value(1));
        QTest::keyClick(&m_fixture->windowWidget(), Qt::Key_Semicolon, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("int a;\nint b;"));
    }

    void findMarksAndCountsWithinTheChat() {
        m_fixture->script.answers = {{"green apples, green pears"}};
        m_fixture->start();
        m_fixture->loadFakeModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("What is green")));
        QTest::keyClick(&m_fixture->windowWidget(), Qt::Key_F, Qt::ControlModifier);
        auto* field = m_fixture->find<QLineEdit>("chatFindField");
        auto* count = m_fixture->find<QLabel>("chatFindCount");
        QVERIFY(field->isVisible() && field->hasFocus());
        QTest::keyClicks(field, QStringLiteral("GREEN"));
        QTRY_VERIFY2(count->text().endsWith(QStringLiteral("of 3")), qPrintable(count->text()));
        const QString first = count->text();
        QTest::keyClick(&m_fixture->windowWidget(), Qt::Key_F3);
        QTRY_VERIFY(count->text() != first && count->text().endsWith(QStringLiteral("of 3")));
        QTest::keyClick(field, Qt::Key_Escape);
        QVERIFY(!field->isVisible());
        QVERIFY(m_fixture->composer().isAncestorOf(QApplication::focusWidget()));
    }

    void findsAChatAgainAfterARestart() {
        m_fixture->script.answers = {{"The answer is *blue*."}};
        m_fixture->start();
        m_fixture->loadFakeModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("What colour is the sky")));
        m_fixture->composer().setText({});
        QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("unsent words"));
        m_fixture->quit();
        m_fixture->start();
        QTRY_COMPARE(m_fixture->services->conversationList().rowCount(), 1);
        QTRY_COMPARE(m_fixture->shownTexts(),
                     QStringList({QStringLiteral("What colour is the sky"), QStringLiteral("The answer is *blue*.")}));
        QTRY_COMPARE(m_fixture->composer().text(), QStringLiteral("unsent words"));
        QCOMPARE(m_fixture->find<QLabel>("chatTitle")->text(), QStringLiteral("What colour is the sky"));
    }

    void quittingInTheMiddleOfAnAnswerKeepsIt() {
        m_fixture->script.answers = {std::vector<std::string>(10'000, "word ")};
        m_fixture->script.pieceDelay = std::chrono::milliseconds(2);
        m_fixture->start();
        m_fixture->loadFakeModel();
        m_fixture->ask(QStringLiteral("Tell me everything"));
        QTRY_VERIFY(m_fixture->shownTexts().value(1).size() > 100);
        const QString seen = m_fixture->shownTexts().value(1);
        m_fixture->quit();
        m_fixture->start();
        QTRY_COMPARE(m_fixture->shownTexts().size(), 2);
        QVERIFY(m_fixture->shownTexts().value(1).startsWith(seen));
    }

    void contextMeterTellsTokens() {
        m_fixture->script.contextTokens = 8192;
        m_fixture->start();
        auto* meter = m_fixture->find<ContextMeterRing>("contextMeter");
        QVERIFY(meter->isHidden());
        m_fixture->loadFakeModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Hi")));
        QTRY_VERIFY(!meter->isHidden());
        QTRY_VERIFY2(meter->toolTip().contains(QStringLiteral("of 8,192 tokens")), qPrintable(meter->toolTip()));
    }

    void aFailedAnswerSaysWhyInTheChat() {
        m_fixture->script.generateError = Error{ErrorCode::Device, "the device went away"};
        m_fixture->start();
        m_fixture->loadFakeModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Hi")));
        QCOMPARE(m_fixture->view().messageAt(1).message.state, MessageState::Failed);
        QVERIFY(m_fixture->view().messageAt(1).message.failure.contains(QStringLiteral("went away")));
    }

    void withoutAModelTheDraftStays() {
        m_fixture->start();
        m_fixture->ask(QStringLiteral("Is anybody there"));
        QCOMPARE(m_fixture->composer().text(), QStringLiteral("Is anybody there"));
        QCOMPARE(m_fixture->shownTexts(), QStringList());
    }

    /// While 20,000 pieces stream, other events get their turn between any two batches of text, and the batches are
    /// few: the window neither starves nor repaints for each token.
    void streamingLeavesTheEventLoopToOthers() {
        constexpr int kPieces = 20'000;
        m_fixture->script.answers = {std::vector<std::string>(kPieces, "token ")};
        m_fixture->start();
        m_fixture->loadFakeModel();
        int beats = 0;
        int batches = 0;
        int batchesWithoutABeat = 0;
        int beatsAtLastBatch = -1;
        QTimer heart;
        heart.setInterval(0);
        connect(&heart, &QTimer::timeout, this, [&] { ++beats; });
        heart.start();
        connect(&m_fixture->services->chat().model(), &ConversationModel::textAppended, this, [&] {
            ++batches;
            batchesWithoutABeat += beats == beatsAtLastBatch ? 1 : 0;
            beatsAtLastBatch = beats;
        });
        m_fixture->ask(QStringLiteral("Flood me"));
        QVERIFY(m_fixture->waitUntilIdle());
        QCOMPARE(m_fixture->shownTexts().value(1).count(QStringLiteral("token")), kPieces);
        QVERIFY2(batches < kPieces / 10, qPrintable(QString::number(batches)));
        QVERIFY2(batchesWithoutABeat <= 1, qPrintable(QString::number(batchesWithoutABeat)));
    }

private:
    std::unique_ptr<WindowFixture> m_fixture;
};

} // namespace hearth::ui

QTEST_MAIN(hearth::ui::TestWindowChat)
#include "tst_window_chat.moc"
