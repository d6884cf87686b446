#include "tests/ui/conversation_fixture.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QClipboard>
#include <QtTest>

using namespace hearth;
using namespace hearth::ui;

/// The section above an answer that shows what its model thought.
class TestConversationReasoning : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void answersWithoutReasoningHaveNoSection();
    void itIsFoldedAndSaysHowLongItTook_data();
    void itIsFoldedAndSaysHowLongItTook();
    void aClickUnfoldsItInItsPlace();
    void theKeyboardReachesAndTurnsIt();
    void itIsOpenWhileTheModelThinksAndFoldsWhenTheAnswerBegins();
    void whatTheUserChoseStays();
    void streamedLinesAreThoseOfTheWholeText();
    void assistiveTechnologyIsToldOfIt();
    void copyingTheAnswerLeavesItOut();
    void speedShowsWhileTheAnswerStreams();
    void itLooksDifferentOpenInBothThemes();

private:
    [[nodiscard]] const ReasoningSection& section(int message) const {
        return m_view->layout().message(message).reasoning();
    }
    [[nodiscard]] QRect toggle(int message) const {
        return m_view->viewportRect(message, section(message).toggleRect());
    }
    void click(int message) {
        QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, toggle(message).center());
        m_view->layOutNow();
    }

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<ConversationView> m_view;
};

namespace {

ShownMessage thoughtful(qint64 id, const QString& reasoning, const QString& text, double seconds,
                        MessageState state = MessageState::Complete) {
    ShownMessage shown = answer(id, text, state);
    shown.message.reasoning = reasoning;
    shown.message.stats.reasoningSeconds = seconds;
    return shown;
}

const QString kThoughts = QStringLiteral("First I look at the numbers.\n\nThen I add them, which gives four.");

} // namespace

void TestConversationReasoning::initTestCase() {
    loadResources();
    m_theme = std::make_unique<Theme>();
    m_theme->install();
}

void TestConversationReasoning::init() {
    m_view = std::make_unique<ConversationView>(*m_theme);
}

void TestConversationReasoning::cleanup() {
    m_view.reset();
}

void TestConversationReasoning::answersWithoutReasoningHaveNoSection() {
    showConversation(*m_view,
                     {answer(1, QStringLiteral("Four.")), thoughtful(2, kThoughts, QStringLiteral("Four."), 3)});
    QVERIFY(section(0).isEmpty());
    for (const MessageTarget& target : m_view->layout().message(0).targets())
        QVERIFY(target.action != MessageAction::ToggleReasoning);
    QVERIFY(m_view->layout().message(1).targets().front().action == MessageAction::ToggleReasoning);
    QVERIFY(m_view->layout().message(1).height() > m_view->layout().message(0).height());
}

void TestConversationReasoning::itIsFoldedAndSaysHowLongItTook_data() {
    QTest::addColumn<double>("seconds");
    QTest::addColumn<QString>("label");
    QTest::newRow("seconds") << 12.4 << QStringLiteral("Thought for 12 s");
    QTest::newRow("less than one") << 0.2 << QStringLiteral("Thought for 1 s");
    QTest::newRow("minutes") << 125.0 << QStringLiteral("Thought for 2 min 5 s");
    QTest::newRow("not known") << 0.0 << QStringLiteral("Reasoning");
}

void TestConversationReasoning::itIsFoldedAndSaysHowLongItTook() {
    QFETCH(double, seconds);
    QFETCH(QString, label);
    showConversation(*m_view, {thoughtful(1, kThoughts, QStringLiteral("Four."), seconds)});
    QVERIFY(!section(0).isOpen());
    QVERIFY(section(0).bodyRect().isEmpty());
    QCOMPARE(section(0).label(), label);
}

void TestConversationReasoning::aClickUnfoldsItInItsPlace() {
    std::vector<ShownMessage> messages = turns(6);
    messages.push_back(thoughtful(100, prose(60), QStringLiteral("Four."), 3));
    showConversation(*m_view, messages);
    const int last = m_view->messageCount() - 1;
    const QRect before = toggle(last);
    const int folded = m_view->layout().message(last).height();
    click(last);
    QVERIFY(section(last).isOpen());
    QVERIFY(section(last).bodyRect().height() > 100);
    QVERIFY(m_view->layout().message(last).height() > folded + 100);
    QCOMPARE(toggle(last).topLeft(), before.topLeft());
    // The answer is below it.
    QVERIFY(m_view->layout().message(last).blockRect(0).top() > section(last).bodyRect().bottom());
    click(last);
    QVERIFY(!section(last).isOpen());
    QCOMPARE(m_view->layout().message(last).height(), folded);
}

void TestConversationReasoning::theKeyboardReachesAndTurnsIt() {
    showConversation(*m_view,
                     {question(1, QStringLiteral("2 + 2?")), thoughtful(2, kThoughts, QStringLiteral("Four."), 3)});
    m_view->setFocus();
    m_view->setCurrentMessage(1);
    for (int tabs = 0; tabs < 4 && m_view->focusedTarget().action != MessageAction::ToggleReasoning; ++tabs)
        QTest::keyClick(m_view.get(), Qt::Key_Tab);
    QVERIFY(m_view->focusedTarget().action == MessageAction::ToggleReasoning);
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QVERIFY(section(1).isOpen());
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QVERIFY(!section(1).isOpen());
}

void TestConversationReasoning::itIsOpenWhileTheModelThinksAndFoldsWhenTheAnswerBegins() {
    showConversation(*m_view, {question(1, QStringLiteral("2 + 2?")), answer(2, {}, MessageState::Streaming)});
    m_view->appendReasoning(2, QStringLiteral("First I look"));
    AnswerStats stats;
    stats.reasoningSeconds = 5;
    m_view->setProgress(2, stats);
    m_view->layOutNow();
    QVERIFY(section(1).isOpen() && section(1).isThinking());
    QCOMPARE(section(1).label(), QStringLiteral("Thinking … 5 s"));
    const int early = section(1).bodyRect().height();
    m_view->appendReasoning(2, QStringLiteral(" at the numbers.\nThen I add them.\nAnd again."));
    m_view->layOutNow();
    QVERIFY(section(1).bodyRect().height() > early);
    QVERIFY(m_view->followsEnd());
    m_view->appendText(2, QStringLiteral("Four."));
    m_view->layOutNow();
    QVERIFY(!section(1).isOpen() && !section(1).isThinking());
    QCOMPARE(section(1).label(), QStringLiteral("Thought for 5 s"));
    QVERIFY(section(1).bodyRect().isEmpty());
}

void TestConversationReasoning::whatTheUserChoseStays() {
    showConversation(*m_view, {answer(2, {}, MessageState::Streaming)});
    m_view->appendReasoning(2, kThoughts);
    m_view->layOutNow();
    click(0);
    QVERIFY(!section(0).isOpen());
    m_view->appendReasoning(2, QStringLiteral("\nMore."));
    m_view->layOutNow();
    QVERIFY(!section(0).isOpen());
    click(0);
    m_view->appendText(2, QStringLiteral("Four."));
    m_view->layOutNow();
    QVERIFY(section(0).isOpen());
    m_view->updateMessage(thoughtful(2, kThoughts + QStringLiteral("\nMore."), QStringLiteral("Four."), 3));
    m_view->layOutNow();
    QVERIFY(section(0).isOpen());
}

void TestConversationReasoning::streamedLinesAreThoseOfTheWholeText() {
    const QString text = kThoughts + u'\n' + prose(7) + QStringLiteral("\n\n\n") + prose(2);
    showConversation(*m_view, {answer(1, {}, MessageState::Streaming), thoughtful(2, text, QStringLiteral("x"), 1)});
    for (qsizetype at = 0; at < text.size(); at += 5) {
        m_view->appendReasoning(1, text.mid(at, 5));
        m_view->layOutNow();
    }
    click(1);
    QCOMPARE(section(0).bodyRect().height(), section(1).bodyRect().height());
}

void TestConversationReasoning::assistiveTechnologyIsToldOfIt() {
    showConversation(*m_view, {thoughtful(1, kThoughts, QStringLiteral("Four."), 12)});
    QAccessibleInterface* const list = QAccessible::queryAccessibleInterface(m_view.get());
    QAccessibleInterface* const button = list->child(0)->child(0);
    QVERIFY(button != nullptr);
    QCOMPARE(button->role(), QAccessible::Button);
    QCOMPARE(button->text(QAccessible::Name), QStringLiteral("Thought for 12 s"));
    QVERIFY(button->state().expandable && button->state().collapsed && !button->state().expanded);
    QVERIFY(button->text(QAccessible::Description).isEmpty());
    button->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
    QVERIFY(section(0).isOpen());
    QVERIFY(button->state().expanded && !button->state().collapsed);
    QCOMPARE(button->text(QAccessible::Description), kThoughts);
    // The answer's own text is the answer.
    QCOMPARE(list->child(0)->text(QAccessible::Value), QStringLiteral("Four."));
}

void TestConversationReasoning::copyingTheAnswerLeavesItOut() {
    showConversation(*m_view, {thoughtful(1, kThoughts, QStringLiteral("It is **four**."), 12)});
    click(0);
    m_view->activate(0, {MessageAction::Copy, -1});
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("It is **four**."));
}

void TestConversationReasoning::speedShowsWhileTheAnswerStreams() {
    showConversation(*m_view, {answer(1, QStringLiteral("Some text"), MessageState::Streaming)});
    const QImage before = m_view->viewport()->grab().toImage();
    AnswerStats stats;
    stats.generatedTokens = 40;
    stats.decodeSeconds = 2;
    m_view->setProgress(1, stats);
    m_view->layOutNow();
    QCOMPARE(m_view->layout().message(0).footerText(), QStringLiteral("40 tokens  ·  20.0 tokens/s"));
    QVERIFY(m_view->viewport()->grab().toImage() != before);
}

void TestConversationReasoning::itLooksDifferentOpenInBothThemes() {
    for (const ThemeChoice choice : {ThemeChoice::Light, ThemeChoice::Dark}) {
        m_theme->setChoice(choice);
        showConversation(*m_view, {thoughtful(1, kThoughts, QStringLiteral("Four."), 12)});
        const QImage folded = m_view->viewport()->grab().toImage();
        click(0);
        const QImage open = m_view->viewport()->grab().toImage();
        QVERIFY(folded != open);
        // The text really stands there: not all of the body has the colour of the background.
        const QRect body = m_view->viewportRect(0, section(0).bodyRect());
        int marked = 0;
        for (int x = body.left() + 30; x < body.right(); ++x)
            for (int y = body.top(); y < body.bottom(); ++y)
                marked += open.pixel(x, y) != folded.pixel(2, folded.height() - 2) ? 1 : 0;
        QVERIFY2(marked > 300, qPrintable(QString::number(marked)));
        m_view = std::make_unique<ConversationView>(*m_theme);
    }
    m_theme->setChoice(ThemeChoice::Light);
}

QTEST_MAIN(TestConversationReasoning)
#include "tst_conversation_reasoning.moc"
