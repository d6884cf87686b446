#include "tests/ui/conversation_fixture.h"
#include "ui/conversation/conversation_view.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QScrollBar>
#include <QtTest>

using namespace hearth;
using namespace hearth::ui;

class TestConversationView : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void blocksFollowEachOtherWithoutOverlap_data();
    void blocksFollowEachOtherWithoutOverlap();
    void theColumnIsCentredAndNotTooWide();
    void aShortQuestionHasANarrowBubble();
    void aConversationOpensAtItsEnd();
    void followsTheEndWhileTextStreams();
    void staysWhenTheUserScrolledUp();
    void theJumpButtonLeadsBackToTheEnd();
    void theAnchorStaysWhenTextAboveGrows();
    void smallStepsKeepTheirLengthOverGuessedHeights();
    void tenThousandMessagesLayOutOnlyWhatShows();
    void scrollingGivesLayoutsBack();
    void aDeltaTouchesOnlyTheTail();
    void aGrowingTableKeepsItsCells();
    void streamedTextEqualsTheWhole();
    void tablesKeepWordsWholeAndScroll();
    void hugeTextsOpenPieceByPiece_data();
    void hugeTextsOpenPieceByPiece();
    void resizingKeepsThePlaceOfReading();
    void replacingABranchKeepsThePlaceAbove();
    void changingTheThemeKeepsThePlace();

private:
    void show(std::vector<ShownMessage> messages, QSize size = {900, 700});
    /// y on the viewport of the top of a message's block.
    [[nodiscard]] int blockY(int message, int block) const;

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<ConversationView> m_view;
};

void TestConversationView::initTestCase() {
    loadResources();
    m_theme = std::make_unique<Theme>();
    m_theme->setChoice(ThemeChoice::Light);
    m_theme->install();
}

void TestConversationView::init() {
    m_view = std::make_unique<ConversationView>(*m_theme);
}

void TestConversationView::cleanup() {
    m_view.reset();
}

void TestConversationView::show(std::vector<ShownMessage> messages, QSize size) {
    showConversation(*m_view, std::move(messages), size);
}

int TestConversationView::blockY(int message, int block) const {
    return m_view->viewportRect(message, m_view->layout().message(message).blockRect(block)).top();
}

void TestConversationView::blocksFollowEachOtherWithoutOverlap_data() {
    QTest::addColumn<int>("width");
    QTest::addColumn<double>("fontScale");
    QTest::newRow("wide") << 1400 << 1.0;
    QTest::newRow("usual") << 800 << 1.0;
    QTest::newRow("narrow") << 320 << 1.0;
    QTest::newRow("twice as large") << 800 << 2.0;
}

void TestConversationView::blocksFollowEachOtherWithoutOverlap() {
    QFETCH(int, width);
    QFETCH(double, fontScale);
    m_theme->setFontScale(fontScale);
    QVERIFY(!demoAnswer().isEmpty());
    show({question(1, QStringLiteral("Show me all.\n\n```\ncode\n```")), answer(2, demoAnswer())}, QSize(width, 6000));
    int previousBottom = -1;
    for (int index = 0; index < 2; ++index) {
        const MessageLayout& message = m_view->layout().message(index);
        QVERIFY(message.blockCount() > 1);
        QCOMPARE(message.laidOutBlocks(), message.blockCount());
        for (int block = 0; block < message.blockCount(); ++block) {
            const QRect rect = m_view->viewportRect(index, message.blockRect(block));
            QVERIFY2(rect.top() > previousBottom, qPrintable(QStringLiteral("block %1").arg(block)));
            QVERIFY(rect.height() > 0);
            QVERIFY(rect.left() >= 0 && rect.right() < m_view->viewport()->width());
            previousBottom = rect.bottom();
        }
    }
    m_theme->setFontScale(1.0);
}

void TestConversationView::theColumnIsCentredAndNotTooWide() {
    show({answer(1, prose(20))}, {1600, 700});
    const QRect body = m_view->viewportRect(0, m_view->layout().message(0).bodyRect());
    const int left = body.left();
    const int right = m_view->viewport()->width() - body.right() - 1;
    QVERIFY(std::abs(left - right) <= 1);
    const BlockLayout* block = m_view->layout().message(0).blockLayout(0);
    const int lettersInFirstLine = block->positionAt(QPoint(body.width() + 100, 5));
    QVERIFY2(lettersInFirstLine >= 65 && lettersInFirstLine <= 95, qPrintable(QString::number(lettersInFirstLine)));
}

void TestConversationView::aShortQuestionHasANarrowBubble() {
    show({question(1, QStringLiteral("Hi")), question(2, prose(10))});
    const QRect narrow = m_view->layout().message(0).bodyRect();
    const QRect wide = m_view->layout().message(1).bodyRect();
    QVERIFY(narrow.width() < 120);
    QVERIFY(wide.width() > 300);
    QCOMPARE(narrow.right(), wide.right());
    m_view->resize(800, 600);
    m_view->layOutNow();
    QCOMPARE(m_view->layout().message(0).bodyRect().width(), narrow.width());
}

void TestConversationView::aConversationOpensAtItsEnd() {
    show(turns(30));
    QVERIFY(m_view->followsEnd());
    QCOMPARE(m_view->verticalScrollBar()->value(), m_view->verticalScrollBar()->maximum());
    QVERIFY(m_view->verticalScrollBar()->maximum() > 0);
    const int last = m_view->messageCount() - 1;
    const QRect rect = m_view->viewportRect(last, m_view->layout().message(last).bodyRect());
    QVERIFY(rect.bottom() < m_view->viewport()->height());
    QVERIFY(rect.bottom() > m_view->viewport()->height() - 150);
}

void TestConversationView::followsTheEndWhileTextStreams() {
    auto messages = turns(5);
    messages.push_back(answer(100, QString(), MessageState::Streaming));
    show(std::move(messages));
    for (int piece = 0; piece < 40; ++piece) {
        m_view->appendText(100, prose(2) + QStringLiteral("\n\n"));
        m_view->layOutNow();
        QVERIFY(m_view->followsEnd());
        QCOMPARE(m_view->verticalScrollBar()->value(), m_view->verticalScrollBar()->maximum());
    }
}

void TestConversationView::staysWhenTheUserScrolledUp() {
    auto messages = turns(20);
    messages.push_back(answer(100, prose(30), MessageState::Streaming));
    show(std::move(messages));
    m_view->verticalScrollBar()->setValue(m_view->verticalScrollBar()->value() - 400);
    QVERIFY(!m_view->followsEnd());
    const int reading = m_view->layout().messageAt(m_view->verticalScrollBar()->value() + 50);
    const int before = blockY(reading, 0);
    for (int piece = 0; piece < 20; ++piece) {
        m_view->appendText(100, prose(3) + QStringLiteral("\n\n"));
        m_view->layOutNow();
        QCOMPARE(blockY(reading, 0), before);
    }
    // Back at the end it follows again.
    m_view->verticalScrollBar()->setValue(m_view->verticalScrollBar()->maximum());
    QVERIFY(m_view->followsEnd());
}

void TestConversationView::theJumpButtonLeadsBackToTheEnd() {
    show(turns(20));
    auto* button = m_view->findChild<QAbstractButton*>(QStringLiteral("jumpToLatest"));
    QVERIFY(button);
    QVERIFY(!button->isVisible());
    m_view->verticalScrollBar()->setValue(0);
    QVERIFY(button->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(m_view->followsEnd());
    QVERIFY(!button->isVisible());
}

void TestConversationView::theAnchorStaysWhenTextAboveGrows() {
    auto messages = turns(20);
    messages[3].message.state = MessageState::Streaming;
    show(std::move(messages));
    m_view->scrollToMessage(9);
    m_view->layOutNow();
    QVERIFY(!m_view->followsEnd());
    const int before = blockY(8, 0);
    m_view->appendText(4, QStringLiteral("\n\n") + prose(40));
    m_view->layOutNow();
    QCOMPARE(blockY(8, 0), before);
}

void TestConversationView::smallStepsKeepTheirLengthOverGuessedHeights() {
    show(turns(60));
    QScrollBar* bar = m_view->verticalScrollBar();
    for (int step = 0; step < 100; ++step) {
        const int message = m_view->layout().messageAt(bar->value() + 300);
        const int before = m_view->viewportRect(message, QRect()).bottom() + m_view->layout().message(message).height();
        bar->setValue(bar->value() - 60);
        const int after = m_view->viewportRect(message, QRect()).bottom() + m_view->layout().message(message).height();
        if (bar->value() == 0)
            break;
        QCOMPARE(after - before, 60);
    }
}

void TestConversationView::tenThousandMessagesLayOutOnlyWhatShows() {
    show(turns(5000));
    QCOMPARE(m_view->messageCount(), 10000);
    const auto touched = [this] {
        int blocks = 0;
        int warm = 0;
        for (int index = 0; index < m_view->messageCount(); ++index) {
            blocks += m_view->layout().message(index).laidOutBlocks();
            warm += m_view->layout().message(index).isWarm() ? 1 : 0;
        }
        return std::pair(blocks, warm);
    };
    // The window of 700 and half of it above and below hold no more than this many blocks of 30 or more.
    QVERIFY2(touched().first <= 60, qPrintable(QString::number(touched().first)));
    QVERIFY(touched().first > 5);
    m_view->verticalScrollBar()->setValue(m_view->verticalScrollBar()->maximum() / 2);
    QVERIFY2(touched().first <= 120, qPrintable(QString::number(touched().first)));
    QVERIFY(touched().second <= 40);
}

void TestConversationView::scrollingGivesLayoutsBack() {
    show(turns(500));
    QScrollBar* bar = m_view->verticalScrollBar();
    for (int step = 0; step < 200; ++step)
        bar->setValue(bar->value() - 500);
    int warm = 0;
    for (int index = 0; index < m_view->messageCount(); ++index)
        warm += m_view->layout().message(index).isWarm() ? 1 : 0;
    QVERIFY2(warm <= 70, qPrintable(QString::number(warm)));
}

void TestConversationView::aDeltaTouchesOnlyTheTail() {
    show({answer(1, QString(), MessageState::Streaming)});
    for (int part = 0; part < 50; ++part)
        m_view->appendText(1, prose(2) + QStringLiteral("\n\n"));
    m_view->appendText(1, QStringLiteral("The tail"));
    m_view->layOutNow();
    const MessageLayout& message = m_view->layout().message(0);
    const int last = message.blockCount() - 1;
    const BlockLayout* finished = message.blockLayout(last - 1);
    QVERIFY(finished);
    m_view->appendText(1, QStringLiteral(" grows"));
    m_view->layOutNow();
    QCOMPARE(message.blockLayout(last - 1), finished);
    QCOMPARE(message.blockLayout(last)->text(), QStringLiteral("The tail grows"));
}

void TestConversationView::aGrowingTableKeepsItsCells() {
    const QString head = QStringLiteral("| a | b |\n|---|---|\n");
    show({answer(1, head, MessageState::Streaming)});
    const MessageLayout& message = m_view->layout().message(0);
    const BlockLayout* table = message.blockLayout(0);
    QVERIFY(table);
    int height = message.blockRect(0).height();
    for (int row = 0; row < 20; ++row) {
        m_view->appendText(1, QStringLiteral("| row %1 | `code` |\n").arg(row));
        m_view->layOutNow();
        QCOMPARE(message.blockLayout(0), table);
        QVERIFY(message.blockRect(0).height() > height);
        height = message.blockRect(0).height();
    }
    QVERIFY(table->text().endsWith(QStringLiteral("row 19\tcode")));
}

void TestConversationView::streamedTextEqualsTheWhole() {
    const QString text = demoAnswer();
    show({answer(1, text)}, QSize(800, 5000));
    std::vector<QRect> expected;
    for (int block = 0; block < m_view->layout().message(0).blockCount(); ++block)
        expected.push_back(m_view->layout().message(0).blockRect(block));
    const int height = m_view->layout().message(0).height();

    m_view->setMessages({answer(1, QString(), MessageState::Streaming)});
    for (qsizetype at = 0; at < text.size(); at += 3) {
        m_view->appendText(1, text.mid(at, 3));
        if (at % 30 == 0)
            m_view->layOutNow();
    }
    m_view->updateMessage(answer(1, text));
    m_view->layOutNow();
    const MessageLayout& message = m_view->layout().message(0);
    QCOMPARE(message.blockCount(), static_cast<int>(expected.size()));
    for (int block = 0; block < message.blockCount(); ++block)
        QCOMPARE(message.blockRect(block), expected[static_cast<std::size_t>(block)]);
    QCOMPARE(message.height(), height);
}

void TestConversationView::tablesKeepWordsWholeAndScroll() {
    const QString table =
        QStringLiteral("| Algorithm | Classification | Characteristics |\n|---|---|---|\n| Mergesort | "
                       "comparison | divide and conquer in many words that can be broken |\n");
    show({answer(1, table)}, {700, 600});
    const auto lineCount = [this](const QString& word) {
        const BlockLayout* block = m_view->layout().message(0).blockLayout(0);
        const int at = static_cast<int>(block->text().indexOf(word));
        const QRect first = block->rangeRect({at, at + 1});
        return block->rangeRect({at, at + static_cast<int>(word.size())}).height() / first.height();
    };
    for (const int width : {700, 420, 260}) {
        m_view->resize(width, 600);
        m_view->layOutNow();
        for (const char* word : {"Algorithm", "Classification", "Characteristics", "Mergesort"})
            QCOMPARE(lineCount(QLatin1String(word)), 1);
    }
    const BlockLayout* block = m_view->layout().message(0).blockLayout(0);
    QVERIFY(!block->scrollBar().isEmpty());
    QVERIFY(block->contentWidth() > m_view->layout().message(0).blockRect(0).width());
}

void TestConversationView::hugeTextsOpenPieceByPiece_data() {
    QTest::addColumn<int>("role");
    QTest::addColumn<QString>("text");
    QTest::newRow("a pasted log") << int(MessageRole::User) << QStringLiteral("line of a log file\n").repeated(50000);
    QTest::newRow("one pasted line") << int(MessageRole::User)
                                     << QStringLiteral("{\"key\": [1, 2, 3]}, ").repeated(50000);
    QTest::newRow("no blank at all") << int(MessageRole::Assistant) << QStringLiteral("x").repeated(1000000);
    QTest::newRow("code") << int(MessageRole::Assistant)
                          << QStringLiteral("```cpp\n") + QStringLiteral("int x = 1;\n").repeated(90000);
    QTest::newRow("one line of code") << int(MessageRole::Assistant)
                                      << QStringLiteral("```js\n") + QStringLiteral("f(x);").repeated(200000);
    QTest::newRow("table") << int(MessageRole::Assistant)
                           << QStringLiteral("| a | b |\n|---|---|\n") + QStringLiteral("| 1 | 2 |\n").repeated(20000);
}

void TestConversationView::hugeTextsOpenPieceByPiece() {
    QFETCH(int, role);
    QFETCH(QString, text);
    ShownMessage message = answer(1, text);
    message.message.role = MessageRole(role);
    QElapsedTimer clock;
    clock.start();
    show({message});
    (void)m_view->grab();
    m_view->verticalScrollBar()->setValue(m_view->verticalScrollBar()->maximum() / 2);
    (void)m_view->grab();
    // Laying out all of it takes minutes.
    QVERIFY2(clock.elapsed() < 10000, qPrintable(QString::number(clock.elapsed())));
    QVERIFY(m_view->layout().message(0).laidOutBlocks() <= 40);
}

void TestConversationView::resizingKeepsThePlaceOfReading() {
    show(turns(60));
    m_view->scrollToMessage(41);
    m_view->layOutNow();
    const int index = m_view->layout().messageAt(m_view->verticalScrollBar()->value() + 60);
    for (const int width : {500, 420, 900}) {
        m_view->resize(width, 700);
        m_view->layOutNow();
        QCOMPARE(m_view->layout().messageAt(m_view->verticalScrollBar()->value() + 60), index);
    }
    m_view->scrollToEnd();
    m_view->resize(480, 500);
    m_view->layOutNow();
    QVERIFY(m_view->followsEnd());
    QCOMPARE(m_view->verticalScrollBar()->value(), m_view->verticalScrollBar()->maximum());
}

void TestConversationView::replacingABranchKeepsThePlaceAbove() {
    show(turns(20));
    m_view->scrollToMessage(9);
    m_view->layOutNow();
    const int before = blockY(8, 0);
    m_view->replaceFrom(12, {question(500, prose(8)), answer(501, prose(30))});
    m_view->layOutNow();
    QCOMPARE(blockY(8, 0), before);
    QCOMPARE(m_view->messageCount(), 14);
}

void TestConversationView::changingTheThemeKeepsThePlace() {
    show(turns(40));
    m_view->scrollToMessage(21);
    m_view->layOutNow();
    const int before = blockY(20, 0);
    m_theme->setChoice(ThemeChoice::Dark);
    m_view->layOutNow();
    QCOMPARE(blockY(20, 0), before);
    const QImage image = m_view->grab().toImage();
    QVERIFY(QColor(image.pixel(4, 4)).lightness() < 80);
    m_theme->setChoice(ThemeChoice::Light);
}

QTEST_MAIN(TestConversationView)
#include "tst_conversation_view.moc"
