#include "engine/text/unicode.h"

#include <QString>
#include <QTest>

#include <random>

using namespace hearth;

class TestUnicode : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void classesFollowTheDatabase_data();
    void classesFollowTheDatabase();
    void whiteSpaceIsTheProperty();
    void lowercaseIsTheSimpleMapping();
    void decompositionGivesTheBaseLetter();
    void everyCodePointSurvivesEncodingAndDecoding();
    void brokenSequencesTakeOneByteEach_data();
    void brokenSequencesTakeOneByteEach();
    void randomBytesDecodeToTheirEnd();
};

void TestUnicode::classesFollowTheDatabase_data() {
    QTest::addColumn<uint>("codePoint");
    QTest::addColumn<int>("expected");
    const auto row = [](const char* name, char32_t codePoint, UnicodeClass expected) {
        QTest::newRow(name) << static_cast<uint>(codePoint) << static_cast<int>(expected);
    };
    row("A", U'A', UnicodeClass::Letter);
    row("digit", U'7', UnicodeClass::Number);
    row("dollar", U'$', UnicodeClass::Symbol);
    row("underscore", U'_', UnicodeClass::Punctuation);
    row("space", U' ', UnicodeClass::Separator);
    row("newline", U'\n', UnicodeClass::Other);
    row("one half", 0xbd, UnicodeClass::Number);
    row("combining acute", 0x301, UnicodeClass::Mark);
    row("Thai vowel", 0xe31, UnicodeClass::Mark);
    row("zero width joiner", 0x200d, UnicodeClass::Other);
    row("Han", 0x6f22, UnicodeClass::Letter);
    row("first Hangul", 0xac00, UnicodeClass::Letter);
    row("surrogate", 0xd800, UnicodeClass::Other);
    row("private use", 0xe000, UnicodeClass::Other);
    row("not a character", 0xffff, UnicodeClass::Unassigned);
    row("emoji", 0x1f999, UnicodeClass::Symbol);
    row("new in Unicode 15", 0x1fae8, UnicodeClass::Symbol);
    row("new in Unicode 15.1", 0x2ebf0, UnicodeClass::Letter);
    row("last", 0x10ffff, UnicodeClass::Unassigned);
    row("beyond the last", 0x110000, UnicodeClass::Unassigned);
}

void TestUnicode::classesFollowTheDatabase() {
    QFETCH(uint, codePoint);
    QFETCH(int, expected);
    QCOMPARE(static_cast<int>(classOf(codePoint)), expected);
}

void TestUnicode::whiteSpaceIsTheProperty() {
    QString found;
    for (char32_t codePoint = 0; codePoint < 0x110000; ++codePoint)
        if (isWhiteSpace(codePoint))
            found += QString::number(codePoint, 16) + QLatin1Char(' ');
    QCOMPARE(found, QStringLiteral("9 a b c d 20 85 a0 1680 2000 2001 2002 2003 2004 2005 2006 2007 2008 2009 200a "
                                   "2028 2029 202f 205f 3000 "));
}

void TestUnicode::lowercaseIsTheSimpleMapping() {
    QCOMPARE(toLowercase(U'A'), U'a');
    QCOMPARE(toLowercase(U'['), U'[');
    QCOMPARE(toLowercase(U'\u00c9'), U'\u00e9');
    QCOMPARE(toLowercase(U'\u0130'), U'i');
    QCOMPARE(toLowercase(U'\u01c5'), U'\u01c6');
    QCOMPARE(toLowercase(U'\u0416'), U'\u0436');
    QCOMPARE(toLowercase(U'\U00010400'), U'\U00010428');
    // Qt's own tables are of another version: only what both know is compared.
    for (char32_t codePoint = 0; codePoint < 0x20000; ++codePoint)
        if (QChar::unicodeVersion(codePoint) != QChar::Unicode_Unassigned && codePoint != U'\u0130')
            QCOMPARE(static_cast<uint>(toLowercase(codePoint)), static_cast<uint>(QChar::toLower(codePoint)));
}

void TestUnicode::decompositionGivesTheBaseLetter() {
    QCOMPARE(firstOfDecomposition(U'e'), U'e');
    QCOMPARE(firstOfDecomposition(U'\u00e9'), U'e');
    QCOMPARE(firstOfDecomposition(U'\u01d6'), U'u');
    QCOMPARE(firstOfDecomposition(U'\u1ec7'), U'e');
    QCOMPARE(firstOfDecomposition(U'\ud55c'), U'\u1112');
    // Compatibility forms stay.
    QCOMPARE(firstOfDecomposition(U'\ufb01'), U'\ufb01');
    for (char32_t codePoint = 0x80; codePoint < 0x20000; ++codePoint) {
        if (QChar::isSurrogate(codePoint) || QChar::unicodeVersion(codePoint) == QChar::Unicode_Unassigned)
            continue;
        const QString decomposed =
            QString::fromUcs4(&codePoint, 1).normalized(QString::NormalizationForm_D, QChar::currentUnicodeVersion());
        const QList<uint> points = decomposed.toUcs4();
        // Qt takes U+FEFF for a mark of the byte order and drops it.
        if (!points.isEmpty())
            QCOMPARE(static_cast<uint>(firstOfDecomposition(codePoint)), points.first());
    }
}

void TestUnicode::everyCodePointSurvivesEncodingAndDecoding() {
    for (char32_t codePoint = 0; codePoint < 0x110000; ++codePoint) {
        std::string text;
        appendUtf8(text, codePoint);
        const DecodedCodePoint decoded = decodeUtf8(text, 0);
        if (!decoded.valid || decoded.codePoint != codePoint || decoded.sizeBytes != text.size()
            || utf8Length(text[0]) != text.size())
            QFAIL(QByteArray::number(static_cast<uint>(codePoint), 16).constData());
    }
}

void TestUnicode::brokenSequencesTakeOneByteEach_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    QTest::newRow("continuation alone") << QByteArray("a\x80z") << QStringLiteral("61 fffd 7a");
    QTest::newRow("cut at the end") << QByteArray("\xe6\xbc") << QStringLiteral("fffd fffd");
    QTest::newRow("cut by a letter") << QByteArray("\xc3(") << QStringLiteral("fffd 28");
    QTest::newRow("byte that begins nothing") << QByteArray("\xf8\xff") << QStringLiteral("fffd fffd");
    QTest::newRow("overlong") << QByteArray("\xc1\x81") << QStringLiteral("41");
    QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << QStringLiteral("d800");
}

void TestUnicode::brokenSequencesTakeOneByteEach() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, expected);
    QStringList found;
    for (const char32_t codePoint :
         codePointsOf(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size()))))
        found += QString::number(codePoint, 16);
    QCOMPARE(found.join(QLatin1Char(' ')), expected);
}

void TestUnicode::randomBytesDecodeToTheirEnd() {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(random() % 40, '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(random());
        std::size_t offset = 0;
        while (offset < bytes.size())
            offset += decodeUtf8(bytes, offset).sizeBytes;
        QCOMPARE(offset, bytes.size());
    }
}

QTEST_APPLESS_MAIN(TestUnicode)
#include "tst_unicode.moc"
