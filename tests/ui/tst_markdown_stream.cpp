#include "tests/ui/block_dump.h"
#include "tests/ui/markdown_fragments.h"
#include "ui/markdown/markdown_stream.h"

#include <QtTest>

using namespace hearth::ui;

namespace {

/// The text as the stream keeps it.
QByteArray normalised(QString text) {
    text.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
    text.replace(u'\r', u'\n');
    return text.toUtf8();
}

void report(const char* what, quint32 seed, const QString& text, const QString& actual, const QString& expected) {
    qWarning().noquote() << what << "seed" << seed << "\n--- text ---\n"
                         << text << "\n--- got ---\n"
                         << actual << "--- expected ---\n"
                         << expected;
}

} // namespace

class TestMarkdownStream : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void segmentsGiveTheBlocksOfTheWhole();
    void anySplitGivesTheSameBlocks();
    void carriageReturnsAndPairsMayBeCutInTwo();
    void definitionsBehindTheirUseAreFound();
    void anUnsettledLineIsHeldBack();
    void openMarksShowAsIfClosed_data();
    void openMarksShowAsIfClosed();
    void anOpenFenceGrowsWithoutParsing();
    void theCostOfADeltaStaysFlat_data();
    void theCostOfADeltaStaysFlat();
    void continuingAfterTheEndGivesTheWhole();
};

void TestMarkdownStream::segmentsGiveTheBlocksOfTheWhole() {
    int failures = 0;
    for (quint32 seed = 1; seed <= 20000 && failures < 5; ++seed) {
        QRandomGenerator random(seed);
        const QString text = randomMarkdown(random, 3 + random.bounded(14), Fragments::WithoutMd4cSlips);
        const QString expected = dumpBlocks(parseSegment(normalised(text)));
        const QString actual = dumpBlocks(parseMarkdown(text));
        if (actual != expected) {
            ++failures;
            report("segmented parse differs", seed, text, actual, expected);
        }
    }
    QCOMPARE(failures, 0);
}

void TestMarkdownStream::anySplitGivesTheSameBlocks() {
    for (quint32 seed = 1; seed <= 3000; ++seed) {
        QRandomGenerator random(seed);
        const QString text = randomMarkdown(random, 3 + random.bounded(20));
        MarkdownStream stream;
        for (qsizetype at = 0; at < text.size();) {
            const qsizetype size = std::min<qsizetype>(1 + random.bounded(7), text.size() - at);
            const auto before = stream.blocks();
            const std::size_t changed = stream.append(QStringView(text).sliced(at, size));
            const auto& after = stream.blocks();
            QVERIFY2(changed <= after.size(), qPrintable(QString::number(seed)));
            QVERIFY2(std::equal(after.begin(), after.begin() + changed, before.begin()), "reported as unchanged");
            at += size;
        }
        const auto frozen = stream.frozenCount();
        QVERIFY(frozen <= stream.blocks().size());
        stream.finish();
        const QString expected = dumpBlocks(parseMarkdown(text));
        if (const QString actual = dumpBlocks(stream.blocks()); actual != expected) {
            report("pieces differ", seed, text, actual, expected);
            QFAIL("see above");
        }
    }
}

void TestMarkdownStream::carriageReturnsAndPairsMayBeCutInTwo() {
    MarkdownStream stream;
    for (const QChar c : QStringLiteral("a\r\n\r\n\U0001F600\rb\r"))
        stream.append(QStringView(&c, 1));
    stream.finish();
    QCOMPARE(dumpBlocks(stream.blocks()), QStringLiteral("paragraph \"a\"\nparagraph \"\U0001F600\\lb\"\n"));
    MarkdownStream lone;
    lone.append(QStringLiteral("x\U0001F600").left(2));
    lone.finish();
    QCOMPARE(lone.blocks().front().content.text, QStringLiteral("x\uFFFD"));
}

void TestMarkdownStream::definitionsBehindTheirUseAreFound() {
    MarkdownStream stream;
    stream.append(QStringLiteral("See [one] and [two].\n\n# Next\n\nAgain [one].\n\n"));
    stream.append(QStringLiteral("[one]: https://one.example\n[two]: https://two.example\n\nEnd [two].\n"));
    QVERIFY(stream.blocks().front().content.links.isEmpty());
    QCOMPARE(stream.finish(), std::size_t(0));
    QCOMPARE(stream.blocks().front().content.links,
             QStringList({QStringLiteral("https://one.example"), QStringLiteral("https://two.example")}));
    QCOMPARE(stream.blocks()[2].content.links, QStringList(QStringLiteral("https://one.example")));
    QCOMPARE(stream.blocks().back().content.links, QStringList(QStringLiteral("https://two.example")));
    QCOMPARE(stream.blocks().size(), std::size_t(4));
}

void TestMarkdownStream::anUnsettledLineIsHeldBack() {
    MarkdownStream stream;
    stream.append(u"Points:\n-");
    QCOMPARE(dumpBlocks(stream.blocks()), QStringLiteral("paragraph \"Points:\"\n"));
    stream.append(u" one");
    QCOMPARE(dumpBlocks(stream.blocks()), QStringLiteral("paragraph \"Points:\"\n- paragraph \"one\"\n"));
    MarkdownStream ended;
    ended.append(u"Title\n-");
    ended.finish();
    QCOMPARE(dumpBlocks(ended.blocks()), QStringLiteral("heading 2 \"Title\"\n"));
}

void TestMarkdownStream::openMarksShowAsIfClosed_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("shown");
    const auto row = [](const char* name, const char16_t* text, const char16_t* shown) {
        QTest::newRow(name) << QString::fromUtf16(text) << QString::fromUtf16(shown);
    };
    row("bold", u"a **bo", u"paragraph \"a bo\"\n  strong \"bo\"\n");
    row("bold with a blank", u"a **bo ", u"paragraph \"a bo\"\n  strong \"bo\"\n");
    row("bold half closed", u"a **bo*", u"paragraph \"a bo\"\n  strong \"bo\"\n");
    row("bold just opened", u"a **", u"paragraph \"a\"\n");
    row("bold half opened", u"a *", u"paragraph \"a\"\n");
    row("in an item", u"- **bo", u"- paragraph \"bo\"\n  strong \"bo\"\n");
    row("code", u"a `x = 2**n", u"paragraph \"a x = 2**n\"\n  code \"x = 2**n\"\n");
    row("code just opened", u"a `", u"paragraph \"a\"\n");
    row("code in bold", u"**a `b", u"paragraph \"a b\"\n  strong \"a \"\n  strong+code \"b\"\n");
    row("struck", u"~~no", u"paragraph \"no\"\n  strike \"no\"\n");
    row("link", u"[here](https://a.ex", u"paragraph \"here\"\n  link \"here\" -> https://a.ex\n");
    row("closed", u"**a** b `c` d", u"paragraph \"a b c d\"\n  strong \"a\"\n  code \"c\"\n");
    row("power", u"2 ** 3", u"paragraph \"2 ** 3\"\n");
    row("no mark in code", u"- a\n\n  ```\n  x = 2**n", u"- paragraph \"a\"\n(-) code \"x = 2**n\"\n");
    row("no mark in indented code", u"    2**n", u"code \"2**n\"\n");
}

void TestMarkdownStream::openMarksShowAsIfClosed() {
    QFETCH(QString, text);
    QFETCH(QString, shown);
    MarkdownStream stream;
    stream.append(text);
    QCOMPARE(dumpBlocks(stream.blocks()), shown);
    // The end is what counts in the end.
    stream.finish();
    QCOMPARE(dumpBlocks(stream.blocks()), dumpBlocks(parseSegment(text.toUtf8())));
}

void TestMarkdownStream::anOpenFenceGrowsWithoutParsing() {
    MarkdownStream stream;
    stream.append(u"Look:\n\n```cpp\nint a;\n");
    const qsizetype parsed = stream.parsedBytes();
    stream.append(u"int b;\n\n# no heading\n``");
    QCOMPARE(stream.parsedBytes(), parsed);
    QCOMPARE(stream.blocks().back().content.text, QStringLiteral("int a;\nint b;\n\n# no heading"));
    QCOMPARE(stream.frozenCount(), std::size_t(1));
    stream.append(u"`\nend");
    QCOMPARE(
        dumpBlocks(stream.blocks()),
        QStringLiteral("paragraph \"Look:\"\ncode [cpp] \"int a;\\nint b;\\n\\n# no heading\"\nparagraph \"end\"\n"));
}

void TestMarkdownStream::theCostOfADeltaStaysFlat_data() {
    QTest::addColumn<QString>("piece");
    QTest::newRow("paragraphs") << QStringLiteral("Some words in a paragraph that goes on.\n\n");
    QTest::newRow("one list") << QStringLiteral("1. An item with words\n   and a second line\n");
    QTest::newRow("list with code") << QStringLiteral("- An item\n\n  ```sh\n  ls\n  ```\n\n");
    QTest::newRow("one code block") << QStringLiteral("int value = 1; // a line\n");
    QTest::newRow("one paragraph") << QStringLiteral("words without any line feed ");
    QTest::newRow("one table") << QStringLiteral("| a | b | c |\n");
}

void TestMarkdownStream::theCostOfADeltaStaysFlat() {
    QFETCH(QString, piece);
    const QByteArray name = QTest::currentDataTag();
    MarkdownStream stream;
    if (name == "one code block")
        stream.append(u"```cpp\n");
    if (name == "one table")
        stream.append(u"| a | b | c |\n|---|---|---|\n");
    // A block that cannot be cut has a smaller text: it is parsed whole again and again.
    const bool endless = name == "one paragraph" || name == "one table";
    const qsizetype size = endless ? 200000 : 1000000;
    const qsizetype pieces = size / piece.size();
    const qsizetype half = pieces / 2;
    qsizetype parsedInFirstHalf = 0;
    for (qsizetype index = 0; index < pieces; ++index) {
        if (index == half)
            parsedInFirstHalf = stream.parsedBytes();
        stream.append(piece);
    }
    const qsizetype parsedInSecondHalf = stream.parsedBytes() - parsedInFirstHalf;
    // Text that can be cut is parsed a few times over; one endless block at most once for each 32nd part it grows.
    QVERIFY2(parsedInSecondHalf <= (endless ? 34 : 4) * size, qPrintable(QString::number(parsedInSecondHalf)));
    if (!endless)
        QVERIFY2(parsedInSecondHalf <= parsedInFirstHalf * 11 / 10 + 1000,
                 qPrintable(QString::number(parsedInFirstHalf)));
}

void TestMarkdownStream::continuingAfterTheEndGivesTheWhole() {
    const QString text = QStringLiteral("1. one\n2. two and more\n\n```c\nint x;\n```\n\nEnd **of** it.");
    for (qsizetype cut = 1; cut < text.size(); ++cut) {
        MarkdownStream stream;
        stream.append(text.left(cut));
        stream.finish();
        stream.append(text.mid(cut));
        stream.finish();
        QCOMPARE(dumpBlocks(stream.blocks()), dumpBlocks(parseMarkdown(text)));
    }
}

QTEST_APPLESS_MAIN(TestMarkdownStream)
#include "tst_markdown_stream.moc"
