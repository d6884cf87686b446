#include "app/chat/chat_controller.h"
#include "app/engine_service/engine_service.h"
#include "app/services.h"
#include "app/settings/settings.h"
#include "app/trace/answer_traces.h"
#include "app/trace/trace_export.h"
#include "tests/ui/believable_trace.h"
#include "tests/ui/window_fixture.h"
#include "ui/conversation/conversation_view.h"
#include "ui/mixture/heat_map.h"
#include "ui/mixture/mixture_pane.h"
#include "ui/mixture/token_detail.h"
#include "ui/mixture/token_view.h"
#include "ui/shell/main_window.h"
#include "ui/shell/side_panes.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QTabBar>
#include <QToolButton>
#include <QtTest>

#include <memory>

namespace hearth::ui {

/// The mixture of an answer in the real window, by keys and mouse.
class TestMixture : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_fixture = std::make_unique<WindowFixture>();
        m_fixture->script.answers = {believableAnswer()};
        m_fixture->script.traceShape = believableShape();
        m_fixture->script.trace = believableTrace;
    }
    void cleanup() { m_fixture.reset(); }

    void aKeyShowsHowTheNewestAnswerCameAbout() {
        openMixture();
        QVERIFY(panes().isVisible());
        QCOMPARE(panes().currentPane(), SidePanes::Pane::Mixture);
        QCOMPARE(m_fixture->find<QTabBar>("paneTabs")->tabText(0), QStringLiteral("Mixture"));
        QVERIFY(tokens().hasFocus());
        QCOMPARE(cursor().trace().tokenCount(), static_cast<int>(believableAnswer().size()));
        QVERIFY(map().isVisible());
        QVERIFY(!m_fixture->find<QLabel>("mixtureDense")->isVisible());
        QVERIFY(tokens().viewport()->rect().contains(tokens().tokenRect(0))); // it is read from the beginning
        QVERIFY(!tokens().accessibleName().isEmpty() && !map().accessibleName().isEmpty());
    }

    void theMessagesOwnButtonOpensIt() {
        startAndAsk();
        ConversationView& view = m_fixture->view();
        view.layOutNow();
        const MessageTarget target{MessageAction::Mixture, -1};
        const QPoint point = view.viewportRect(1, view.layout().message(1).targetRect(target)).center();
        QTest::mouseMove(view.viewport(), point);
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, point);
        QTRY_VERIFY(cursor().trace().tokenCount() > 0);
        QVERIFY(panes().isVisible());
    }

    void pointingAtATokenExplainsIt() {
        openMixture();
        const int token = 7; // "apsing"
        const auto points = [&] {
            moveTo(*tokens().viewport(), tokens().tokenRect(token).center());
            return cursor().current() == token;
        };
        QTRY_VERIFY(points());
        const QString sentence = m_fixture->find<TokenDetail>("mixtureDetail")->accessibleDescription();
        QVERIFY2(sentence.startsWith(QStringLiteral("Token 8 of 138: “apsing”, probability")), qPrintable(sentence));
        QCOMPARE(tokens().accessibleDescription(), sentence);
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(tokens().viewport(), &leave);
        QCOMPARE(cursor().current(), -1);
    }

    void runnersUpAreNamedWithTheirProbabilities() {
        m_fixture->script.trace = [](const std::string&, int) {
            return FakeTrace{0.25F, {{" cat", 0.5F}, {"\n", 0.0005F}}, {}, {}};
        };
        openMixture();
        cursor().setPlace(0);
        QCOMPARE(tokens().accessibleDescription(),
                 QStringLiteral(
                     "Token 1 of 138: “A”, probability 25%. Instead it might have been: “␣cat” 50%, “↵” < 0.1%."));
    }

    void clickingPinsUpToFourTokens() {
        openMixture();
        for (const int token : {2, 5, 9, 12, 14})
            QTest::mouseClick(tokens().viewport(), Qt::LeftButton, {}, tokens().tokenRect(token).center());
        QCOMPARE(cursor().pins(), QList<int>({5, 9, 12, 14})); // the oldest made room
        QTest::mouseClick(tokens().viewport(), Qt::LeftButton, {}, tokens().tokenRect(9).center());
        QCOMPARE(cursor().pins(), QList<int>({5, 12, 14}));
        QTest::keyClick(&tokens(), Qt::Key_Escape);
        QVERIFY(cursor().pins().isEmpty());
    }

    void keysWalkSelectAndPin() {
        openMixture();
        QTest::keyClick(&tokens(), Qt::Key_Right);
        QCOMPARE(cursor().current(), 0);
        QTest::keyClick(&tokens(), Qt::Key_Right);
        QTest::keyClick(&tokens(), Qt::Key_Right);
        QCOMPARE(cursor().current(), 2);
        QTest::keyClick(&tokens(), Qt::Key_Space);
        QCOMPARE(cursor().pins(), QList<int>({2}));
        QTest::keyClick(&tokens(), Qt::Key_Down);
        const int below = cursor().current();
        QVERIFY(tokens().tokenRect(below).top() > tokens().tokenRect(2).top());
        QTest::keyClick(&tokens(), Qt::Key_Up);
        QCOMPARE(cursor().current(), 2);
        QTest::keyClick(&tokens(), Qt::Key_Right, Qt::ShiftModifier);
        QTest::keyClick(&tokens(), Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(cursor().range(), (TokenRange{2, 5}));
        QCOMPARE(m_fixture->find<QLabel>("mixtureMapRange")->text(), QStringLiteral("tokens 3 to 5"));
        QTest::keyClick(&tokens(), Qt::Key_Escape);
        QVERIFY(!cursor().hasSelection());
        QCOMPARE(cursor().pins().size(), 1); // Esc takes one thing at a time
        QTest::keyClick(&tokens(), Qt::Key_End, Qt::ControlModifier);
        QCOMPARE(cursor().current(), 137);
        QTest::keyClick(&tokens(), Qt::Key_Left, Qt::ControlModifier);
        QVERIFY(cursor().trace().chosen(cursor().current()).probability < 0.5F);
        QTest::keyClick(&tokens(), Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(cursor().range().size(), 138);
        QTest::keyClick(&tokens(), Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("A kettle sings because")));
    }

    void draggingSelectsTheFiguresOfItsTokens() {
        openMixture();
        const int all = cursor().summary().activeExperts;
        const QPoint from = tokens().tokenRect(1).center();
        const QPoint to = tokens().tokenRect(6).center();
        QTest::mousePress(tokens().viewport(), Qt::LeftButton, {}, from);
        QMouseEvent move(QEvent::MouseMove, to, tokens().viewport()->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, {});
        QApplication::sendEvent(tokens().viewport(), &move);
        QTest::mouseRelease(tokens().viewport(), Qt::LeftButton, {}, to);
        QCOMPARE(cursor().range(), (TokenRange{1, 7}));
        QVERIFY(cursor().pins().isEmpty()); // it was no click
        QVERIFY(cursor().summary().activeExperts < all);
        QVERIFY(map().picture(QSize(400, 300), 1) != QImage());
    }

    void clickingACellMarksTheTokensOfItsExpert() {
        openMixture();
        const int busiest = cursor().load().layers[3].busiest;
        const auto cell = [&] { return map().cellRect(3, busiest).center().toPoint(); };
        const QString wanted = QStringLiteral("Layer 4, expert %1: ").arg(busiest);
        const auto points = [&] { // the map may still be finding its place
            moveTo(map(), cell());
            return map().sentence().startsWith(wanted);
        };
        QTRY_VERIFY2(points(), qPrintable(map().sentence()));
        QTest::mouseClick(&map(), Qt::LeftButton, {}, cell());
        QCOMPARE(cursor().expert(), (TraceCursor::Expert{3, busiest}));
        int marked = 0;
        for (int token = 0; token < cursor().trace().tokenCount(); ++token)
            marked += cursor().isMarked(token) ? 1 : 0;
        QCOMPARE(marked, cursor().load().count(3, busiest));
        QTest::mouseClick(&map(), Qt::LeftButton, {}, cell());
        QVERIFY(cursor().expert().isNone());
    }

    void keysGoThroughTheMap() {
        openMixture();
        QTest::keyClick(&tokens(), Qt::Key_Tab);
        QVERIFY(map().hasFocus());
        QTest::keyClick(&map(), Qt::Key_Down);
        QTest::keyClick(&map(), Qt::Key_Down);
        QTest::keyClick(&map(), Qt::Key_Right);
        QVERIFY2(map().accessibleDescription().startsWith(QStringLiteral("Layer 2, expert 1:")),
                 qPrintable(map().accessibleDescription()));
        QTest::keyClick(&map(), Qt::Key_End);
        QVERIFY(map().sentence().startsWith(QStringLiteral("Layer 2, expert 63:")));
        QTest::keyClick(&map(), Qt::Key_Return);
        QCOMPARE(cursor().expert(), (TraceCursor::Expert{1, 63}));
        QTest::keyClick(&map(), Qt::Key_Escape);
        QVERIFY(cursor().expert().isNone());
        QTest::keyClick(&map(), Qt::Key_Backtab, Qt::ShiftModifier);
        QVERIFY(tokens().hasFocus());
    }

    void theWayOfATokenShowsInTheMap() {
        openMixture();
        const QImage whole = map().grab().toImage();
        cursor().setPlace(20);
        const QImage way = map().grab().toImage();
        QVERIFY(whole != way);
        const auto experts = cursor().trace().experts(20, 0);
        const QPoint chosen = map().cellRect(0, experts[0]).center().toPoint() * map().devicePixelRatio();
        QVERIFY(way.pixelColor(chosen) != whole.pixelColor(chosen));
        cursor().setPlace(-1);
        QCOMPARE(map().grab().toImage(), whole);
    }

    void itGrowsWhileTheAnswerIsWritten() {
        m_fixture->script.pieceDelay = std::chrono::milliseconds(10);
        m_fixture->start();
        m_fixture->loadFakeModel();
        key(Qt::Key_4);
        QVERIFY(m_fixture->find<QLabel>("mixtureEmptyTitle")->isVisible());
        m_fixture->ask(QStringLiteral("Why?"));
        QTRY_VERIFY(cursor().texts().count() > 5);
        QVERIFY(m_fixture->services->chat().isBusy());
        QVERIFY(m_fixture->find<QLabel>("mixtureTitle")->text().contains(QStringLiteral("being written")));
        cursor().togglePin(2);
        QVERIFY(m_fixture->waitUntilIdle());
        QTRY_COMPARE(cursor().texts().count(), 138);
        QCOMPARE(cursor().pins(), QList<int>({2}));
        QVERIFY(tokens().viewport()->rect().contains(tokens().tokenRect(137))); // the end was followed
        QTRY_VERIFY(!m_fixture->find<QLabel>("mixtureTitle")->text().contains(QStringLiteral("being written")));
        QCOMPARE(cursor().load().tokens, 138);
    }

    void itIsThereAfterARestart() {
        startAndAsk();
        m_fixture->quit();
        m_fixture->start();
        QTRY_COMPARE(m_fixture->shownTexts().size(), 2);
        key(Qt::Key_4);
        QTRY_COMPARE(cursor().texts().count(), 138);
        QVERIFY(cursor().trace().isMixture());
    }

    void anotherChatShowsItsOwnAnswer() {
        openMixture();
        m_fixture->script.answers = {{"short"}};
        key(Qt::Key_N);
        QTRY_VERIFY(m_fixture->find<QLabel>("mixtureEmptyTitle")->isVisible());
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Again")));
        QTRY_COMPARE(cursor().texts().count(), 1);
    }

    void denseModelsSayWhyThereIsNoMap() {
        m_fixture->script.traceShape = {{}, 1000, 1000};
        m_fixture->script.trace = {};
        openMixture();
        QVERIFY(!map().isVisible());
        QVERIFY(m_fixture->find<QLabel>("mixtureDense")->isVisible());
        QTest::keyClick(&tokens(), Qt::Key_Right);
        QVERIFY(tokens().accessibleDescription().contains(QStringLiteral("probability 80%")));
    }

    void withoutRecordingItSaysSoAndCanBeTurnedOn() {
        m_fixture->start();
        m_fixture->loadFakeModel();
        m_fixture->services->settings().setRecordAnswers(false);
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Why?")));
        key(Qt::Key_4);
        auto* button = m_fixture->find<QPushButton>("mixtureRecord");
        QTRY_VERIFY(button->isVisible());
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(m_fixture->services->settings().recordAnswers());
        QVERIFY(!button->isVisible());
        QVERIFY(m_fixture->askAndWait(QStringLiteral("And now?")));
        QTRY_COMPARE(cursor().texts().count(), 138);
    }

    void theMenuCopiesAndSaves() {
        openMixture();
        QTest::mouseClick(m_fixture->find<QToolButton>("mixtureMenu"), Qt::LeftButton);
        auto* menu = pane().findChild<QMenu*>(QStringLiteral("mixtureMenuPopup"));
        QVERIFY(menu != nullptr && menu->isVisible());
        QCOMPARE(menu->actions().first()->text(), QStringLiteral("Copy as CSV"));
        menu->actions().first()->trigger();
        QTRY_VERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("token,id,text,probability")));
        menu->close();
        QSignalSpy noticed(&pane(), &MixturePane::noticed);
        pane().savePicture(m_fixture->path(QStringLiteral("map.png")));
        pane().saveAs(TraceFormat::Json, m_fixture->path(QStringLiteral("map.json")));
        QTRY_COMPARE(noticed.size(), 2);
        const QImage picture(m_fixture->path(QStringLiteral("map.png")));
        QVERIFY(picture.width() >= 2 * 280);
        QFile json(m_fixture->path(QStringLiteral("map.json")));
        QVERIFY(json.open(QIODevice::ReadOnly));
        QCOMPARE(json.readAll(), traceToJson(cursor().trace(), cursor().range()));
    }

    void largeTextAndOtherLanguagesFit() {
        openMixture();
        m_fixture->services->settings().setFontScale(2.0);
        QTRY_VERIFY(tokens().tokenRect(0).height() > 40);
        QVERIFY(tokens().height() >= 4 * tokens().tokenRect(0).height() / 2);
        m_fixture->services->settings().setLanguage(QStringLiteral("zh_CN"));
        QTRY_COMPARE(m_fixture->find<QTabBar>("paneTabs")->tabText(0), QStringLiteral("混合专家"));
        m_fixture->services->settings().setLanguage(QStringLiteral("en"));
        QTRY_COMPARE(m_fixture->find<QTabBar>("paneTabs")->tabText(0), QStringLiteral("Mixture"));
    }

private:
    void startAndAsk() {
        m_fixture->start();
        m_fixture->window->resize(1300, 900);
        m_fixture->loadFakeModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Why does a kettle sing?")));
    }
    void openMixture() {
        startAndAsk();
        key(Qt::Key_4);
        QTRY_VERIFY(cursor().texts().count() > 0 && tokens().isComplete());
        QTRY_VERIFY(!tokens().tokenRect(20).isNull());
    }
    /// By way of the point beside it: where the pointer is already, a move is no event.
    static void moveTo(QWidget& widget, QPoint point) {
        QTest::mouseMove(&widget, point + QPoint(1, 0));
        QTest::mouseMove(&widget, point);
        QCoreApplication::processEvents();
    }
    void key(Qt::Key key) { QTest::keyClick(&m_fixture->windowWidget(), key, Qt::ControlModifier); }
    SidePanes& panes() { return *m_fixture->find<SidePanes>("sidePanes"); }
    MixturePane& pane() { return panes().mixturePane(); }
    TraceCursor& cursor() { return pane().cursor(); }
    TokenView& tokens() { return pane().tokens(); }
    HeatMap& map() { return pane().map(); }

    std::unique_ptr<WindowFixture> m_fixture;
};

} // namespace hearth::ui

QTEST_MAIN(hearth::ui::TestMixture)
#include "tst_mixture.moc"
