#include "tests/app/trace_bytes.h"
#include "ui/mixture/heat_map.h"
#include "ui/mixture/heat_scale.h"
#include "ui/mixture/mixture_texts.h"
#include "ui/mixture/token_layout.h"
#include "ui/mixture/token_texts.h"
#include "ui/mixture/token_view.h"
#include "ui/theme/theme.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <limits>
#include <memory>

namespace hearth::ui {

namespace {

AnswerTrace traceOf(const std::vector<std::string>& pieces) {
    std::vector<std::pair<std::string, FakeTrace>> tokens;
    for (const std::string& piece : pieces)
        tokens.emplace_back(piece, FakeTrace{0.5F, {}, {}, {}});
    AnswerTrace trace;
    if (!trace.append(traceBytes({}, tokens)).ok())
        qFatal("the trace cannot be read");
    return trace;
}

QStringList shownOf(const AnswerTrace& trace) {
    TokenTexts texts;
    texts.extend(trace);
    QStringList shown;
    for (int token = 0; token < texts.count(); ++token)
        shown.append(texts.at(token).shown);
    return shown;
}

/// CIE 1976 lightness, 0 to 100.
double lightness(QRgb color) {
    const auto linear = [](int channel) {
        const double value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    const double luminance =
        0.2126 * linear(qRed(color)) + 0.7152 * linear(qGreen(color)) + 0.0722 * linear(qBlue(color));
    return luminance > 0.008856 ? 116 * std::cbrt(luminance) - 16 : 903.3 * luminance;
}

} // namespace

/// The parts of the mixture pane by themselves: text, layout, colours, speed.
class TestMixtureParts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tokensReadAsTheAnswerDoes_data() {
        QTest::addColumn<std::vector<std::string>>("pieces");
        QTest::addColumn<QStringList>("shown");
        const auto row = [](const char* name, std::vector<std::string> pieces, const QStringList& shown) {
            QTest::newRow(name) << std::move(pieces) << shown;
        };
        row("words", {"Hello", " world", "!"},
            {QStringLiteral("Hello"), QStringLiteral(" world"), QStringLiteral("!")});
        row("line feeds and tabs", {".\n\n", "\tx"}, {QStringLiteral(".↵↵"), QStringLiteral("⇥x")});
        row("lone spaces", {"   ", "x"}, {QStringLiteral("␣␣␣"), QStringLiteral("x")});
        row("a character in three tokens", {"\xE4", "\xBD", "\xA0", "好"},
            {QStringLiteral("⟨e4⟩"), QStringLiteral("⟨bd⟩"), QStringLiteral("你"), QStringLiteral("好")});
        row("the end of one and the beginning of the next", {"a\xE4", "\xBD\xA0\xE5", "\xA5\xBD"},
            {QStringLiteral("a"), QStringLiteral("你"), QStringLiteral("好")});
        row("no text at all", {"\xFF", "x"}, {QStringLiteral("\uFFFD"), QStringLiteral("x")});
        row("a control character", {std::string("a\x01", 2)}, {QStringLiteral("a\uFFFD")});
        row("emoji", {"\xF0\x9F\x94", "\xA5"}, {QStringLiteral("⟨f0 9f 94⟩"), QStringLiteral("🔥")});
    }
    void tokensReadAsTheAnswerDoes() {
        QFETCH(const std::vector<std::string>, pieces);
        QFETCH(const QStringList, shown);
        QCOMPARE(shownOf(traceOf(pieces)), shown);
    }

    void aTokenByItselfShowsItsSpaceAndItsBytes() {
        QCOMPARE(shownText(" the").shown, QStringLiteral("␣the"));
        QCOMPARE(shownText("the").shown, QStringLiteral("the"));
        QCOMPARE(shownText("\xE4\xBD").shown, QStringLiteral("⟨e4 bd⟩"));
        QCOMPARE(shownText("").shown, QString());
    }

    void plainTextIsTheAnswersOwn() {
        const AnswerTrace trace = traceOf({"你\xE5", "\xA5\xBD", "\n!"});
        QCOMPARE(TokenTexts::plain(trace, trace.all()), QStringLiteral("你好\n!"));
        QCOMPARE(TokenTexts::plain(trace, {2, 9}), QStringLiteral("\n!"));
    }

    void percentagesAreShort_data() {
        QTest::addColumn<double>("part");
        QTest::addColumn<QString>("text");
        QTest::newRow("none") << 0.0 << QStringLiteral("0%");
        QTest::newRow("hardly any") << 0.0004 << QStringLiteral("< 0.1%");
        QTest::newRow("few") << 0.0123 << QStringLiteral("1.2%");
        QTest::newRow("rounds up") << 0.0996 << QStringLiteral("10%");
        QTest::newRow("half") << 0.5 << QStringLiteral("50%");
        QTest::newRow("nearly all") << 0.998 << QStringLiteral("99.8%");
        QTest::newRow("all") << 1.0 << QStringLiteral("100%");
    }
    void percentagesAreShort() {
        QFETCH(const double, part);
        QFETCH(const QString, text);
        QCOMPARE(MixtureTexts::percent(part), text);
    }

    void linesBreakBetweenWords() {
        TokenTexts texts;
        texts.extend(traceOf({"one", " two", "-", "three", " four", "\n", "five"}));
        TokenLayout layout;
        layout.setFont(QApplication::font());
        const QFontMetrics metrics(QApplication::font());
        layout.setWidth(metrics.horizontalAdvance(QStringLiteral("one two-th")));
        QVERIFY(layout.extend(texts, 1000));
        QCOMPARE(layout.lineOf(0), 0);
        QCOMPARE(layout.lineOf(1), 1); // with what hangs together with it
        QCOMPARE(layout.lineOf(3), 1);
        QCOMPARE(layout.lineOf(4), 2);
        QCOMPARE(layout.lineOf(5), 2);
        QCOMPARE(layout.lineOf(6), 3);       // after the line feed
        QCOMPARE(layout.inkOf(1).left(), 0); // the space hangs out
        for (int token = 0; token < texts.count(); ++token)
            QCOMPARE(layout.tokenAt(layout.inkOf(token).center()), token);
        QCOMPARE(layout.tokenAt(QPoint(5, -1)), -1);
        QCOMPARE(layout.tokenAt(QPoint(5, layout.height())), -1);
        QCOMPARE(layout.nearestInLine(99, 0), 6);
    }

    void aWordWiderThanTheLineIsBrokenAnywhere() {
        TokenTexts texts;
        texts.extend(traceOf(std::vector<std::string>(30, "abcdef")));
        TokenLayout layout;
        layout.setFont(QApplication::font());
        layout.setWidth(QFontMetrics(QApplication::font()).horizontalAdvance(QStringLiteral("abcdefabcdefab")));
        QVERIFY(layout.extend(texts, 1000));
        QCOMPARE(layout.lineCount(), 15);
        layout.setWidth(40); // narrower than a token: it is cut off
        QCOMPARE(layout.lineCount(), 30);
        QVERIFY(layout.rectOf(3).width() <= 40);
        layout.setWidth(2000);
        QVERIFY(layout.rectOf(3).width() > 40 || layout.lineCount() < 30);
    }

    void layingOutKeepsToItsTime() {
        TokenTexts texts;
        std::vector<std::string> pieces;
        for (int token = 0; token < 20'000; ++token)
            pieces.push_back(" word" + std::to_string(token));
        texts.extend(traceOf(pieces));
        TokenLayout layout;
        layout.setFont(QApplication::font());
        QVERIFY(!layout.extend(texts, 0)); // no time: not all
        while (!layout.extend(texts, 5)) {
        }
        QCOMPARE(layout.placed(), 20'000);
    }

    void theScaleReadsByLightnessAlone_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void theScaleReadsByLightnessAlone() {
        QFETCH(const bool, dark);
        Theme theme;
        theme.setChoice(dark ? ThemeChoice::Dark : ThemeChoice::Light);
        const HeatScale scale(theme);
        double before = lightness(scale.at(0));
        const double range = std::abs(lightness(scale.at(1)) - before);
        QVERIFY2(range > 65, qPrintable(QString::number(range)));
        for (int step = 1; step <= 20; ++step) {
            const double now = lightness(scale.at(step / 20.0));
            const double change = dark ? now - before : before - now;
            // No step is flat and none is a jump: a twentieth of the range, give or take.
            QVERIFY2(change > range / 20 * 0.4 && change < range / 20 * 1.9,
                     qPrintable(QStringLiteral("step %1: %2 of %3").arg(step).arg(change).arg(range)));
            before = now;
        }
        QCOMPARE(scale.at(-3), scale.at(0));
        QCOMPARE(scale.at(7), scale.at(1));
    }

    void marksLeaveTextReadable_data() {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<bool>("high");
        for (const bool dark : {false, true})
            for (const bool high : {false, true})
                QTest::addRow("%s%s", dark ? "dark" : "light", high ? " high contrast" : "") << dark << high;
    }
    void marksLeaveTextReadable() {
        QFETCH(const bool, dark);
        QFETCH(const bool, high);
        Theme theme;
        theme.setChoice(dark ? ThemeChoice::Dark : ThemeChoice::Light);
        theme.setContrast(high ? Contrast::High : Contrast::Normal);
        TraceCursor cursor;
        const TokenView view(theme, cursor);
        for (const double mark : {0.0, 0.2, 0.5, 1.0})
            QVERIFY(contrastRatio(theme.colors().text, view.groundOf(mark)) >= 4.5);
        for (int pin = 0; pin < TraceCursor::kMostPins; ++pin) {
            QVERIFY(contrastRatio(pinColor(theme, pin), theme.colors().base)
                    >= 4.5); // the letter on it is of the ground
            QVERIFY(contrastRatio(pinColor(theme, pin), theme.colors().window) >= 4.5);
        }
    }

    void aLargeMixtureIsQuick() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
        QSKIP("times are those of an optimised build");
#endif
        const Theme theme;
        TraceCursor cursor;
        HeatMap map(theme, cursor);
        TokenView tokens(theme, cursor);
        map.resize(600, 400);
        tokens.resize(600, 300);
        auto trace = std::make_shared<AnswerTrace>();
        QVERIFY(trace->append(plainTraceBytes(mixtureShape(60, 256, 8), 2000)).ok());
        // The processor's time, and the best of some: other programs share this machine.
        const auto best = [](const std::function<void()>& work) {
            std::clock_t least = std::numeric_limits<std::clock_t>::max();
            for (int round = 0; round < 9; ++round) {
                const std::clock_t start = std::clock();
                work();
                least = std::min(least, std::clock() - start);
            }
            return static_cast<double>(least) * 1000 / CLOCKS_PER_SEC;
        };
        const double opening = best([&] { cursor.setTrace(trace); });
        QImage image(600, 400, QImage::Format_ARGB32_Premultiplied);
        const double painting = best([&] { map.render(&image); });
        cursor.togglePin(5);
        cursor.setPlace(9);
        const double way = best([&] { map.render(&image); });
        int range = 100;
        const double selecting = best([&] { cursor.select({0, range++}); });
        while (!tokens.isComplete())
            QTest::qWait(1);
        const double text = best([&] { tokens.render(&image); });
        const QString figures = QStringLiteral("open %1, map %2, way %3, select %4, text %5 ms")
                                    .arg(opening)
                                    .arg(painting)
                                    .arg(way)
                                    .arg(selecting)
                                    .arg(text);
        qInfo("%s", qPrintable(figures));
        QVERIFY2(std::max({opening, painting, way, selecting, text}) < 16, qPrintable(figures));
    }
};

} // namespace hearth::ui

QTEST_MAIN(hearth::ui::TestMixtureParts)
#include "tst_mixture_parts.moc"
