#include "cli_process.h"

#include <QJsonObject>
#include <QTest>

using namespace Qt::StringLiterals;
using hearth::CliRun;
using hearth::runCli;

/// Words on the command line: what is understood, and what is said where it is not.
class TestCliUsage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyCommandExplainsItself_data();
    void everyCommandExplainsItself();
    void overviewNamesEveryCommand();
    void versionIsPrinted();
    void wrongUsageIsNamed_data();
    void wrongUsageIsNamed();
    void wrongUsageIsJsonWhenAsked();
};

namespace {

QStringList commands() {
    return {u"chat"_s, u"tokenize"_s, u"template"_s, u"logits"_s, u"bench"_s, u"inspect"_s};
}

} // namespace

void TestCliUsage::everyCommandExplainsItself_data() {
    QTest::addColumn<QString>("command");
    for (const QString& command : commands())
        QTest::newRow(qPrintable(command)) << command;
}

void TestCliUsage::everyCommandExplainsItself() {
    QFETCH(QString, command);
    const CliRun run = runCli({command, u"--help"_s});
    QCOMPARE(run.exitCode, 0);
    QVERIFY2(run.out.startsWith("Usage: hearth-cli " + command.toUtf8() + " "), run.out);
    QVERIFY2(run.out.contains("--json"), run.out);
    QVERIFY(run.err.isEmpty());
}

void TestCliUsage::overviewNamesEveryCommand() {
    const CliRun run = runCli({u"--help"_s});
    QCOMPARE(run.exitCode, 0);
    for (const QString& command : commands())
        QVERIFY2(run.out.contains("\n  " + command.toUtf8() + " "), run.out);
}

void TestCliUsage::versionIsPrinted() {
    const CliRun run = runCli({u"--version"_s});
    QCOMPARE(run.exitCode, 0);
    QVERIFY2(run.out.startsWith("hearth-cli "), run.out);
}

void TestCliUsage::wrongUsageIsNamed_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("named");
    const auto row = [](const char* name, const QStringList& arguments, const char* named) {
        QTest::newRow(name) << arguments << QByteArray(named);
    };
    row("no command", {}, "no command");
    row("unknown command", {u"sing"_s}, "there is no command 'sing'");
    row("unknown option", {u"chat"_s, u"--volume"_s, u"3"_s}, "unknown option --volume");
    row("missing value", {u"chat"_s, u"--seed"_s}, "--seed needs a value");
    row("no number", {u"chat"_s, u"--seed"_s, u"one"_s}, "--seed takes a whole number, not 'one'");
    row("half a number", {u"chat"_s, u"--top-k"_s, u"1.5"_s}, "--top-k takes a whole number, not '1.5'");
    row("number with a tail", {u"chat"_s, u"--temperature=1x"_s}, "--temperature takes a number, not '1x'");
    row("not a number", {u"chat"_s, u"--temperature=nan"_s}, "--temperature is between 0 and 100");
    row("too large", {u"bench"_s, u"--threads"_s, u"4096"_s}, "--threads is between 0 and 1024, not 4096");
    row("far too large", {u"bench"_s, u"--threads"_s, u"99999999999999999999"_s}, "--threads takes a whole number");
    row("negative", {u"bench"_s, u"--gen"_s, u"-1"_s}, "--gen is between 0 and");
    row("value for a flag", {u"inspect"_s, u"--full=yes"_s}, "--full takes no value");
    row("no such choice", {u"logits"_s, u"--case"_s, u"both"_s},
        "--case is prefill|decode|chunked|mrope|mtp, not 'both'");
    row("missing option", {u"logits"_s, u"--case"_s, u"decode"_s, u"--out"_s, u"x"_s}, "--tokens FILE is missing");
    row("two models", {u"inspect"_s, u"a.gguf"_s, u"b.gguf"_s}, "'b.gguf' is one argument too many");
}

void TestCliUsage::wrongUsageIsNamed() {
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, named);
    const CliRun run = runCli(arguments);
    QCOMPARE(run.exitCode, 2);
    QVERIFY(run.out.isEmpty());
    QVERIFY2(run.err.startsWith("hearth-cli: " + named) || run.err.contains(named), run.err);
}

void TestCliUsage::wrongUsageIsJsonWhenAsked() {
    const CliRun run = runCli({u"chat"_s, u"--json"_s, u"--volume"_s, u"3"_s});
    QCOMPARE(run.exitCode, 2);
    const QJsonObject error = run.json().value(u"error"_s).toObject();
    QCOMPARE(error.value(u"message"_s).toString(), u"unknown option --volume"_s);
    QVERIFY(!error.value(u"code"_s).toString().isEmpty());
    QVERIFY(run.err.isEmpty());
}

QTEST_APPLESS_MAIN(TestCliUsage)
#include "tst_cli_usage.moc"
