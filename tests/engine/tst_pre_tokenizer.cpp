#include "engine/text/pre_tokenizer.h"
#include "engine/text/unicode.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <random>

using namespace hearth;

class TestPreTokenizer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void patternsMatchAsInPerl_data();
    void patternsMatchAsInPerl();
    void piecesMatchTheReference_data();
    void piecesMatchTheReference();
    void unknownNameIsRefused();
    void longRunsTakeLinearTime_data();
    void longRunsTakeLinearTime();

private:
    [[nodiscard]] static QStringList everyName();
};

namespace {

QJsonObject readReference() {
    QFile file(QStringLiteral(HEARTH_SOURCE_DIR "/tests/engine/data/pre_tokenizer_pieces.json"));
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

std::vector<char32_t> codePoints(const QString& text) {
    const QByteArray utf8 = text.toUtf8();
    return codePointsOf(std::string_view(utf8.constData(), static_cast<std::size_t>(utf8.size())));
}

/// The sizes of the pieces in bytes.
QList<int> piecesOf(const PreTokenizer& rule, const std::vector<char32_t>& text) {
    QList<int> sizes;
    std::size_t position = 0;
    for (const std::uint32_t end : rule.split(text)) {
        std::string piece;
        for (; position < end; ++position)
            appendUtf8(piece, text[position]);
        sizes += static_cast<int>(piece.size());
    }
    return sizes;
}

QString describe(const QList<int>& sizes) {
    QString text;
    for (const int size : sizes)
        text += QString::number(size) + QLatin1Char(' ');
    return text;
}

} // namespace

QStringList TestPreTokenizer::everyName() {
    QStringList names;
    for (const QJsonValue& rule : readReference()[QLatin1String("rules")].toArray())
        for (const QJsonValue& name : rule[QLatin1String("names")].toArray())
            names += name.toString();
    return names;
}

void TestPreTokenizer::patternsMatchAsInPerl_data() {
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("end");
    const auto row = [](const char* pattern, const char* text, int end) {
        QTest::addRow("%s on '%s'", pattern, text) << QString::fromUtf8(pattern) << QString::fromUtf8(text) << end;
    };
    row("abc", "abcd", 3);
    row("abc", "abd", -1);
    row("a|ab", "ab", 1);
    row("ab|a", "ac", 1);
    row("a?b", "ab", 2);
    row("a?b", "b", 1);
    row("a*a", "aaa", 3);
    row("a{2}", "aaa", 2);
    row("a{2,3}", "aaaa", 3);
    row("a{2,3}", "ab", -1);
    row("(?:ab)+", "ababa", 4);
    row("(?:ab)*c", "ababc", 5);
    row("(?:a|b){1,2}", "bab", 2);
    row("(?:ab)?a", "ab", 1);
    row("a(?=b)", "ab", 1);
    row("a(?=b)", "ac", -1);
    row("a(?!b)", "ac", 1);
    row("a(?!b)", "ab", -1);
    row("a(?!b)", "a", 1);
    row("a$", "a", 1);
    row("a$", "ab", -1);
    row("[a-c]+", "abcd", 3);
    row("[^a-c]+", "dea", 2);
    row("[a-z--b-d]+", "aefb", 3);
    row("[-a]+", "a-b", 2);
    row("[\\]a]+", "a]b", 2);
    row("\\s+(?!\\S)", "   x", 2);
    row("\\s+(?!\\S)", "   ", 3);
    row("\\s+(?!\\S)", " x", -1);
    row("\\s", "\xc2\xa0", 1);
    row("\\d+", "12\xd9\xa3", 2);
    row("\\p{N}+", "12\xd9\xa3", 3);
    row("\\p{L}+\\p{N}",
        "ab\xc3\xa9"
        "1",
        4);
    row("[^\\s\\p{L}]+", "1-\xc2\xa0", 2);
    row("[\\p{L}\\p{M}]+", "e\xcc\x81 ", 2);
    row("\\p{P}\\p{S}", "!$", 2);
}

void TestPreTokenizer::patternsMatchAsInPerl() {
    QFETCH(QString, pattern);
    QFETCH(QString, text);
    QFETCH(int, end);
    const std::u32string source = pattern.toStdU32String();
    const std::u32string_view alternative = source;
    const SplitPattern compiled(std::span(&alternative, 1));
    const std::vector<char32_t> points = codePoints(text);
    SplitPattern::Scratch scratch;
    const std::size_t expected = end < 0 ? SplitPattern::kNoMatch : static_cast<std::size_t>(end);
    QCOMPARE(compiled.match(points, 0, scratch), expected);
    QVERIFY(scratch.states.empty());
}

void TestPreTokenizer::piecesMatchTheReference_data() {
    QTest::addColumn<int>("rule");
    QTest::addColumn<QString>("name");
    const QJsonArray rules = readReference()[QLatin1String("rules")].toArray();
    QVERIFY(!rules.isEmpty());
    for (qsizetype rule = 0; rule < rules.size(); ++rule)
        for (const QJsonValue& name : rules[rule][QLatin1String("names")].toArray())
            QTest::addRow("'%s'", qPrintable(name.toString())) << static_cast<int>(rule) << name.toString();
}

void TestPreTokenizer::piecesMatchTheReference() {
    QFETCH(int, rule);
    QFETCH(QString, name);
    const QJsonObject reference = readReference();
    const auto preTokenizer = PreTokenizer::named(name.toStdString());
    QVERIFY(preTokenizer.has_value());
    const QJsonArray texts = reference[QLatin1String("texts")].toArray();
    const QJsonArray pieces = reference[QLatin1String("rules")][rule][QLatin1String("pieces")].toArray();
    QCOMPARE(pieces.size(), texts.size());
    for (qsizetype index = 0; index < texts.size(); ++index) {
        const QString text = texts[index].toString();
        QList<int> expected;
        for (const QJsonValue& size : pieces[index].toArray())
            expected += size.toInt();
        const QList<int> got = piecesOf(*preTokenizer, codePoints(text));
        if (got != expected)
            QFAIL(qPrintable(text + QStringLiteral("\nexpected ") + describe(expected) + QStringLiteral("\ngot ")
                             + describe(got)));
    }
}

void TestPreTokenizer::unknownNameIsRefused() {
    QVERIFY(!PreTokenizer::named("a rule of next year").has_value());
    QVERIFY(!PreTokenizer::named("GPT-2").has_value());
}

void TestPreTokenizer::longRunsTakeLinearTime_data() {
    QTest::addColumn<QString>("unit");
    for (const char* unit :
         {"a", " ", "1", "\n", "!", "A", "a b", "aB", "\xe6\xbc\xa2", "\xcc\x81", " \n", "'s", "\t "})
        QTest::addRow("'%s'", unit) << QString::fromUtf8(unit);
}

void TestPreTokenizer::longRunsTakeLinearTime() {
    QFETCH(QString, unit);
    constexpr int kUnits = 100000;
    // Quadratic time would be 10 billion steps a rule: minutes. All rules together get what one would take many times.
    constexpr int kMostMs = 60000;
    std::vector<char32_t> text;
    for (int index = 0; index < kUnits; ++index)
        for (const char32_t codePoint : codePoints(unit))
            text.push_back(codePoint);
    text.push_back(U'x');
    QElapsedTimer timer;
    timer.start();
    for (const QString& name : everyName()) {
        const auto rule = PreTokenizer::named(name.toStdString());
        QVERIFY(rule.has_value());
        QCOMPARE(static_cast<std::size_t>(rule->split(text).back()), text.size());
    }
    QVERIFY(timer.elapsed() < kMostMs);
}

QTEST_APPLESS_MAIN(TestPreTokenizer)
#include "tst_pre_tokenizer.moc"
