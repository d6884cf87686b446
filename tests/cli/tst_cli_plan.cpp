#include "cli_process.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using hearth::CliRun;
using hearth::runCli;

/// synth, plan and --lora from the outside, on a small model that synth writes.
class TestCliPlan : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void planSplitsBetweenMemoryAndDisk();
    void planRefusesNonsense_data();
    void planRefusesNonsense();
    void unknownShapeIsNamed();
    void adapterThatIsNoneIsNamed();

private:
    QTemporaryDir m_folder;
    QString m_model;
};

void TestCliPlan::initTestCase() {
    m_model = m_folder.filePath(u"small.gguf"_s);
    const CliRun run = runCli({u"synth"_s, u"granite-1b-a400m"_s, m_model, u"--layers"_s, u"1"_s, u"--experts"_s,
                               u"16"_s, u"--vocabulary"_s, u"64"_s, u"--json"_s});
    QVERIFY2(run.exitCode == 0, run.err);
    QCOMPARE(run.json().value("architecture"_L1).toString(), u"granitemoe"_s);
    QVERIFY(QFile(m_model).size() > run.json().value("tensor_bytes"_L1).toInteger());
}

void TestCliPlan::planSplitsBetweenMemoryAndDisk() {
    const QStringList speeds{u"--memory-speed"_s, u"10"_s, u"--disk-speed"_s, u"1"_s,
                             u"--context"_s,      u"64"_s, u"--json"_s};
    const CliRun fits = runCli(QStringList{u"plan"_s, m_model, u"--budget"_s, u"1GiB"_s} + speeds);
    QVERIFY2(fits.exitCode == 0, fits.err);
    QVERIFY(fits.json().value("fits_in_memory"_L1).toBool());
    const CliRun split = runCli(QStringList{u"plan"_s, m_model, u"--budget"_s, u"8MB"_s} + speeds);
    QVERIFY2(split.exitCode == 0, split.err);
    QVERIFY(!split.json().value("fits_in_memory"_L1).toBool());
    const QJsonArray places = split.json().value("places"_L1).toArray();
    QCOMPARE(places.size(), 2);
    double seconds = 0;
    for (const QJsonValue place : places)
        seconds += place["read_bytes_per_token"_L1].toDouble() / place["read_bytes_per_second"_L1].toDouble();
    QVERIFY(qFuzzyCompare(split.json().value("tokens_per_second"_L1).toDouble(), 1 / seconds));
    QVERIFY(split.json().value("explanation"_L1).toString().contains("do not fit into memory"_L1));
    QCOMPARE(split.json().value("weight_bytes"_L1), fits.json().value("weight_bytes"_L1));
}

void TestCliPlan::planRefusesNonsense_data() {
    QTest::addColumn<QString>("size");
    for (const char* size : {"", "GiB", "-1GB", "8 GiB", "8XB", "1e40GB", "nan"})
        QTest::addRow("'%s'", size) << QString::fromLatin1(size);
}

void TestCliPlan::planRefusesNonsense() {
    QFETCH(const QString, size);
    const CliRun run = runCli({u"plan"_s, m_model, u"--budget="_s + size, u"--memory-speed"_s, u"1"_s});
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains("--budget takes a size as 8GiB"), run.err);
}

void TestCliPlan::unknownShapeIsNamed() {
    const CliRun run = runCli({u"synth"_s, u"gpt-9"_s, m_folder.filePath(u"x.gguf"_s)});
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains("'gpt-9'") && run.err.contains("olmoe-1b-7b"), run.err);
    QVERIFY(!QFile::exists(m_folder.filePath(u"x.gguf"_s)));
}

void TestCliPlan::adapterThatIsNoneIsNamed() {
    const CliRun run = runCli({u"bench"_s, m_model, u"--lora"_s, m_model + u"=0.5"_s, u"--gen"_s, u"1"_s});
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains("'general.type' is '', expected 'adapter'"), run.err);
}

QTEST_APPLESS_MAIN(TestCliPlan)
#include "tst_cli_plan.moc"
