#include "tests/ui/conversation_fixture.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QScrollBar>
#include <QtTest>

using namespace hearth;
using namespace hearth::ui;

/// Mouse, keyboard, selection, clipboard and search.
class TestConversationViewInput : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void theCopyButtonCopiesTheCode();
    void actionsSayWhatIsWanted_data();
    void actionsSayWhatIsWanted();
    void copyingAMessageGivesItsMarkdown();
    void pressingAndReleasingElsewhereDoesNothing();
    void aClickOnALinkReportsIt();
    void draggingSelectsAcrossMessages();
    void aDoubleClickSelectsTheWord();
    void selectAllCopiesEverything();
    void shiftClickExtendsTheSelection();
    void draggingBelowTheEdgeScrolls();
    void theWheelScrollsCodeSideways();
    void theSideBarOfCodeCanBeDragged();
    void suggestionsCanBeClickedAndChosenByKey();
    void upAndDownGoFromMessageToMessage();
    void highMessagesAreScrolledThrough();
    void pagesHomeAndEnd();
    void tabReachesEveryActionAndEnterPressesIt();
    void streamingAnswersOfferNoActions();
    void findMarksAndShowsMatches();
    void findReachesMessagesThatWereNeverShown();
    void findNoticesNewText();

private:
    [[nodiscard]] QPoint targetPoint(int message, const MessageTarget& target) const;
    [[nodiscard]] QPoint textPoint(int message, int block, int offset) const;
    void drag(QPoint from, QPoint to);

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<ConversationView> m_view;
};

void TestConversationViewInput::initTestCase() {
    loadResources();
    m_theme = std::make_unique<Theme>();
    m_theme->install();
}

void TestConversationViewInput::init() {
    m_view = std::make_unique<ConversationView>(*m_theme);
    QGuiApplication::clipboard()->clear();
}

void TestConversationViewInput::cleanup() {
    m_view.reset();
}

QPoint TestConversationViewInput::targetPoint(int message, const MessageTarget& target) const {
    return m_view->viewportRect(message, m_view->layout().message(message).targetRect(target)).center();
}

/// The left edge of a letter.
QPoint TestConversationViewInput::textPoint(int message, int block, int offset) const {
    const MessageLayout& layout = m_view->layout().message(message);
    const QRect letter = layout.blockLayout(block)->rangeRect({offset, offset + 1});
    const QRect rect = m_view->viewportRect(message, letter.translated(layout.blockRect(block).topLeft()));
    return {rect.left() + 1, rect.center().y()};
}

void TestConversationViewInput::drag(QPoint from, QPoint to) {
    QTest::mousePress(m_view->viewport(), Qt::LeftButton, {}, from);
    QMouseEvent move(QEvent::MouseMove, to, m_view->viewport()->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, {});
    QApplication::sendEvent(m_view->viewport(), &move);
    QTest::mouseRelease(m_view->viewport(), Qt::LeftButton, {}, to);
}

void TestConversationViewInput::theCopyButtonCopiesTheCode() {
    showConversation(*m_view, {answer(1, QStringLiteral("Look:\n\n```cpp\nint a;\n\nint b;\n```\n"))});
    QSignalSpy copied(m_view.get(), &ConversationView::copied);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, targetPoint(0, {std::nullopt, 1}));
    QCOMPARE(copied.size(), 1);
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("int a;\n\nint b;"));
}

void TestConversationViewInput::actionsSayWhatIsWanted_data() {
    QTest::addColumn<int>("action");
    QTest::addColumn<int>("message");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("edit") << int(MessageAction::Edit) << 0 << QByteArray("edit 1");
    QTest::newRow("regenerate") << int(MessageAction::Regenerate) << 1 << QByteArray("regenerate 2");
    QTest::newRow("mixture") << int(MessageAction::Mixture) << 1 << QByteArray("mixture 2");
    QTest::newRow("previous") << int(MessageAction::PreviousVersion) << 1 << QByteArray("version 2 -1");
    QTest::newRow("next") << int(MessageAction::NextVersion) << 1 << QByteArray("version 2 1");
    QTest::newRow("retry") << int(MessageAction::Retry) << 2 << QByteArray("retry 3");
    QTest::newRow("continue") << int(MessageAction::Continue) << 3 << QByteArray("continue 4");
}

void TestConversationViewInput::actionsSayWhatIsWanted() {
    QFETCH(int, action);
    QFETCH(int, message);
    std::vector<ShownMessage> messages = {question(1, QStringLiteral("Q")), answer(2, QStringLiteral("A")),
                                          answer(3, QString(), MessageState::Failed),
                                          answer(4, QStringLiteral("Half"), MessageState::Stopped)};
    messages[1].versionCount = 3;
    messages[1].versionIndex = 1;
    messages[2].message.failure = QStringLiteral("Out of memory.");
    messages[3].canContinue = true;
    showConversation(*m_view, messages);
    QByteArrayList said;
    const auto note = [&said](const char* what) {
        return [&said, what](qint64 id) { said += QByteArray(what) + ' ' + QByteArray::number(id); };
    };
    connect(m_view.get(), &ConversationView::editRequested, this, note("edit"));
    connect(m_view.get(), &ConversationView::regenerateRequested, this, note("regenerate"));
    connect(m_view.get(), &ConversationView::retryRequested, this, note("retry"));
    connect(m_view.get(), &ConversationView::mixtureRequested, this, note("mixture"));
    connect(m_view.get(), &ConversationView::continueRequested, this, note("continue"));
    connect(m_view.get(), &ConversationView::versionSwitchRequested, this, [&said](qint64 id, int delta) {
        said += "version " + QByteArray::number(id) + ' ' + QByteArray::number(delta);
    });
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, targetPoint(message, {MessageAction(action), -1}));
    QFETCH(QByteArray, expected);
    QCOMPARE(said, QByteArrayList{expected});
}

void TestConversationViewInput::copyingAMessageGivesItsMarkdown() {
    const QString text = QStringLiteral("Some **bold** text\n\n- and a point");
    showConversation(*m_view, {answer(1, text)});
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, targetPoint(0, {MessageAction::Copy, -1}));
    QCOMPARE(QGuiApplication::clipboard()->text(), text);
}

void TestConversationViewInput::pressingAndReleasingElsewhereDoesNothing() {
    showConversation(*m_view, {question(1, QStringLiteral("Q")), answer(2, QStringLiteral("A"))});
    QSignalSpy edits(m_view.get(), &ConversationView::editRequested);
    drag(targetPoint(0, {MessageAction::Edit, -1}), QPoint(20, 20));
    QCOMPARE(edits.size(), 0);
    QVERIFY(!m_view->hasSelection());
}

void TestConversationViewInput::aClickOnALinkReportsIt() {
    showConversation(*m_view, {answer(1, QStringLiteral("See [here](https://a.example/x) or [there](file:///etc)."))});
    QSignalSpy links(m_view.get(), &ConversationView::linkActivated);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, textPoint(0, 0, 5) + QPoint(3, 0));
    QCOMPARE(links.size(), 1);
    QCOMPARE(links[0][0].toUrl(), QUrl(QStringLiteral("https://a.example/x")));
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, textPoint(0, 0, 13));
    QCOMPARE(links.size(), 1);
    drag(textPoint(0, 0, 5), textPoint(0, 0, 8));
    QCOMPARE(links.size(), 1);
}

void TestConversationViewInput::draggingSelectsAcrossMessages() {
    showConversation(*m_view, {question(1, QStringLiteral("First question")),
                               answer(2, QStringLiteral("An **answer** in bold.\n\n1. one\n2. two")),
                               question(3, QStringLiteral("Second question"))});
    drag(textPoint(0, 0, 6), textPoint(2, 0, 6));
    QCOMPARE(m_view->selectedText(), QStringLiteral("question\n\nAn answer in bold.\n\n1. one\n2. two\n\nSecond"));
    QCOMPARE(m_view->selectedMarkdown(),
             QStringLiteral("question\n\nAn **answer** in bold.\n\n1. one\n2. two\n\nSecond"));
    // Backwards gives the same.
    m_view->clearSelection();
    drag(textPoint(2, 0, 6), textPoint(0, 0, 6));
    QVERIFY(m_view->selectedText().startsWith(QStringLiteral("question\n\nAn answer")));
    QTest::keyClick(m_view.get(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), m_view->selectedText());
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, textPoint(1, 0, 3));
    QVERIFY(!m_view->hasSelection());
}

void TestConversationViewInput::aDoubleClickSelectsTheWord() {
    showConversation(*m_view, {answer(1, QStringLiteral("Alpha beta gamma"))});
    QTest::mouseDClick(m_view->viewport(), Qt::LeftButton, {}, textPoint(0, 0, 8));
    QCOMPARE(m_view->selectedText(), QStringLiteral("beta"));
}

void TestConversationViewInput::selectAllCopiesEverything() {
    showConversation(*m_view, turns(50));
    m_view->setFocus();
    QTest::keyClick(m_view.get(), Qt::Key_A, Qt::ControlModifier);
    const QString all = m_view->selectedText();
    QVERIFY(all.startsWith(QStringLiteral("Question 0?\n\nAnswer 0\n\n")));
    QVERIFY(all.endsWith(QStringLiteral("• another\n\nint x = 1;")));
    QCOMPARE(all.count(QStringLiteral("int x = 1;")), 50);
}

void TestConversationViewInput::shiftClickExtendsTheSelection() {
    showConversation(*m_view, {answer(1, QStringLiteral("Alpha beta gamma"))});
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, textPoint(0, 0, 6));
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, Qt::ShiftModifier, textPoint(0, 0, 11));
    QCOMPARE(m_view->selectedText(), QStringLiteral("beta "));
}

void TestConversationViewInput::draggingBelowTheEdgeScrolls() {
    showConversation(*m_view, turns(20));
    m_view->verticalScrollBar()->setValue(0);
    const QPoint from(m_view->viewport()->width() / 2, 100);
    const QPoint below(from.x(), m_view->viewport()->height() + 80);
    QTest::mousePress(m_view->viewport(), Qt::LeftButton, {}, from);
    QMouseEvent move(QEvent::MouseMove, below, m_view->viewport()->mapToGlobal(below), Qt::NoButton, Qt::LeftButton,
                     {});
    QApplication::sendEvent(m_view->viewport(), &move);
    QTRY_VERIFY(m_view->verticalScrollBar()->value() > 300);
    QTest::mouseRelease(m_view->viewport(), Qt::LeftButton, {}, below);
    const int stopped = m_view->verticalScrollBar()->value();
    QVERIFY(m_view->selectedText().size() > 100);
    QApplication::processEvents();
    QCOMPARE(m_view->verticalScrollBar()->value(), stopped);
}

void TestConversationViewInput::theWheelScrollsCodeSideways() {
    showConversation(*m_view, {answer(1, QStringLiteral("```\n") + QStringLiteral("long_line ").repeated(60))});
    BlockLayout* code = m_view->layout().message(0).blockLayout(0);
    QCOMPARE(code->scrollOffset(), 0);
    const QPoint at = textPoint(0, 0, 3);
    QWheelEvent wheel(at, m_view->viewport()->mapToGlobal(at), QPoint(), QPoint(0, -240), Qt::NoButton,
                      Qt::ShiftModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(m_view->viewport(), &wheel);
    QCOMPARE(code->scrollOffset(), 120);
    QVERIFY(code->positionAt(QPoint(20, 60)) > 5);
}

void TestConversationViewInput::theSideBarOfCodeCanBeDragged() {
    showConversation(*m_view, {answer(1, QStringLiteral("```\n") + QStringLiteral("long_line ").repeated(60))});
    const MessageLayout& message = m_view->layout().message(0);
    BlockLayout* code = message.blockLayout(0);
    const QRect bar = m_view->viewportRect(0, code->scrollBar().translated(message.blockRect(0).topLeft()));
    drag(QPoint(bar.left() + 5, bar.center().y()), QPoint(bar.right() + 500, bar.center().y()));
    QCOMPARE(code->scrollOffset(), code->contentWidth() - bar.width());
    QVERIFY(!m_view->hasSelection());
}

void TestConversationViewInput::suggestionsCanBeClickedAndChosenByKey() {
    showConversation(*m_view, {});
    QCOMPARE(m_view->suggestions().size(), 3);
    QSignalSpy chosen(m_view.get(), &ConversationView::suggestionActivated);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, m_view->suggestionRects()[1].center());
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen[0][0].toString(), m_view->suggestions()[1]);
    m_view->clearFocus();
    m_view->setFocus(Qt::TabFocusReason);
    QTest::keyClick(m_view.get(), Qt::Key_Tab);
    QTest::keyClick(m_view.get(), Qt::Key_Tab);
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QCOMPARE(chosen.size(), 2);
    QCOMPARE(chosen[1][0].toString(), m_view->suggestions()[2]);
}

void TestConversationViewInput::upAndDownGoFromMessageToMessage() {
    showConversation(*m_view, turns(20));
    m_view->clearFocus();
    m_view->setFocus(Qt::TabFocusReason);
    QCOMPARE(m_view->currentMessage(), 39);
    for (int expected = 38; expected > 20; --expected) {
        QTest::keyClick(m_view.get(), Qt::Key_Up);
        QCOMPARE(m_view->currentMessage(), expected);
        const QRect body = m_view->viewportRect(expected, m_view->layout().message(expected).bodyRect());
        QVERIFY(body.top() >= 0 && body.top() < m_view->viewport()->height());
    }
    QTest::keyClick(m_view.get(), Qt::Key_Down);
    QCOMPARE(m_view->currentMessage(), 22);
}

void TestConversationViewInput::highMessagesAreScrolledThrough() {
    showConversation(*m_view,
                     {question(1, QStringLiteral("Q")), answer(2, (prose(8) + QStringLiteral("\n\n")).repeated(20)),
                      question(3, QStringLiteral("Next"))});
    m_view->setFocus();
    QTest::keyClick(m_view.get(), Qt::Key_Home);
    QTest::keyClick(m_view.get(), Qt::Key_Down);
    QCOMPARE(m_view->currentMessage(), 1);
    int presses = 0;
    int place = m_view->verticalScrollBar()->value();
    while (m_view->currentMessage() == 1 && presses < 200) {
        QTest::keyClick(m_view.get(), Qt::Key_Down);
        ++presses;
        QVERIFY(m_view->verticalScrollBar()->value() >= place);
        place = m_view->verticalScrollBar()->value();
    }
    QCOMPARE(m_view->currentMessage(), 2);
    QVERIFY(presses > 5);
}

void TestConversationViewInput::pagesHomeAndEnd() {
    showConversation(*m_view, turns(40));
    QScrollBar* bar = m_view->verticalScrollBar();
    m_view->setFocus();
    QTest::keyClick(m_view.get(), Qt::Key_Home);
    QCOMPARE(m_view->currentMessage(), 0);
    QCOMPARE(bar->value(), 0);
    QTest::keyClick(m_view.get(), Qt::Key_PageDown);
    QVERIFY(bar->value() > m_view->viewport()->height() / 2);
    QVERIFY(bar->value() < m_view->viewport()->height());
    QVERIFY(m_view->currentMessage() > 0);
    QTest::keyClick(m_view.get(), Qt::Key_PageUp);
    QCOMPARE(bar->value(), 0);
    QTest::keyClick(m_view.get(), Qt::Key_End);
    QCOMPARE(m_view->currentMessage(), 79);
    QCOMPARE(bar->value(), bar->maximum());
    QVERIFY(m_view->followsEnd());
}

void TestConversationViewInput::tabReachesEveryActionAndEnterPressesIt() {
    showConversation(*m_view, {question(1, QStringLiteral("Q")), answer(2, QStringLiteral("A\n\n```c\nx;\n```\n"))});
    m_view->clearFocus();
    m_view->setFocus(Qt::TabFocusReason);
    QCOMPARE(m_view->currentMessage(), 1);
    QTest::keyClick(m_view.get(), Qt::Key_Tab);
    QCOMPARE(m_view->focusedTarget(), (MessageTarget{std::nullopt, 1}));
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("x;"));
    QTest::keyClick(m_view.get(), Qt::Key_Tab);
    QCOMPARE(m_view->focusedTarget(), (MessageTarget{MessageAction::Copy, -1}));
    QTest::keyClick(m_view.get(), Qt::Key_Tab);
    QCOMPARE(m_view->focusedTarget(), (MessageTarget{MessageAction::Regenerate, -1}));
    QSignalSpy wanted(m_view.get(), &ConversationView::regenerateRequested);
    QTest::keyClick(m_view.get(), Qt::Key_Space);
    QCOMPARE(wanted.size(), 1);
    QTest::keyClick(m_view.get(), Qt::Key_Backtab, Qt::ShiftModifier);
    QCOMPARE(m_view->focusedTarget(), (MessageTarget{MessageAction::Copy, -1}));
    QTest::keyClick(m_view.get(), Qt::Key_Escape);
    QVERIFY(m_view->focusedTarget().isNull());
    QTest::keyClick(m_view.get(), Qt::Key_Up);
    QCOMPARE(m_view->currentMessage(), 0);
    QVERIFY(m_view->focusedTarget().isNull());
}

void TestConversationViewInput::streamingAnswersOfferNoActions() {
    showConversation(*m_view,
                     {question(1, QStringLiteral("Q")), answer(2, QStringLiteral("A"), MessageState::Streaming)});
    QVERIFY(m_view->layout().message(1).targets().empty());
    m_view->updateMessage(answer(2, QStringLiteral("A b")));
    QCOMPARE(m_view->layout().message(1).targets().size(), std::size_t(3));
}

void TestConversationViewInput::findMarksAndShowsMatches() {
    showConversation(*m_view, turns(30));
    QSignalSpy changed(m_view.get(), &ConversationView::findChanged);
    m_view->verticalScrollBar()->setValue(0);
    m_view->find(QStringLiteral("answer 2"));
    QTRY_VERIFY(!changed.isEmpty() && !changed.last()[2].toBool());
    QCOMPARE(changed.last()[1].toInt(), 11);
    QCOMPARE(changed.last()[0].toInt(), 1);
    for (int number = 2; number <= 11; ++number) {
        m_view->findNext();
        QCOMPARE(changed.last()[0].toInt(), number);
    }
    m_view->findNext();
    QCOMPARE(changed.last()[0].toInt(), 1);
    m_view->findPrevious();
    QCOMPARE(changed.last()[0].toInt(), 11);
    const QRect heading = m_view->viewportRect(59, m_view->layout().message(59).blockRect(0));
    QVERIFY(heading.top() >= 0 && heading.bottom() < m_view->viewport()->height());
    m_view->find(QStringLiteral("no such words"));
    QTRY_VERIFY(!changed.last()[2].toBool());
    QCOMPARE(changed.last()[1].toInt(), 0);
    m_view->find(QString());
}

void TestConversationViewInput::findReachesMessagesThatWereNeverShown() {
    auto messages = turns(2000);
    messages[7].message.text = QStringLiteral("It says **hid**den `treasure` here");
    showConversation(*m_view, std::move(messages));
    QSignalSpy changed(m_view.get(), &ConversationView::findChanged);
    m_view->find(QStringLiteral("Treasure"));
    QTRY_VERIFY(!changed.isEmpty() && !changed.last()[2].toBool());
    QCOMPARE(changed.last()[1].toInt(), 1);
    const QRect rect = m_view->viewportRect(7, m_view->layout().message(7).bodyRect());
    QVERIFY(rect.top() >= 0 && rect.bottom() < m_view->viewport()->height());
}

void TestConversationViewInput::findNoticesNewText() {
    showConversation(*m_view, {question(1, QStringLiteral("word")), answer(2, QString(), MessageState::Streaming)});
    QSignalSpy changed(m_view.get(), &ConversationView::findChanged);
    m_view->find(QStringLiteral("word"));
    QCOMPARE(changed.last()[1].toInt(), 1);
    m_view->appendText(2, QStringLiteral("another wo"));
    m_view->appendText(2, QStringLiteral("rd"));
    QTRY_COMPARE(changed.last()[1].toInt(), 2);
    // The match that was shown stays the current one, and the place stays too.
    m_view->findNext();
    QCOMPARE(changed.last()[0].toInt(), 2);
    m_view->appendText(2, QStringLiteral(", and a word"));
    QTRY_COMPARE(changed.last()[1].toInt(), 3);
    QCOMPARE(changed.last()[0].toInt(), 2);
}

QTEST_MAIN(TestConversationViewInput)
#include "tst_conversation_view_input.moc"
