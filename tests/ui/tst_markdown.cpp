#include "tests/ui/block_dump.h"
#include "tests/ui/markdown_fragments.h"
#include "ui/markdown/link_policy.h"
#include "ui/markdown/markdown_stream.h"
#include "ui/markdown/markdown_writer.h"
#include "ui/markdown/segment_parser.h"

#include <QtTest>

using namespace hearth::ui;

class TestMarkdown : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void casesGiveTheExpectedBlocks_data();
    void casesGiveTheExpectedBlocks();
    void onlySafeLinksAreLinks_data();
    void onlySafeLinksAreLinks();
    void plainTextKeepsEveryLine_data();
    void plainTextKeepsEveryLine();
    void longParagraphsComeInPieces();
    void longTablesComeInPieces();
    void aHugeTableFallsBackToText();
    void hostileInputIsParsedInTime_data();
    void hostileInputIsParsedInTime();
    void writtenMarkdownGivesTheSameBlocks();
    void plainTextOfBlocks();
    void slicesKeepTheirStyles();
};

// Each folder of data/markdown holds input.md and blocks.txt. HEARTH_WRITE_EXPECTED=1 writes the latter anew, to be
// read before it is believed.
void TestMarkdown::casesGiveTheExpectedBlocks_data() {
    QTest::addColumn<QString>("folder");
    const QDir cases(QStringLiteral(HEARTH_SOURCE_DIR "/tests/ui/data/markdown"));
    const QStringList names = cases.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    QVERIFY(names.size() >= 20);
    for (const QString& name : names)
        QTest::newRow(qPrintable(name)) << cases.filePath(name);
}

void TestMarkdown::casesGiveTheExpectedBlocks() {
    QFETCH(QString, folder);
    QFile input(folder + QStringLiteral("/input.md"));
    QVERIFY(input.open(QIODevice::ReadOnly));
    const QString actual = dumpBlocks(parseMarkdown(QString::fromUtf8(input.readAll())));
    QFile expected(folder + QStringLiteral("/blocks.txt"));
    if (qEnvironmentVariableIsSet("HEARTH_WRITE_EXPECTED")) {
        QVERIFY(expected.open(QIODevice::WriteOnly));
        expected.write(actual.toUtf8());
        return;
    }
    QVERIFY(expected.open(QIODevice::ReadOnly));
    const QStringList wanted = QString::fromUtf8(expected.readAll()).split(u'\n');
    const QStringList got = actual.split(u'\n');
    for (qsizetype line = 0; line < std::max(wanted.size(), got.size()); ++line)
        QCOMPARE(got.value(line, QStringLiteral("(missing)")), wanted.value(line, QStringLiteral("(missing)")));
}

void TestMarkdown::onlySafeLinksAreLinks_data() {
    QTest::addColumn<QString>("address");
    QTest::addColumn<bool>("safe");
    QTest::newRow("http") << QStringLiteral("http://a.b") << true;
    QTest::newRow("https") << QStringLiteral("HTTPS://a.b/c?d#e") << true;
    QTest::newRow("mailto") << QStringLiteral("mailto:a@b.c") << true;
    QTest::newRow("script") << QStringLiteral("javascript:alert(1)") << false;
    QTest::newRow("file") << QStringLiteral("file:///etc/passwd") << false;
    QTest::newRow("data") << QStringLiteral("data:text/html,x") << false;
    QTest::newRow("blank first") << QStringLiteral(" https://a.b") << false;
    QTest::newRow("scheme alone") << QStringLiteral("https://") << false;
    QTest::newRow("relative") << QStringLiteral("//a.b") << false;
    QTest::newRow("line feed") << QStringLiteral("https://a.b/\nc") << false;
    QTest::newRow("right-to-left override") << QStringLiteral("https://a.b/\u202Efdp.exe") << false;
    QTest::newRow("zero width") << QStringLiteral("https://a\u200B.b") << false;
    QTest::newRow("very long") << QStringLiteral("https://a.b/").leftJustified(5000, u'x') << false;
    QTest::newRow("empty") << QString() << false;
}

void TestMarkdown::onlySafeLinksAreLinks() {
    QFETCH(QString, address);
    QFETCH(bool, safe);
    QCOMPARE(isSafeLink(address), safe);
}

void TestMarkdown::plainTextKeepsEveryLine_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    QTest::newRow("markup means nothing")
        << QStringLiteral("# no\n*no* `no`\n- no") << QStringLiteral("paragraph \"# no\\l*no* `no`\\l- no\"\n");
    QTest::newRow("blank lines part") << QStringLiteral("a\n\n\nb\n")
                                      << QStringLiteral("paragraph \"a\"\nparagraph \"b\"\n");
    QTest::newRow("fence") << QStringLiteral("look:\n```c++ x\n\n*p = 1;\n```\nthanks")
                           << QStringLiteral("paragraph \"look:\"\ncode [c++] \"\\n*p = 1;\"\nparagraph \"thanks\"\n");
    QTest::newRow("open fence") << QStringLiteral("~~~\na\n```") << QStringLiteral("code \"a\\n```\"\n");
    QTest::newRow("empty") << QString() << QString();
}

void TestMarkdown::plainTextKeepsEveryLine() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    QCOMPARE(dumpBlocks(parsePlainText(text)), expected);
}

void TestMarkdown::longParagraphsComeInPieces() {
    const QString text = QStringLiteral("**bold** words and more ").repeated(2000);
    const std::vector<Block> blocks = parseMarkdown(text);
    QVERIFY(blocks.size() > 5);
    QString joined;
    for (std::size_t index = 0; index < blocks.size(); ++index) {
        QCOMPARE(blocks[index].goesOn, index > 0);
        QVERIFY(blocks[index].content.text.size() <= kLongestParagraph);
        for (const TextSpan& span : blocks[index].content.spans)
            QCOMPARE(blocks[index].content.text.mid(span.start, span.length), QStringLiteral("bold"));
        joined += blocks[index].content.text;
    }
    QCOMPARE(joined, QStringLiteral("bold words and more ").repeated(2000).trimmed());
    // Without a blank, and never through a surrogate pair.
    for (const Block& block : parseMarkdown(QStringLiteral("x") + QStringLiteral("😀").repeated(5000))) {
        QVERIFY(!block.content.text.front().isLowSurrogate());
        QVERIFY(!block.content.text.back().isHighSurrogate());
    }
}

void TestMarkdown::longTablesComeInPieces() {
    QString text = QStringLiteral("| n | m |\n|---|--:|\n");
    for (int row = 0; row < 300; ++row)
        text += QStringLiteral("| %1 | x |\n").arg(row);
    const std::vector<Block> blocks = parseMarkdown(text);
    QCOMPARE(blocks.size(), std::size_t(3));
    std::size_t rows = 0;
    for (const Block& block : blocks) {
        QCOMPARE(block.kind, BlockKind::Table);
        QCOMPARE(block.goesOn, &block != &blocks.front());
        QCOMPARE(block.table.columns, blocks.front().table.columns);
        rows += block.table.rows.size();
    }
    QCOMPARE(rows, std::size_t(301));
    QCOMPARE(dumpBlocks(parseMarkdown(writeMarkdown(blocks))), dumpBlocks(blocks));
}

void TestMarkdown::aHugeTableFallsBackToText() {
    const int columns = 3000;
    const QString header =
        QStringLiteral("|a").repeated(columns) + u'\n' + QStringLiteral("|-").repeated(columns) + u'\n';
    const std::vector<Block> blocks = parseMarkdown(header + QStringLiteral("|x\n").repeated(3000));
    QVERIFY(!blocks.empty());
    QCOMPARE(blocks.front().kind, BlockKind::Paragraph);
}

void TestMarkdown::hostileInputIsParsedInTime_data() {
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const QString& piece, int count) {
        QTest::newRow(name) << piece.repeated(count);
    };
    row("quotes", QStringLiteral(">"), 50000);
    row("items on one line", QStringLiteral("- "), 20000);
    row("brackets", QStringLiteral("["), 50000);
    row("stars", QStringLiteral("*a **b "), 20000);
    row("backticks", QStringLiteral("`a``b```c"), 10000);
    row("dollars", QStringLiteral("$a$$b"), 20000);
    row("pipes", QStringLiteral("|"), 50000);
    row("links", QStringLiteral("[a](b"), 20000);
    row("one letter a line", QStringLiteral("a\n"), 50000);
    row("fences", QStringLiteral("```\n"), 30001);
    row("indented deeper", QStringLiteral("  - a\n"), 20000);
    row("entities", QStringLiteral("&#1;&x;"), 20000);
    row("definitions", QStringLiteral("[a]: b\n"), 10000);
}

void TestMarkdown::hostileInputIsParsedInTime() {
    QFETCH(QString, text);
    QElapsedTimer clock;
    clock.start();
    const std::vector<Block> blocks = parseMarkdown(text);
    // Linear work takes milliseconds; quadratic work on these sizes takes minutes.
    QVERIFY2(clock.elapsed() < 10000, qPrintable(QString::number(clock.elapsed())));
    for (const Block& block : blocks)
        QVERIFY(block.containers.size() <= 12);
}

void TestMarkdown::writtenMarkdownGivesTheSameBlocks() {
    for (const char* name : {"paragraphs", "lists_nested", "tasks", "table", "headings", "quotes", "code_in_list"}) {
        QFile input(QStringLiteral(HEARTH_SOURCE_DIR "/tests/ui/data/markdown/%1/input.md").arg(QLatin1String(name)));
        QVERIFY(input.open(QIODevice::ReadOnly));
        const std::vector<Block> blocks = parseMarkdown(QString::fromUtf8(input.readAll()));
        const QString written = writeMarkdown(blocks);
        const QString again = dumpBlocks(parseMarkdown(written));
        if (again != dumpBlocks(blocks))
            qWarning().noquote() << name << '\n' << written;
        QCOMPARE(again, dumpBlocks(blocks));
    }
}

void TestMarkdown::plainTextOfBlocks() {
    const QString text =
        QStringLiteral("# T\n\nSome **bold** text.\n\n1. one\n2. two\n   - [x] sub\n\n| a | b |\n|---|---|\n| 1 "
                       "| 2 |\n\n```c\nx;\n```\n\n> said");
    QCOMPARE(writePlainText(parseMarkdown(text)),
             QStringLiteral("T\n\nSome bold text.\n\n1. one\n2. two\n   ☑ sub\n\na\tb\n1\t2\n\nx;\n\n> said"));
}

void TestMarkdown::slicesKeepTheirStyles() {
    const Block block = parseMarkdown(QStringLiteral("one **two three** four")).front();
    const Block part = sliceBlock(block, 6, 15);
    QCOMPARE(part.content.text, QStringLiteral("o three f"));
    QCOMPARE(writeMarkdown({part}), QStringLiteral("**o three** f"));
}

QTEST_GUILESS_MAIN(TestMarkdown)
#include "tst_markdown.moc"
