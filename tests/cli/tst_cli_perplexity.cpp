#include "cli_process.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace Qt::StringLiterals;
using hearth::CliRun;
using hearth::runCli;

namespace {

// The beginning of chapter 2 of "Alice's Adventures in Wonderland" (Lewis Carroll, 1865; public domain).
QString text() {
    return QStringLiteral(HEARTH_SOURCE_DIR "/tests/cli/data/alice_chapter_2.txt");
}

} // namespace

/// `perplexity`, and what the other commands say of guesses and fewer experts.
class TestCliPerplexity : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithLlamaCpp_data();
    void agreesWithLlamaCpp();
    void shortTextsAreRefusedWithNumbers();
    void unknownTextsAreNamed();
    void guessesLeaveAnswersAsTheyAre();
    void nonsenseIsRefused_data();
    void nonsenseIsRefused();
    void fewerExpertsCostPerplexity();
};

void TestCliPerplexity::agreesWithLlamaCpp_data() {
    QTest::addColumn<QString>("cache");
    QTest::addColumn<double>("peer");
    // llama.cpp b11549 (October 2026, as in the package xllamacpp 2026.10.11549) on the starter model and this text:
    // 4 chunks of 512 tokens read in one batch each, 2 threads, flash attention "auto", the probabilities of tokens 257
    // to 511 of each chunk by a softmax in double. tools/perplexity counts the same.
    QTest::addRow("f16") << u"f16"_s << 20.1595740937567;
    QTest::addRow("q8_0") << u"q8_0"_s << 20.17510949989228;
}

void TestCliPerplexity::agreesWithLlamaCpp() {
    QFETCH(const QString, cache);
    QFETCH(const double, peer);
    const QString model = hearth::starterModel();
    if (model.isEmpty())
        QSKIP("the starter model is not on this machine");
    const CliRun run =
        runCli({u"perplexity"_s, model, u"--text"_s, text(), u"--ctx=512"_s, u"--kv"_s, cache, u"--json"_s});
    QVERIFY2(run.exitCode == 0, run.out + run.err);
    QCOMPARE(run.json().value(u"chunks"_s).toInt(), 4);
    QCOMPARE(run.json().value(u"counted_tokens"_s).toInt(), 1020);
    const double got = run.json().value(u"perplexity"_s).toDouble();
    QVERIFY2(std::abs(got / peer - 1) < 0.005, qPrintable(QStringLiteral("%1 instead of %2").arg(got).arg(peer)));
    QVERIFY(run.json().value(u"standard_error"_s).toDouble() > 0);
}

void TestCliPerplexity::shortTextsAreRefusedWithNumbers() {
    const QString model = hearth::starterModel();
    if (model.isEmpty())
        QSKIP("the starter model is not on this machine");
    const CliRun run = runCli({u"perplexity"_s, model, u"--text"_s, u"-"_s, u"--ctx=64"_s}, "a few words only\n");
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains("5 tokens") && run.err.contains("64"), run.err);
}

void TestCliPerplexity::unknownTextsAreNamed() {
    const CliRun run = runCli({u"perplexity"_s, u"--text"_s, u"/nowhere/at/all.txt"_s});
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains("/nowhere/at/all.txt"), run.err);
}

void TestCliPerplexity::guessesLeaveAnswersAsTheyAre() {
    const QString model = hearth::starterModel();
    if (model.isEmpty())
        QSKIP("the starter model is not on this machine");
    const QStringList question{u"chat"_s,
                               model,
                               u"--json"_s,
                               u"--temperature=0.8"_s,
                               u"--seed=5"_s,
                               u"--prompt"_s,
                               u"Say twice: the cat sat on the mat."_s,
                               u"--max-tokens=40"_s};
    const QJsonObject plain = runCli(question).json();
    for (const QString& source : {u"ngram"_s, u"draft="_s + model}) {
        const QJsonObject guessed = runCli(question + QStringList{u"--speculate"_s, source, u"--guesses=3"_s}).json();
        QVERIFY(!guessed.value(u"answer"_s).toString().isEmpty());
        QCOMPARE(guessed.value(u"answer"_s), plain.value(u"answer"_s));
        const QJsonObject counts = guessed.value(u"speculation"_s).toObject();
        QVERIFY(counts.value(u"steps"_s).toInt() <= guessed.value(u"generated_tokens"_s).toInt());
        if (source.startsWith(u"draft"_s)) // the model itself
            QVERIFY(counts.value(u"acceptance"_s).toDouble() > 0.9);
    }
}

void TestCliPerplexity::nonsenseIsRefused_data() {
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QByteArray>("says");
    QTest::addRow("an unknown source") << QStringList{u"--speculate=magic"_s} << QByteArray("draft=FILE");
    QTest::addRow("a draft without a file") << QStringList{u"--speculate=draft="_s} << QByteArray("draft=FILE");
    QTest::addRow("a draft that is not there")
        << QStringList{u"--speculate=draft=/nowhere.gguf"_s} << QByteArray("/nowhere.gguf");
    QTest::addRow("a head that is not there") << QStringList{u"--speculate=mtp"_s} << QByteArray("no head");
    QTest::addRow("experts of a dense model") << QStringList{u"--expert-threshold=0.5"_s} << QByteArray("no experts");
}

void TestCliPerplexity::nonsenseIsRefused() {
    QFETCH(const QStringList, words);
    QFETCH(const QByteArray, says);
    const QString model = hearth::starterModel();
    if (model.isEmpty())
        QSKIP("the starter model is not on this machine");
    const CliRun run = runCli(QStringList{u"bench"_s, model, u"--prompt=1"_s, u"--gen=1"_s} + words);
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains(says), run.err);
}

/// A mixture with random weights knows nothing that could be lost: what shows is that the threshold arrives.
void TestCliPerplexity::fewerExpertsCostPerplexity() {
    const QString model = hearth::sharedData().filePath(u"parity/models/olmoe.gguf"_s);
    if (!QFile::exists(model))
        QSKIP("the reference data (../shared/parity) are not here");
    const auto perplexity = [&](const char* share) {
        const CliRun run = runCli({u"perplexity"_s, model, u"--text"_s, text(), u"--ctx=64"_s, u"--json"_s,
                                   u"--expert-threshold"_s, QString::fromLatin1(share)});
        return run.exitCode == 0 ? run.json().value(u"perplexity"_s).toDouble() : -1.0;
    };
    const double all = perplexity("1");
    QVERIFY(all > 1);
    QVERIFY(perplexity("0.3") > 1);
    QVERIFY(perplexity("0.3") != all);
}

QTEST_GUILESS_MAIN(TestCliPerplexity)
#include "tst_cli_perplexity.moc"
