#include "app/chat/message.h"
#include "app/chat/message_tree.h"

#include <QSet>
#include <QtTest>

namespace hearth {

using namespace Qt::Literals::StringLiterals;

namespace {

Message node(MessageId id, MessageId parent, MessageId selectedChild = kNoId) {
    Message message;
    message.id = id;
    message.parent = parent;
    message.selectedChild = selectedChild;
    message.created = QDateTime::fromMSecsSinceEpoch(1000 + id);
    return message;
}

using Ids = QList<MessageId>;

} // namespace

class TestMessage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void idsRiseAndDiffer() {
        QSet<qint64> seen;
        qint64 last = 0;
        for (int count = 0; count < 10000; ++count) {
            const qint64 id = nextId();
            QVERIFY(id > last);
            last = id;
            seen.insert(id);
        }
        QCOMPARE(seen.size(), 10000);
    }

    void statsSurviveJson() {
        AnswerStats stats;
        stats.promptTokens = 1;
        stats.reusedTokens = 2;
        stats.generatedTokens = 3;
        stats.promptSeconds = 0.25;
        stats.firstTokenSeconds = 0.5;
        stats.decodeSeconds = 1.5;
        stats.stopReason = u"stopString"_s;
        stats.modelName = u"Model"_s;
        stats.modelFile = u"/a/b.gguf"_s;
        stats.device = u"CPU"_s;
        stats.sampler = {{u"topK"_s, 4}};
        stats.seed = 18446744073709551615ULL;
        QCOMPARE(answerStatsFromJson(toJson(stats)), stats);
        QCOMPARE(stats.tokensPerSecond(), 2.0);
        QCOMPARE(answerStatsFromJson({}), AnswerStats());
        QCOMPARE(AnswerStats().tokensPerSecond(), 0.0);
    }

    void titleIsTheFirstLineOfWords_data() {
        QTest::addColumn<QString>("question");
        QTest::addColumn<QString>("title");
        QTest::newRow("short") << u"What is the capital of France?"_s << u"What is the capital of France?"_s;
        QTest::newRow("first line") << u"\n\n  Hello there\nsecond line"_s << u"Hello there"_s;
        QTest::newRow("markdown") << u"## **Bold** question"_s << u"Bold** question"_s;
        QTest::newRow("fence before words") << u"```\nint x;\n```"_s << u"int x;"_s;
        QTest::newRow("spaces") << u"a   b\tc"_s << u"a b c"_s;
        QTest::newRow("empty") << u" \n "_s << QString();
        QTest::newRow("cut at a word") << u"Please explain how the borrow checker of Rust works in simple words"_s
                                       << u"Please explain how the borrow checker of Rust works in…"_s;
        QTest::newRow("long word") << QString(100, u'x') << QString(59, u'x') + u'…';
        // 30 family emoji of 8 units each: cut between two of them.
        const QString family = u"👨‍👩‍👧"_s;
        QTest::newRow("no half characters") << family.repeated(30) << family.repeated(59 / family.size()) + u'…';
    }
    void titleIsTheFirstLineOfWords() {
        QFETCH(QString, question);
        QFETCH(QString, title);
        QCOMPARE(titleFromQuestion(question), title);
    }

    void visibleBranchFollowsTheSelection() {
        MessageTree tree({node(1, 0, 2), node(2, 1), node(3, 1), node(4, 2), node(5, 3), node(6, 3)}, 1);
        QCOMPARE(tree.visibleBranch(), Ids({1, 2, 4}));
        tree.select(3);
        // No selection below 3: the newest.
        QCOMPARE(tree.visibleBranch(), Ids({1, 3, 6}));
        QCOMPARE(tree.versions(6), Ids({5, 6}));
        QCOMPARE(tree.pathTo(4), Ids({1, 2, 4}));
        tree.insert(node(7, 2));
        QCOMPARE(tree.visibleBranch(), Ids({1, 3, 6}));
        tree.select(2);
        QCOMPARE(tree.visibleBranch(), Ids({1, 2, 7}));
    }

    void damagedRowsHideNothing_data() {
        QTest::addColumn<QList<Message>>("messages");
        QTest::addColumn<Ids>("branch");
        QTest::newRow("parent is missing") << QList<Message>{node(1, 99), node(2, 1)} << Ids({1, 2});
        QTest::newRow("selection is missing") << QList<Message>{node(1, 0, 77), node(2, 1)} << Ids({1, 2});
        QTest::newRow("its own parent") << QList<Message>{node(1, 1), node(2, 1)} << Ids({1, 2});
        QTest::newRow("nothing") << QList<Message>{} << Ids{};
    }
    void damagedRowsHideNothing() {
        QFETCH(QList<Message>, messages);
        QFETCH(Ids, branch);
        QCOMPARE(MessageTree(messages, 55).visibleBranch(), branch);
    }

    void loopsOfParentsAreCutOpen() {
        const MessageTree tree({node(1, 3), node(2, 1), node(3, 2)}, kNoId);
        QCOMPARE(tree.visibleBranch().size(), 3);
        QCOMPARE(tree.size(), 3);
    }

    void longConversationsAreQuick() {
        QList<Message> messages;
        for (MessageId id = 1; id <= 20000; ++id)
            messages.append(node(id, id - 1));
        QElapsedTimer timer;
        timer.start();
        const MessageTree tree(messages, kNoId);
        QCOMPARE(tree.visibleBranch().size(), 20000);
        // A walk to the root for each message would take minutes.
        QVERIFY2(timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
    }
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestMessage)
#include "tst_message.moc"
