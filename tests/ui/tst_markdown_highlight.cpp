#include "ui/markdown/code_highlighter.h"
#include "ui/markdown/code_language.h"

#include <QRandomGenerator>
#include <QtTest>

using namespace hearth::ui;

namespace {

QChar letterOf(CodeToken token) {
    // Keyword, Type, String, Number, Comment, Function, Inserted, Deleted, Meta
    return QStringView(u"KTSNCFIDM")[static_cast<int>(token)];
}

/// A line below the code with a letter under each coloured character.
QString colours(const CodeLanguage& language, const QString& code) {
    QStringList out;
    HighlightState state = 0;
    for (const QString& line : code.split(u'\n')) {
        QString marks(line.size(), u'.');
        for (const CodeSpan& span : highlightLine(language, line, &state))
            for (int at = span.start; at < span.start + span.length; ++at)
                marks[at] = letterOf(span.token);
        out += marks;
    }
    return out.join(u'\n');
}

} // namespace

class TestMarkdownHighlight : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void languagesColourTheirParts_data();
    void languagesColourTheirParts();
    void namesAreFoundWhateverTheirCase();
    void spansStayInOrderOnAnyInput();
    void aMegabyteLineTakesNoLongerThanItsSize();
};

void TestMarkdownHighlight::languagesColourTheirParts_data() {
    QTest::addColumn<QString>("language");
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char16_t* code, const char16_t* expected) {
        QTest::newRow(name) << QString::fromLatin1(name) << QString::fromUtf16(code) << QString::fromUtf16(expected);
    };
    row("cpp", u"#include <x>\nint f(int a) { return a + 0x1F; } // no\n/* a\nb */ auto s = \"q\\\"\";",
        u"MMMMMMMMMSSS\nTTT.F.TTT......KKKKKK.....NNNN....CCCCC\nCCCC\nCCCC.TTTT.....SSSSS.");
    row("python", u"@wrap\ndef f(x: int):\n    \"\"\"a\n    b\"\"\"\n    return f'{x}' # c",
        u"MMMMM\nKKK.F....TTT..\n....SSSS\nSSSSSSSS\n....KKKKKK..SSSSS.CCC");
    row("js", u"const a = `x\n${b}`; // c\nclass Foo {}", u"KKKKK.....SS\nSSSSS..CCCC\nKKKKK.TTT...");
    row("json", u"{\"key\": [1, true, \"v\"]}", u".TTTTT...N..KKKK..SSS..");
    row("bash", u"# c\nif [ \"$a\" ]; then echo $b ${c}; fi\na=b#c", u"CCC\nKK...SSSS....KKKK.TTTT.MM.MMMM..KK\n.....");
    row("sql", u"SELECT id FROM t WHERE n = 'x' -- c", u"KKKKKK....KKKK...KKKKK.....SSS.CCCC");
    row("html", u"<p class=\"a\">t</p> <!-- c\nd --> <br/>", u"KK.TTTTT.SSSK.KKKK.CCCCCC\nCCCCC.KKKKK");
    row("rust", u"fn f<'a>(s: &'a str) -> u8 { 'x' }", u"KK..............TTT.....TT...SSS..");
    row("go", u"func f() error { return `a\nb` }", u"KKKK.F...TTTTT...KKKKKK.SS\nSS..");
    row("java", u"@Override public int f() { return 1; }", u"MMMMMMMMM.KKKKKK.TTT.F.....KKKKKK.N...");
    row("yaml", u"key: value # c\n- name: 3\nurl: http://x", u"TTT........CCC\n..TTTT..N\nTTT..........");
    row("diff", u"--- a\n+++ b\n@@ 1 @@\n+new\n-old\n same", u"MMMMM\nMMMMM\nMMMMMMM\nIIII\nDDDD\n.....");
}

void TestMarkdownHighlight::languagesColourTheirParts() {
    QFETCH(QString, language);
    QFETCH(QString, code);
    QFETCH(QString, expected);
    const CodeLanguage* found = findCodeLanguage(language);
    QVERIFY(found);
    const QStringList got = colours(*found, code).split(u'\n');
    const QStringList wanted = expected.split(u'\n');
    QCOMPARE(got.size(), wanted.size());
    for (qsizetype line = 0; line < got.size(); ++line)
        QCOMPARE(code.split(u'\n')[line] + u'\n' + got[line], code.split(u'\n')[line] + u'\n' + wanted[line]);
}

void TestMarkdownHighlight::namesAreFoundWhateverTheirCase() {
    QCOMPARE(findCodeLanguage(u"C++"), findCodeLanguage(u"cpp"));
    QCOMPARE(findCodeLanguage(u" Python3 "), findCodeLanguage(u"py"));
    QVERIFY(findCodeLanguage(u"TypeScript"));
    QVERIFY(!findCodeLanguage(u""));
    QVERIFY(!findCodeLanguage(u"no-such-language"));
}

void TestMarkdownHighlight::spansStayInOrderOnAnyInput() {
    const QString alphabet = QStringLiteral("ab_1.\"'`/\\*#@$<>-+=:;(){}[]!?& \tif");
    for (quint32 seed = 1; seed <= 300; ++seed) {
        QRandomGenerator random(seed);
        for (const CodeLanguage& language : codeLanguages()) {
            HighlightState state = 0;
            for (int lineNumber = 0; lineNumber < 4; ++lineNumber) {
                QString line;
                for (int letter = random.bounded(30); letter > 0; --letter)
                    line += alphabet[random.bounded(int(alphabet.size()))];
                int at = 0;
                for (const CodeSpan& span : highlightLine(language, line, &state)) {
                    QVERIFY2(span.start >= at && span.length > 0 && span.start + span.length <= line.size(),
                             qPrintable(QStringLiteral("seed %1, line '%2'").arg(seed).arg(line)));
                    at = span.start + span.length;
                }
            }
        }
    }
}

void TestMarkdownHighlight::aMegabyteLineTakesNoLongerThanItsSize() {
    for (const CodeLanguage& language : codeLanguages()) {
        for (const QString& piece :
             {QStringLiteral("a"), QStringLiteral("\"'"), QStringLiteral("/*"), QStringLiteral("<a ")}) {
            HighlightState state = 0;
            QElapsedTimer clock;
            clock.start();
            (void)highlightLine(language, piece.repeated(200000), &state);
            QVERIFY2(clock.elapsed() < 5000, qPrintable(piece));
        }
    }
}

QTEST_APPLESS_MAIN(TestMarkdownHighlight)
#include "tst_markdown_highlight.moc"
