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

QTEST_APPLESS_MAIN(TestMarkdownStream)
#include "tst_markdown_stream.moc"
