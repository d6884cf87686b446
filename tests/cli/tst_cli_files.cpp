#include "cli_process.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using hearth::CliRun;
using hearth::runCli;

namespace {

/// A small GGUF file of one metadata key and one tensor, written by hand from the format's description.
QByteArray tinyGguf() {
    QByteArray bytes("GGUF");
    const auto number = [&](auto value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); };
    const auto text = [&](const QByteArray& word) {
        number(quint64(word.size()));
        bytes.append(word);
    };
    number(quint32(3));
    number(quint64(1)); // tensors
    number(quint64(1)); // keys
    text("general.name");
    number(quint32(8)); // a string
    text("tiny \x1b[31mred");
    text("weights");
    number(quint32(2)); // dimensions
    number(quint64(4));
    number(quint64(2));
    number(quint32(0)); // F32
    number(quint64(0)); // offset
    bytes.append(QByteArray((32 - bytes.size() % 32) % 32, '\0'));
    bytes.append(QByteArray(4 * 2 * 4, '\1'));
    return bytes;
}

} // namespace

/// Files as they come: whole, missing, cut short, and of the wrong kind.
class TestCliFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void inspectShowsMetadataAndTensors();
    void inspectShowsNoTerminalCodes();
    void badModelIsNamed_data();
    void badModelIsNamed();
    void missingStarterModelIsExplained();
    void badTokensFileIsNamed_data();
    void badTokensFileIsNamed();
    void badMessagesFileIsNamed_data();
    void badMessagesFileIsNamed();
    void textThatIsNoUtf8IsNamed();
    void fullDiskIsReported();

private:
    QString write(const QString& name, const QByteArray& content) const {
        const QString path = m_folder.filePath(name);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            return {};
        return path;
    }

    QTemporaryDir m_folder;
};

void TestCliFiles::initTestCase() {
    QVERIFY(m_folder.isValid());
    QVERIFY(!write(u"tiny.gguf"_s, tinyGguf()).isEmpty());
}

void TestCliFiles::inspectShowsMetadataAndTensors() {
    const CliRun run = runCli({u"inspect"_s, m_folder.filePath(u"tiny.gguf"_s), u"--json"_s});
    QCOMPARE(run.exitCode, 0);
    const QJsonObject file = run.json();
    QCOMPARE(file.value(u"version"_s).toInt(), 3);
    QCOMPARE(file.value(u"bytes"_s).toInteger(), tinyGguf().size());
    QCOMPARE(file.value(u"metadata"_s).toObject().value(u"general.name"_s).toString(), u"tiny \u001b[31mred"_s);
    const QJsonArray tensors = file.value(u"tensors"_s).toArray();
    QCOMPARE(tensors.size(), 1);
    const QJsonObject tensor = tensors[0].toObject();
    QCOMPARE(tensor.value(u"name"_s).toString(), u"weights"_s);
    QCOMPARE(tensor.value(u"type"_s).toString(), u"F32"_s);
    QCOMPARE(tensor.value(u"shape"_s).toArray(), (QJsonArray{4, 2}));
    QCOMPARE(tensor.value(u"bytes"_s).toInt(), 32);
    QCOMPARE(tensor.value(u"offset"_s).toInteger(), tinyGguf().size() - 32);
}

void TestCliFiles::inspectShowsNoTerminalCodes() {
    const CliRun run = runCli({u"inspect"_s, m_folder.filePath(u"tiny.gguf"_s)});
    QCOMPARE(run.exitCode, 0);
    QVERIFY2(run.out.contains("general.name"), run.out);
    QVERIFY(!run.out.contains('\x1b'));
}

void TestCliFiles::badModelIsNamed_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("reason");
    const QByteArray whole = tinyGguf();
    QTest::newRow("empty") << QByteArray() << QByteArray("");
    QTest::newRow("other kind") << QByteArray(4096, 'x') << QByteArray("");
    for (const int cut : {6, 20, 30, 60, 100, 125})
        QTest::addRow("cut to %d bytes", cut) << whole.left(cut) << QByteArray("");
    QTest::newRow("tensor cut short") << whole.left(whole.size() - 1) << QByteArray("weights");
    QByteArray hostile = whole;
    hostile.replace(8, 8, QByteArray(8, '\xff')); // tensor count 2^64 - 1
    QTest::newRow("huge count") << hostile << QByteArray("");
}

void TestCliFiles::badModelIsNamed() {
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, reason);
    const QString path = write(u"bad.gguf"_s, content);
    for (const QString& command : {u"inspect"_s, u"tokenize"_s, u"chat"_s}) {
        const CliRun run = runCli({command, path});
        QCOMPARE(run.exitCode, 1);
        QVERIFY2(run.err.startsWith("hearth-cli: ") && run.err.count('\n') == 1, run.err);
        QVERIFY2(run.err.contains("bad.gguf") && run.err.contains(reason), run.err);
    }
}

void TestCliFiles::missingStarterModelIsExplained() {
    qputenv("XDG_DATA_HOME", m_folder.path().toUtf8());
    const CliRun starter = runCli({u"chat"_s, u"--prompt"_s, u"Hello"_s});
    const CliRun named = runCli({u"chat"_s, u"nowhere"_s, u"--json"_s});
    qunsetenv("XDG_DATA_HOME");
    QCOMPARE(starter.exitCode, 1);
    QVERIFY2(starter.err.contains(m_folder.path().toUtf8() + "/hearth/models"), starter.err);
    QCOMPARE(named.exitCode, 1);
    QVERIFY2(named.json().value(u"error"_s).toObject().value(u"message"_s).toString().contains(u"'nowhere'"_s),
             named.out);
}

void TestCliFiles::badTokensFileIsNamed_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("reason");
    QTest::newRow("no JSON") << QByteArray("{\"tokens\": [1, 2") << QByteArray("is no JSON");
    QTest::newRow("no UTF-8") << QByteArray("{\"a\": \"\xff\"}") << QByteArray("is not UTF-8: byte 0xff at offset 7");
    QTest::newRow("no tokens") << QByteArray("{}") << QByteArray("no list \"tokens\"");
    QTest::newRow("list") << QByteArray("[1]") << QByteArray("it holds no object");
    QTest::newRow("text") << QByteArray("{\"tokens\": [1, \"2\"]}")
                          << QByteArray("entry 1 of \"tokens\" is no whole number");
    QTest::newRow("negative") << QByteArray("{\"tokens\": [-1]}")
                              << QByteArray("entry 0 of \"tokens\" is no whole number");
    QTest::newRow("wide") << QByteArray("{\"tokens\": [4294967296]}")
                          << QByteArray("entry 0 of \"tokens\" is no whole number");
    QTest::newRow("few") << QByteArray("{\"tokens\": [1, 2]}") << QByteArray("2 tokens give no 8 rows");
    QTest::newRow("shape") << QByteArray("{\"tokens\": [1], \"logits_shape\": []}") << QByteArray("is no shape");
    QTest::newRow("context") << QByteArray("{\"tokens\": [1], \"logits_shape\": [1], \"n_ctx\": 0}")
                             << QByteArray("\"n_ctx\"");
}

void TestCliFiles::badTokensFileIsNamed() {
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, reason);
    const QString path = write(u"tokens.json"_s, content);
    const QString out = m_folder.filePath(u"out.f32"_s);
    const CliRun run = runCli({u"logits"_s, m_folder.filePath(u"tiny.gguf"_s), u"--tokens"_s, path, u"--case"_s,
                               u"prefill"_s, u"--out"_s, out});
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains("tokens.json") && run.err.contains(reason), run.err);
    QVERIFY(!QFile::exists(out));
}

void TestCliFiles::badMessagesFileIsNamed_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("no JSON") << QByteArray("[{]");
    QTest::newRow("a word") << QByteArray("\"hello\"");
    QTest::newRow("no list") << QByteArray("{\"messages\": 3}");
    QTest::newRow("too deep") << QByteArray(300000, '[');
}

void TestCliFiles::badMessagesFileIsNamed() {
    QFETCH(QByteArray, content);
    const QString path = write(u"messages.json"_s, content);
    const CliRun run = runCli({u"template"_s, m_folder.filePath(u"tiny.gguf"_s), u"--messages"_s, path});
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains("messages.json"), run.err);
}

void TestCliFiles::textThatIsNoUtf8IsNamed() {
    const QString model = hearth::sharedData().filePath(u"parity/models/llama-gqa-untied.gguf"_s);
    if (!QFile::exists(model))
        QSKIP("the reference data are not beside the source tree");
    const QString path = write(u"text.txt"_s, "good \xc3( bad");
    const CliRun file = runCli({u"tokenize"_s, model, u"--file"_s, path});
    QCOMPARE(file.exitCode, 1);
    QVERIFY2(file.err.contains("text.txt' is not UTF-8: byte 0xc3 at offset 5"), file.err);
    const CliRun input = runCli({u"tokenize"_s, model}, "\xed\xa0\x80"); // a surrogate
    QCOMPARE(input.exitCode, 1);
    QVERIFY2(input.err.contains("standard input is not UTF-8: byte 0xed at offset 0"), input.err);
}

void TestCliFiles::fullDiskIsReported() {
    const QDir parity(hearth::sharedData().filePath(u"parity/models"_s));
    if (!parity.exists() || !QFile::exists(u"/dev/full"_s))
        QSKIP("the reference data are not beside the source tree, or this system has no /dev/full");
    const CliRun run = runCli({u"logits"_s, parity.filePath(u"llama-gqa-untied.gguf"_s), u"--tokens"_s,
                               parity.filePath(u"llama-gqa-untied.tokens.json"_s), u"--case"_s, u"prefill"_s,
                               u"--out"_s, u"/dev/full"_s});
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.err.contains("'/dev/full': No space left on device"), run.err);
}

QTEST_APPLESS_MAIN(TestCliFiles)
#include "tst_cli_files.moc"
