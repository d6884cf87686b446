#include "cli_process.h"

#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/types.h>

using namespace Qt::StringLiterals;
using hearth::CliRun;
using hearth::runCli;

namespace {

void writeFile(const QString& path, const QByteArray& content) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(content), qint64{content.size()});
}

} // namespace

/// Real text from the starter model.
class TestCliChat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void capitalOfFranceIsParis();
    void greedyAnswersRepeat();
    void seededAnswersRepeat();
    void promptsHoldTheConversation();
    void savedConversationsAreNotReadAgain();
    void stopStringEndsTheAnswer();
    void longAnswersAreCutAtTheLimit();
    void interruptStopsTheAnswerOnly();
    void invalidPromptIsNamed();
    void answersKeepToASchema();
    void answersKeepToAGrammar();
    void wrongGrammarsAreNamed();
    void benchMeasures();

private:
    /// One greedy answer as JSON.
    QJsonObject ask(const QStringList& more) const {
        const CliRun run = runCli(QStringList{u"chat"_s, m_model, u"--json"_s} + more);
        return run.exitCode == 0 ? run.json() : QJsonObject();
    }

    QString m_model;
};

void TestCliChat::initTestCase() {
    m_model = hearth::starterModel();
    if (m_model.isEmpty())
        QSKIP("the starter model is not on this machine");
}

void TestCliChat::capitalOfFranceIsParis() {
    const QJsonObject answer = ask(
        {u"--temperature"_s, u"0"_s, u"--max-tokens"_s, u"64"_s, u"--prompt"_s, u"What is the capital of France?"_s});
    QVERIFY2(answer.value(u"answer"_s).toString().contains(u"Paris"_s), QJsonDocument(answer).toJson());
    QCOMPARE(answer.value(u"stop_reason"_s).toString(), u"end"_s);
    QVERIFY(answer.value(u"tokens_per_second"_s).toDouble() > 0);
    QVERIFY(answer.value(u"prompt_tokens"_s).toInt() > 5);
}

void TestCliChat::greedyAnswersRepeat() {
    const QStringList question{u"--temperature=0"_s, u"--max-tokens=24"_s, u"--prompt"_s, u"Tell me of the sea."_s};
    const QString first = ask(question).value(u"answer"_s).toString();
    QVERIFY(!first.isEmpty());
    QCOMPARE(ask(question).value(u"answer"_s).toString(), first);
    QCOMPARE(ask(question + QStringList{u"--threads=1"_s}).value(u"answer"_s).toString(), first);
}

void TestCliChat::seededAnswersRepeat() {
    const QStringList question{u"--temperature=1.5"_s, u"--max-tokens=24"_s, u"--prompt"_s, u"Tell me of the sea."_s};
    const QString first = ask(question + QStringList{u"--seed=7"_s}).value(u"answer"_s).toString();
    QVERIFY(!first.isEmpty());
    QCOMPARE(ask(question + QStringList{u"--seed=7"_s}).value(u"answer"_s).toString(), first);
    QVERIFY(ask(question + QStringList{u"--seed=8"_s}).value(u"answer"_s).toString() != first);
}

void TestCliChat::promptsHoldTheConversation() {
    const CliRun run = runCli({u"chat"_s, m_model, u"--json"_s, u"--temperature=0"_s, u"--max-tokens=8"_s},
                              "My name is Ottilie.\nWhat is my name?\n");
    QCOMPARE(run.exitCode, 0);
    QCOMPARE(run.out.count('\n'), 2);
    const QJsonObject first = QJsonDocument::fromJson(run.out.left(run.out.indexOf('\n'))).object();
    const QJsonObject second = run.json();
    const int before = first.value(u"prompt_tokens"_s).toInt() + first.value(u"generated_tokens"_s).toInt();
    QVERIFY2(second.value(u"prompt_tokens"_s).toInt() > before, run.out);
    // The second prompt begins with the first one and its answer, whose pages stand in the cache still.
    QVERIFY2(second.value(u"reused_tokens"_s).toInt() >= first.value(u"prompt_tokens"_s).toInt(), run.out);
}

void TestCliChat::savedConversationsAreNotReadAgain() {
    const QTemporaryDir folder;
    const QString session = folder.filePath(u"chat.kv"_s);
    const QStringList question{u"--prompt"_s,      u"Name three rivers of Europe."_s,
                               u"--temperature"_s, u"0"_s,
                               u"--max-tokens"_s,  u"12"_s,
                               u"--session"_s,     session};
    const QJsonObject first = ask(question);
    QCOMPARE(first[u"reused_tokens"].toInt(), 0);
    QVERIFY(QFile::exists(session));
    const QJsonObject second = ask(question);
    QCOMPARE(second[u"reused_tokens"].toInt(), second[u"prompt_tokens"].toInt() - 1);
    QCOMPARE(second[u"answer"].toString(), first[u"answer"].toString());
    // Another kind of cache cannot use the file: that is said, and the answer comes all the same.
    const CliRun other = runCli(QStringList{u"chat"_s, m_model, u"--json"_s, u"--kv"_s, u"q8_0"_s} + question);
    QCOMPARE(other.exitCode, 0);
    QVERIFY2(other.err.contains("is read again"), other.err.constData());
    QCOMPARE(other.json()[u"reused_tokens"].toInt(), 0);
}

void TestCliChat::stopStringEndsTheAnswer() {
    const QJsonObject answer = ask({u"--temperature=0"_s, u"--max-tokens=64"_s, u"--stop"_s, u"Paris"_s, u"--prompt"_s,
                                    u"What is the capital of France?"_s});
    QCOMPARE(answer.value(u"stop_reason"_s).toString(), u"stop_string"_s);
    QVERIFY(!answer.value(u"answer"_s).toString().contains(u"Paris"_s));
}

void TestCliChat::longAnswersAreCutAtTheLimit() {
    const QJsonObject answer = ask({u"--max-tokens=5"_s, u"--prompt"_s, u"Tell me a long story."_s});
    QCOMPARE(answer.value(u"stop_reason"_s).toString(), u"max_tokens"_s);
    QCOMPARE(answer.value(u"generated_tokens"_s).toInt(), 5);
}

void TestCliChat::interruptStopsTheAnswerOnly() {
    QProcess process;
    process.start(hearth::cliProgram(), {u"chat"_s, m_model, u"--temperature=0"_s, u"--raw"_s});
    QVERIFY(process.waitForStarted());
    process.write("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
    QVERIFY(process.waitForReadyRead(60000)); // it has begun to answer
    QCOMPARE(::kill(static_cast<pid_t>(process.processId()), SIGINT), 0);
    process.closeWriteChannel();
    QVERIFY(process.waitForFinished(30000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 0);
    const QByteArray out = process.readAllStandardOutput();
    QVERIFY2(out.endsWith('\n') && out.size() < 8192, out); // the context would have held far more
}

void TestCliChat::answersKeepToASchema() {
    QTemporaryDir folder;
    const QString schema = folder.filePath(u"schema.json"_s);
    writeFile(schema,
              R"({"type":"object","properties":{"city":{"type":"string","maxLength":20},"rivers":{"type":"integer",
                          "minimum":1,"maximum":9}},"required":["city","rivers"]})");
    for (const QString& temperature : {u"0"_s, u"1.5"_s}) {
        const QJsonObject answer = ask({u"--temperature"_s, temperature, u"--seed=5"_s, u"--max-tokens=96"_s,
                                        u"--json-schema"_s, schema, u"--prompt"_s, u"Tell me of Paris."_s});
        QCOMPARE(answer.value(u"stop_reason"_s).toString(), u"end"_s);
        const QJsonObject document = QJsonDocument::fromJson(answer.value(u"answer"_s).toString().toUtf8()).object();
        QCOMPARE(document.size(), 2);
        QVERIFY(document.value(u"city"_s).isString());
        QVERIFY(document.value(u"rivers"_s).toInt() >= 1 && document.value(u"rivers"_s).toInt() <= 9);
    }
}

void TestCliChat::answersKeepToAGrammar() {
    QTemporaryDir folder;
    const QString grammar = folder.filePath(u"answer.gbnf"_s);
    writeFile(grammar, "root ::= (\"yes\" | \"no\") \"!\"");
    const QString answer = ask({u"--temperature=2"_s, u"--grammar"_s, grammar, u"--prompt"_s, u"Is water wet?"_s})
                               .value(u"answer"_s)
                               .toString();
    QVERIFY2(answer == u"yes!"_s || answer == u"no!"_s, qPrintable(answer));
}

void TestCliChat::wrongGrammarsAreNamed() {
    QTemporaryDir folder;
    const QString grammar = folder.filePath(u"broken.gbnf"_s);
    writeFile(grammar, "root ::= (");
    const CliRun run = runCli({u"chat"_s, m_model, u"--grammar"_s, grammar, u"--prompt"_s, u"x"_s});
    QVERIFY(run.exitCode != 0);
    QVERIFY2(run.err.contains("broken.gbnf: grammar: line 1, column 11: expected ')'"), run.err);
    const CliRun both = runCli({u"chat"_s, m_model, u"--grammar"_s, grammar, u"--json-schema"_s, grammar});
    QVERIFY2(both.err.contains("exclude each other"), both.err);
}

void TestCliChat::invalidPromptIsNamed() {
    // Not through QProcess's QString arguments, which would repair it.
    const CliRun run = runCli({u"chat"_s, m_model}, "Hello \xff\n");
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains("the prompt is not UTF-8: byte 0xff at offset 6"), run.err);
}

void TestCliChat::benchMeasures() {
    const CliRun run =
        runCli({u"bench"_s, m_model, u"--json"_s, u"--prompt=32"_s, u"--gen=8"_s, u"--depth=64"_s, u"--repeat=2"_s});
    QVERIFY2(run.exitCode == 0, run.err);
    const QJsonObject bench = run.json();
    QVERIFY2(bench.value(u"prompt_tokens_per_second"_s).toDouble() > 0, run.out);
    QVERIFY2(bench.value(u"decode_tokens_per_second"_s).toDouble() > 0, run.out);
    const double bytes = bench.value(u"bytes_per_token"_s).toDouble();
    const double fileBytes = bench.value(u"file_bytes"_s).toDouble();
    QVERIFY2(bytes > 0.8 * fileBytes && bytes < 1.2 * fileBytes, run.out); // a dense model with tied embeddings
    const double fraction = bench.value(u"decode_bandwidth_fraction"_s).toDouble();
    QVERIFY2(fraction > 0 && fraction < 2, run.out);
}

QTEST_APPLESS_MAIN(TestCliChat)
#include "tst_cli_chat.moc"
