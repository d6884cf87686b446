#include "tests/ui/conversation_fixture.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QClipboard>
#include <QtTest>

using namespace hearth;
using namespace hearth::ui;

namespace {

struct Insertion {
    QString into;
    int position = 0;
    QString text;
};
std::vector<Insertion> insertions;
QStringList focused;

} // namespace

// Stands in for Qt's function, for calls from outside of Qt: without a desktop Qt drops every event.
void QAccessible::updateAccessibility(QAccessibleEvent* event) {
    QAccessibleInterface* part = event->accessibleInterface();
    if (event->type() == QAccessible::TextInserted) {
        const auto* insert = static_cast<QAccessibleTextInsertEvent*>(event);
        insertions.push_back({part->text(QAccessible::Name), insert->changePosition(), insert->textInserted()});
    } else if (event->type() == QAccessible::Focus && part) {
        focused += part->text(QAccessible::Name);
    }
}

class TestConversationViewAccessible : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void messagesAreChildrenWithNamesAndText();
    void actionsAreButtonsThatCanBePressed();
    void suggestionsAreButtons();
    void finishedBlocksAreAnnounced();
    void keyboardFocusIsAnnounced();
    void partsBecomeInvalidWithTheirMessage();
    void hitTestingFindsTheMessage();

private:
    [[nodiscard]] QAccessibleInterface* list() const { return QAccessible::queryAccessibleInterface(m_view.get()); }

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<ConversationView> m_view;
};

void TestConversationViewAccessible::initTestCase() {
    loadResources();
    m_theme = std::make_unique<Theme>();
    m_theme->install();
}

void TestConversationViewAccessible::init() {
    m_view = std::make_unique<ConversationView>(*m_theme);
    // The view listens from its first instance on.
    QAccessible::setActive(true);
    insertions.clear();
    focused.clear();
}

void TestConversationViewAccessible::cleanup() {
    m_view.reset();
}

void TestConversationViewAccessible::messagesAreChildrenWithNamesAndText() {
    showConversation(*m_view, {question(1, QStringLiteral("How are you?")),
                               answer(2, QStringLiteral("**Fine**, thanks.\n\n- a\n- b"))});
    QAccessibleInterface* view = list();
    QVERIFY(view);
    QCOMPARE(view->role(), QAccessible::List);
    QCOMPARE(view->text(QAccessible::Name), QStringLiteral("Conversation"));
    QCOMPARE(view->childCount(), 2);
    QAccessibleInterface* said = view->child(1);
    QVERIFY(said);
    QCOMPARE(said->role(), QAccessible::ListItem);
    QCOMPARE(view->child(0)->text(QAccessible::Name), QStringLiteral("You said: How are you?"));
    QVERIFY(said->text(QAccessible::Name).startsWith(QStringLiteral("Assistant said: Fine, thanks.")));
    QCOMPARE(said->parent(), view);
    QCOMPARE(view->indexOfChild(said), 1);
    QAccessibleTextInterface* text = said->textInterface();
    QVERIFY(text);
    QCOMPARE(text->text(0, text->characterCount()), QStringLiteral("Fine, thanks.\n\n• a\n• b"));
    QVERIFY(said->rect().height() > 20);
    QVERIFY(!said->state().offscreen);
}

void TestConversationViewAccessible::actionsAreButtonsThatCanBePressed() {
    showConversation(*m_view, {answer(1, QStringLiteral("A\n\n```c\nx;\n```\n"))});
    QAccessibleInterface* message = list()->child(0);
    QCOMPARE(message->childCount(), 4);
    QStringList names;
    for (int index = 0; index < 4; ++index) {
        QAccessibleInterface* button = message->child(index);
        QCOMPARE(button->role(), QAccessible::Button);
        QVERIFY(button->state().focusable);
        QVERIFY(message->rect().contains(button->rect()));
        QCOMPARE(button->parent(), message);
        QCOMPARE(message->indexOfChild(button), index);
        names += button->text(QAccessible::Name);
    }
    QCOMPARE(names, QStringList({QStringLiteral("Copy code"), QStringLiteral("Copy message"),
                                 QStringLiteral("Answer again"), QStringLiteral("How it came about")}));
    message->child(0)->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("x;"));
    QSignalSpy wanted(m_view.get(), &ConversationView::regenerateRequested);
    message->child(2)->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
    QCOMPARE(wanted.size(), 1);
}

void TestConversationViewAccessible::suggestionsAreButtons() {
    showConversation(*m_view, {});
    QCOMPARE(list()->childCount(), 3);
    QSignalSpy chosen(m_view.get(), &ConversationView::suggestionActivated);
    QAccessibleInterface* button = list()->child(2);
    QCOMPARE(button->role(), QAccessible::Button);
    QCOMPARE(button->text(QAccessible::Name), m_view->suggestions()[2]);
    button->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
    QCOMPARE(chosen.size(), 1);
}

void TestConversationViewAccessible::finishedBlocksAreAnnounced() {
    showConversation(*m_view, {question(1, QStringLiteral("Q")), answer(2, QString(), MessageState::Streaming)});
    insertions.clear();
    const QString text = QStringLiteral("First part.\n\nSecond **part**.\n\nThe end");
    for (const QChar c : text) {
        m_view->appendText(2, c);
        m_view->layOutNow();
    }
    QCOMPARE(insertions.size(), std::size_t(2));
    QCOMPARE(insertions[0].text, QStringLiteral("First part."));
    QCOMPARE(insertions[1].text, QStringLiteral("Second part."));
    QCOMPARE(insertions[1].position, static_cast<int>(QStringLiteral("First part.").size()));
    QVERIFY(insertions[1].into.startsWith(QStringLiteral("Assistant said: First part.")));
    m_view->updateMessage(answer(2, text));
    QCOMPARE(insertions.size(), std::size_t(3));
    QCOMPARE(insertions[2].text, QStringLiteral("The end"));
}

void TestConversationViewAccessible::keyboardFocusIsAnnounced() {
    showConversation(*m_view, {question(1, QStringLiteral("Q")), answer(2, QStringLiteral("A"))});
    m_view->clearFocus();
    m_view->setFocus(Qt::TabFocusReason);
    QVERIFY(m_view->hasFocus());
    focused.clear();
    QTest::keyClick(m_view.get(), Qt::Key_Up);
    QVERIFY(!focused.isEmpty());
    QCOMPARE(focused.last(), QStringLiteral("You said: Q"));
    QTest::keyClick(m_view.get(), Qt::Key_Tab);
    QCOMPARE(focused.last(), QStringLiteral("Copy message"));
    QCOMPARE(list()->focusChild()->text(QAccessible::Name), QStringLiteral("Copy message"));
    QVERIFY(list()->focusChild()->state().focused);
}

void TestConversationViewAccessible::partsBecomeInvalidWithTheirMessage() {
    showConversation(*m_view, {question(1, QStringLiteral("Old")), answer(2, QStringLiteral("Old"))});
    QAccessibleInterface* old = list()->child(1);
    QAccessibleInterface* button = old->child(0);
    QVERIFY(old->isValid() && button->isValid());
    m_view->setMessages({question(3, QStringLiteral("New"))});
    QVERIFY(!old->isValid());
    QVERIFY(!button->isValid());
    QVERIFY(old->text(QAccessible::Name).isEmpty());
    QVERIFY(old->rect().isEmpty());
    QCOMPARE(list()->child(0)->text(QAccessible::Name), QStringLiteral("You said: New"));
    QCOMPARE(list()->child(1), nullptr);
}

void TestConversationViewAccessible::hitTestingFindsTheMessage() {
    showConversation(*m_view, {question(1, QStringLiteral("Q")), answer(2, QStringLiteral("A"))});
    const QRect body = m_view->viewportRect(1, m_view->layout().message(1).bodyRect());
    const QPoint at = m_view->viewport()->mapToGlobal(body.center());
    QCOMPARE(list()->childAt(at.x(), at.y()), list()->child(1));
    QCOMPARE(list()->childAt(at.x() + 5000, at.y()), nullptr);
}

QTEST_MAIN(TestConversationViewAccessible)
#include "tst_conversation_view_accessible.moc"
