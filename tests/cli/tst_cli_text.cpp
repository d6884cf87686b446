#include "cli_process.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;
using hearth::CliRun;
using hearth::runCli;

/// tokenize and template, with vocabularies whose ids another engine recorded.
class TestCliText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void idsAreTheRecordedOnes_data();
    void idsAreTheRecordedOnes();
    void textComesBackFromItsIds_data();
    void textComesBackFromItsIds();
    void idsOutOfRangeAreNamed_data();
    void idsOutOfRangeAreNamed();
    void controlTokensAreReadOnlyWhenAsked();
    void templateRendersMessages();
    void templateReportsMissingOne();

private:
    QString m_model;
};

void TestCliText::initTestCase() {
    m_model = hearth::sharedData().filePath(u"parity/models/llama-gqa-untied.gguf"_s);
    if (!QFile::exists(m_model))
        QSKIP("the reference data are not beside the source tree");
}

void TestCliText::idsAreTheRecordedOnes_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("addSpecial");
    QTest::addColumn<QJsonArray>("ids");
    QFile file(hearth::sharedData().filePath(u"parity/models/llama-gqa-untied.tokens.json"_s));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonArray cases = QJsonDocument::fromJson(file.readAll()).object().value(u"text_cases"_s).toArray();
    QVERIFY(!cases.isEmpty());
    for (const QJsonValue& value : cases) {
        const QString text = value[u"text"_s].toString();
        QTest::addRow("%d: %s", int(value[u"add_special"_s].toBool()), qPrintable(text.left(30)))
            << text << value[u"add_special"_s].toBool() << value[u"ids"_s].toArray();
    }
}

void TestCliText::idsAreTheRecordedOnes() {
    QFETCH(QString, text);
    QFETCH(bool, addSpecial);
    QFETCH(QJsonArray, ids);
    QStringList arguments{u"tokenize"_s, m_model, u"--json"_s};
    if (!addSpecial)
        arguments.append(u"--no-special"_s);
    const CliRun run = runCli(arguments, text.toUtf8());
    QCOMPARE(run.exitCode, 0);
    QCOMPARE(run.json().value(u"ids"_s).toArray(), ids);
    QCOMPARE(run.json().value(u"count"_s).toInt(), int(ids.size()));
}

void TestCliText::textComesBackFromItsIds_data() {
    QTest::addColumn<QString>("text");
    QTest::newRow("words") << u"The quick brown fox"_s;
    QTest::newRow("spaces") << u"  two  spaces\n\n\ttab "_s;
    QTest::newRow("scripts") << u"Grüße, 日本語 и кириллица"_s;
    QTest::newRow("emoji") << u"👩‍👩‍👧 done"_s;
    QTest::newRow("NUL and controls") << QString::fromUtf8("a\0b\x01", 4);
}

void TestCliText::textComesBackFromItsIds() {
    QFETCH(QString, text);
    const QString starter = hearth::starterModel();
    if (starter.isEmpty())
        QSKIP("the starter model is not on this machine");
    const CliRun there = runCli({u"tokenize"_s, starter, u"--json"_s, u"--no-special"_s}, text.toUtf8());
    QCOMPARE(there.exitCode, 0);
    QStringList ids;
    for (const QJsonValue& id : there.json().value(u"ids"_s).toArray())
        ids.append(QString::number(id.toInt()));
    const CliRun back = runCli({u"tokenize"_s, starter, u"--json"_s, u"--ids"_s, ids.join(u',')});
    QCOMPARE(back.exitCode, 0);
    QCOMPARE(back.json().value(u"text"_s).toString(), text);
}

void TestCliText::idsOutOfRangeAreNamed_data() {
    QTest::addColumn<QString>("ids");
    QTest::addColumn<QByteArray>("named");
    QTest::newRow("negative") << u"-1"_s << QByteArray("'-1'");
    QTest::newRow("beyond the vocabulary") << u"1,384"_s << QByteArray("'384' is no token id between 0 and 383");
    QTest::newRow("no number") << u"1 two"_s << QByteArray("'two'");
}

void TestCliText::idsOutOfRangeAreNamed() {
    QFETCH(QString, ids);
    QFETCH(QByteArray, named);
    const CliRun run = runCli({u"tokenize"_s, m_model, u"--ids="_s + ids});
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains(named), run.err);
}

void TestCliText::controlTokensAreReadOnlyWhenAsked() {
    const QString starter = hearth::starterModel();
    if (starter.isEmpty())
        QSKIP("the starter model is not on this machine");
    const QStringList arguments{u"tokenize"_s, starter, u"--json"_s, u"--text"_s, u"<|im_start|>"_s};
    QVERIFY(runCli(arguments).json().value(u"count"_s).toInt() > 1);
    QCOMPARE(runCli(arguments + QStringList{u"--parse-special"_s}).json().value(u"count"_s).toInt(), 1);
}

void TestCliText::templateRendersMessages() {
    const QString starter = hearth::starterModel();
    if (starter.isEmpty())
        QSKIP("the starter model is not on this machine");
    const QByteArray messages = R"([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}])";
    const CliRun open = runCli({u"template"_s, starter}, messages);
    QCOMPARE(open.exitCode, 0);
    QCOMPARE(open.out, QByteArray("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
                                  "<|im_start|>assistant\n"));
    const CliRun closed = runCli({u"template"_s, starter, u"--no-generation-prompt"_s, u"--json"_s}, messages);
    QCOMPARE(closed.json().value(u"prompt"_s).toString().toUtf8(),
             QByteArray("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"));
}

void TestCliText::templateReportsMissingOne() {
    const CliRun run = runCli({u"template"_s, m_model}, R"([{"role": "user", "content": "Hi"}])");
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains("chat_template"), run.err);
}

QTEST_APPLESS_MAIN(TestCliText)
#include "tst_cli_text.moc"
