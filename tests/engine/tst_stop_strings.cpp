#include "engine/run/sampling/stop_strings.h"

#include <QtTest>

#include <random>

using namespace hearth;

namespace {

struct Outcome {
    std::string text;
    std::optional<std::size_t> matched;
};

/// Passes `answer` through in pieces of the given sizes, repeated; 0 stands for an empty token.
Outcome filterInPieces(const std::vector<std::string>& stops, std::string_view answer,
                       const std::vector<std::size_t>& sizes) {
    StopStringFilter filter(stops);
    Outcome outcome;
    for (std::size_t piece = 0; !answer.empty() && !filter.stopped(); ++piece) {
        const std::size_t size = std::min(sizes[piece % sizes.size()], answer.size());
        outcome.text += filter.push(answer.substr(0, size));
        answer.remove_prefix(size);
    }
    outcome.text += filter.flush();
    outcome.matched = filter.matched();
    return outcome;
}

} // namespace

class TestStopStrings : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textUpToTheStopString_data();
    void textUpToTheStopString();
    void splitsMakeNoDifference();
    void textThatCannotBecomeAStopStringComesAtOnce();
    void possibleBeginningsWait();
    void charactersComeWhole();
    void brokenCharactersAreReplaced_data();
    void brokenCharactersAreReplaced();
    void nothingComesAfterTheStop();
};

void TestStopStrings::textUpToTheStopString_data() {
    QTest::addColumn<std::vector<std::string>>("stops");
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("matched"); // -1: none
    using Stops = std::vector<std::string>;
    QTest::newRow("none given") << Stops{} << QByteArray("hello") << QByteArray("hello") << -1;
    QTest::newRow("not found") << Stops{"</s>"} << QByteArray("a </ s> b <") << QByteArray("a </ s> b <") << -1;
    QTest::newRow("found") << Stops{"</s>"} << QByteArray("hello</s> more") << QByteArray("hello") << 0;
    QTest::newRow("at the beginning") << Stops{"ab"} << QByteArray("abc") << QByteArray("") << 0;
    QTest::newRow("the second of two") << Stops{"User:", "\n\n"} << QByteArray("a\n\nUser:") << QByteArray("a") << 1;
    QTest::newRow("begins again within itself") << Stops{"aab"} << QByteArray("xaaab") << QByteArray("xa") << 0;
    QTest::newRow("longer of two at one end") << Stops{"b", "aab"} << QByteArray("xaab") << QByteArray("x") << 1;
    QTest::newRow("first to be complete") << Stops{"abcd", "bc"} << QByteArray("xabcd") << QByteArray("xa") << 1;
    QTest::newRow("one begins in the other") << Stops{"abx", "bc"} << QByteArray("abc") << QByteArray("a") << 1;
    QTest::newRow("empty ones match nothing") << Stops{"", "b"} << QByteArray("abc") << QByteArray("a") << 1;
    QTest::newRow("of several bytes") << Stops{"€"} << QByteArray("5 € oder ₭") << QByteArray("5 ") << 0;
    QTest::newRow("shares bytes with it") << Stops{"€"} << QByteArray("5 ₭") << QByteArray("5 ₭") << -1;
    QTest::newRow("held back to the end")
        << Stops{"stop"} << QByteArray("this is a sto") << QByteArray("this is a sto") << -1;
}

void TestStopStrings::textUpToTheStopString() {
    QFETCH(std::vector<std::string>, stops);
    QFETCH(QByteArray, answer);
    QFETCH(QByteArray, text);
    QFETCH(int, matched);
    const std::string bytes = answer.toStdString();
    for (const auto& sizes : std::vector<std::vector<std::size_t>>{{1000}, {1}, {2}, {3, 0, 1}}) {
        const Outcome outcome = filterInPieces(stops, bytes, sizes);
        QCOMPARE(QByteArray::fromStdString(outcome.text), text);
        QCOMPARE(outcome.matched ? static_cast<int>(*outcome.matched) : -1, matched);
    }
}

void TestStopStrings::splitsMakeNoDifference() {
    constexpr unsigned kSeed = 31;
    std::mt19937 random(kSeed);
    const std::vector<std::string> alphabet{"a", "b", "ab", "é", "\xc3", "\xe2\x82", "€", "\xff", "𝄞"};
    const auto randomText = [&](std::size_t pieces) {
        std::string text;
        for (std::size_t piece = 0; piece < pieces; ++piece)
            text += alphabet[random() % alphabet.size()];
        return text;
    };
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::string> stops(random() % 4);
        for (std::string& stop : stops)
            stop = randomText(1 + random() % 4);
        const std::string answer = randomText(random() % 25);
        const Outcome whole = filterInPieces(stops, answer, {1000});
        std::vector<std::size_t> sizes(1 + random() % 5);
        for (std::size_t& size : sizes)
            size = 1 + random() % 4;
        const Outcome pieces = filterInPieces(stops, answer, sizes);
        QVERIFY2(pieces.text == whole.text && pieces.matched == whole.matched, qPrintable(QString::number(round)));
        // What was passed on holds no stop string, and is valid UTF-8.
        QVERIFY(QByteArray::fromStdString(whole.text) == QString::fromStdString(whole.text).toUtf8());
        std::size_t firstEnd = std::string::npos;
        for (const std::string& stop : stops)
            if (const std::size_t found = answer.find(stop); found != std::string::npos)
                firstEnd = std::min(firstEnd, found + stop.size());
        QCOMPARE(whole.matched.has_value(), firstEnd != std::string::npos);
    }
}

void TestStopStrings::textThatCannotBecomeAStopStringComesAtOnce() {
    StopStringFilter filter({"</end>"});
    QCOMPARE(filter.push("Hello"), std::string_view("Hello"));
    QCOMPARE(filter.push(" <b>"), std::string_view(" <b>"));
    QCOMPARE(filter.push("</e"), std::string_view(""));
    QCOMPARE(filter.push(""), std::string_view(""));
    QCOMPARE(filter.push("m>"), std::string_view("</em>"));
    QCOMPARE(filter.flush(), std::string_view(""));
}

void TestStopStrings::possibleBeginningsWait() {
    StopStringFilter filter({"aab"});
    QCOMPARE(filter.push("xaaa"), std::string_view("xa"));
    QCOMPARE(filter.push("a"), std::string_view("a"));
    QCOMPARE(filter.push("b"), std::string_view(""));
    QVERIFY(filter.stopped());
}

void TestStopStrings::charactersComeWhole() {
    StopStringFilter filter({});
    QCOMPARE(filter.push("\xf0\x9d"), std::string_view(""));
    QCOMPARE(filter.push("\x84"), std::string_view(""));
    QCOMPARE(filter.push("\x9e!"), std::string_view("𝄞!"));
    QCOMPARE(filter.push("\xe2\x82"), std::string_view(""));
    QCOMPARE(filter.flush(), std::string_view("\xef\xbf\xbd"));
    QCOMPARE(filter.flush(), std::string_view(""));
}

void TestStopStrings::brokenCharactersAreReplaced_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("replacements");
    QTest::newRow("lone continuation") << QByteArray("\x80") << 1;
    QTest::newRow("two of them") << QByteArray("\x80\xbf") << 2;
    QTest::newRow("overlong") << QByteArray("\xc0\xaf") << 2;
    QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << 3;
    QTest::newRow("cut short by a letter's place") << QByteArray("\xe2\x82") << 1;
    QTest::newRow("too high") << QByteArray("\xf4\x90\x80\x80") << 4;
    QTest::newRow("no such lead") << QByteArray("\xff\xfe") << 2;
}

void TestStopStrings::brokenCharactersAreReplaced() {
    QFETCH(QByteArray, bytes);
    QFETCH(int, replacements);
    const std::string answer = "a" + bytes.toStdString() + "z";
    const Outcome outcome = filterInPieces({}, answer, {1});
    QCOMPARE(QByteArray::fromStdString(outcome.text), "a" + QByteArray("\xef\xbf\xbd").repeated(replacements) + "z");
}

void TestStopStrings::nothingComesAfterTheStop() {
    StopStringFilter filter({"END"});
    QCOMPARE(filter.push("yes ENDing"), std::string_view("yes "));
    QCOMPARE(filter.push("more"), std::string_view(""));
    QCOMPARE(filter.flush(), std::string_view(""));
    QCOMPARE(filter.matched().value_or(9), std::size_t(0));
}

QTEST_GUILESS_MAIN(TestStopStrings)
#include "tst_stop_strings.moc"
