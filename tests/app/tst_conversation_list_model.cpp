#include "tests/app/chat_fixture.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include <memory>

namespace hearth {

using namespace Qt::Literals::StringLiterals;
using Section = ConversationListModel::Section;

class TestConversationListModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_fixture = std::make_unique<ChatFixture>();
        m_fixture->script.answers = {
            {"The sky is blue because of scattering."}, {"Bread needs flour."}, {"天气很好。"}};
        m_tester =
            std::make_unique<QAbstractItemModelTester>(&list(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(m_fixture->waitForStore());
        QVERIFY(m_fixture->load());
        for (const QString& question : {u"Why is the sky blue?"_s, u"How do I bake?"_s, u"今天怎么样"_s}) {
            m_fixture->chat().newConversation();
            QVERIFY(m_fixture->ask(question));
        }
    }
    void cleanup() {
        m_tester.reset();
        m_fixture.reset();
    }

    void newestFirstPinnedAbove() {
        QCOMPARE(titles(), QStringList({u"今天怎么样"_s, u"How do I bake?"_s, u"Why is the sky blue?"_s}));
        store().setPinned(list().idAt(2), true);
        QCOMPARE(titles(), QStringList({u"Why is the sky blue?"_s, u"今天怎么样"_s, u"How do I bake?"_s}));
        QCOMPARE(section(0), Section::Pinned);
        QCOMPARE(section(1), Section::Today);
        QVERIFY(m_fixture->restart());
        QVERIFY(m_fixture->waitForStore());
        QCOMPARE(titles().first(), u"Why is the sky blue?"_s);
    }

    void answeringMovesAConversationUp() {
        QVERIFY(m_fixture->open(list().idAt(2)));
        QSignalSpy moved(&list(), &QAbstractItemModel::rowsMoved);
        QVERIFY(m_fixture->ask(u"And at night?"_s));
        QCOMPARE(titles().first(), u"Why is the sky blue?"_s);
        QCOMPARE(moved.size(), 1);
    }

    void renamedStaysRenamed() {
        const ConversationId id = list().idAt(1);
        store().rename(id, u"  Bread\n "_s);
        QCOMPARE(titles().at(1), u"Bread"_s);
        store().rename(id, u" "_s);
        QCOMPARE(titles().at(1), u"Bread"_s);
        QVERIFY(m_fixture->restart());
        QVERIFY(m_fixture->waitForStore());
        QCOMPARE(list().index(list().rowOf(id)).data().toString(), u"Bread"_s);
    }

    void searchLooksIntoTitlesAndMessages_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("titles");
        QTest::addColumn<QString>("snippet");
        QTest::newRow("title only") << u"HOW do"_s << QStringList{u"How do I bake?"_s} << u"How do I bake?"_s;
        QTest::newRow("answer") << u"flour"_s << QStringList{u"How do I bake?"_s} << u"Bread needs flour."_s;
        QTest::newRow("Chinese") << u"天气"_s << QStringList{u"今天怎么样"_s} << u"天气很好。"_s;
        QTest::newRow("nothing") << u"zebra"_s << QStringList{} << QString();
    }
    void searchLooksIntoTitlesAndMessages() {
        QFETCH(QString, text);
        QFETCH(QStringList, titles);
        QFETCH(QString, snippet);
        m_fixture->chat().saveNow(); // the search sees what storage has; the last answer may still be on its way there
        search(text);
        QCOMPARE(this->titles(), titles);
        if (!titles.isEmpty()) {
            const QModelIndex row = list().index(0);
            QCOMPARE(row.data(ConversationListModel::SnippetRole).toString(), snippet);
            QVERIFY(!row.data(ConversationListModel::SnippetMatchesRole).toList().isEmpty());
            QVERIFY(row.data(ConversationListModel::HitMessageRole).toLongLong() != 0);
        }
        search({});
        QCOMPARE(list().rowCount(), 3);
        QCOMPARE(list().index(0).data(ConversationListModel::SnippetRole).toString(), QString());
    }

    void onlyTheLastSearchCounts() {
        QSignalSpy finished(&list(), &ConversationListModel::searchFinished);
        for (const QString& text : {u"f"_s, u"fl"_s, u"flo"_s, u"sky"_s})
            list().setSearchText(text);
        QVERIFY(finished.wait());
        QCOMPARE(finished.size(), 1);
        QCOMPARE(titles(), QStringList{u"Why is the sky blue?"_s});
    }

    void deletedRowGoesAndComesBackWhereItWas() {
        const QStringList before = titles();
        QSignalSpy removed(&store(), &ConversationStore::conversationRemoved);
        store().remove(list().idAt(1));
        QCOMPARE(removed.first().at(1).toString(), before.at(1));
        QCOMPARE(titles(), QStringList({before.at(0), before.at(2)}));
        store().undoRemove();
        QCOMPARE(titles(), before);
    }

    void oldConversationsHaveTheirSections_data() {
        QTest::addColumn<int>("days");
        QTest::addColumn<Section>("section");
        QTest::newRow("today") << 0 << Section::Today;
        QTest::newRow("yesterday") << 1 << Section::Yesterday;
        QTest::newRow("a week") << 7 << Section::Last7Days;
        QTest::newRow("a month") << 30 << Section::Last30Days;
        QTest::newRow("long ago") << 31 << Section::Older;
        QTest::newRow("clock was wrong") << -5 << Section::Today;
    }
    void oldConversationsHaveTheirSections() {
        QFETCH(int, days);
        QFETCH(Section, section);
        ConversationSummary old = *store().find(list().idAt(0));
        old.updated = QDateTime::currentDateTime().addDays(-days);
        store().put(old, ConversationStore::Save::No);
        QCOMPARE(this->section(list().rowOf(old.id)), section);
    }

    void manyConversationsAppearAtOnce() {
        for (int number = 0; number < 2000; ++number) {
            ConversationSummary summary;
            summary.id = nextId();
            summary.title = u"Chat %1"_s.arg(number);
            summary.created = summary.updated = QDateTime::currentDateTime().addSecs(-number);
            SaveConversation request{summary};
            m_fixture->services().storage().submit(request, this, [](const Status& status) { QVERIFY(status.ok()); });
        }
        m_tester.reset();
        QVERIFY(m_fixture->restart());
        QVERIFY(m_fixture->waitForStore());
        QCOMPARE(list().rowCount(), 2003);
        QElapsedTimer timer;
        timer.start();
        list().setSearchText(u"Chat 1999"_s);
        QVERIFY2(timer.elapsed() < 100, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(list().rowCount(), 1);
    }

private:
    ConversationListModel& list() { return m_fixture->services().conversationList(); }
    ConversationStore& store() { return m_fixture->services().conversations(); }
    Section section(int row) {
        return static_cast<Section>(list().index(row).data(ConversationListModel::SectionRole).toInt());
    }
    QStringList titles() {
        QStringList titles;
        for (int row = 0; row < list().rowCount(); ++row)
            titles.append(list().index(row).data(ConversationListModel::TitleRole).toString());
        return titles;
    }
    void search(const QString& text) {
        QSignalSpy finished(&list(), &ConversationListModel::searchFinished);
        list().setSearchText(text);
        QVERIFY(!finished.isEmpty() || finished.wait());
    }

    std::unique_ptr<ChatFixture> m_fixture;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestConversationListModel)
#include "tst_conversation_list_model.moc"
