#include "cli_process.h"
#include "tests/engine/recorded_floats.h"

#include <QFile>
#include <QJsonArray>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>
#include <vector>

using namespace hearth;
using namespace Qt::StringLiterals;

namespace {

QString reference(const QString& name) {
    return sharedData().filePath(u"parity/models/"_s + name);
}

} // namespace

/// hearth-cli embed, rerank and convert, as people type them.
class TestCliEmbed : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_folder.isValid()); }
    void init() { QFile::remove(out()); }

    void writesTheVectorOfTokens_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("device");
        for (const QString& model : {u"bert-minilm-mean"_s, u"bert-bge-cls"_s, u"nomic-bert"_s, u"qwen3-embed-last"_s})
            for (const QString& device : {u"cpu"_s, u"reference"_s})
                QTest::addRow("%s %s", qPrintable(model), qPrintable(device)) << model << device;
    }

    void writesTheVectorOfTokens() {
        QFETCH(const QString, model);
        QFETCH(const QString, device);
        if (!QFile::exists(reference(model + u".gguf"_s)))
            QSKIP("the reference data (../shared/parity) are not here");
        const CliRun run =
            runCli({u"embed"_s, reference(model + u".gguf"_s), u"--tokens"_s, reference(model + u".tokens.json"_s),
                    u"--out"_s, out(), u"--no-normalise"_s, u"--device"_s, device, u"--json"_s});
        QVERIFY2(run.exitCode == 0, run.err + run.out);
        QCOMPARE(run.json()[u"device"_s].toString(), device);
        QCOMPARE(run.json()[u"shape"_s].toArray(), QJsonArray{64});
        const std::vector<float> wanted = readFloats(reference(model + u".embd.f32"_s));
        const std::vector<float> got = readFloats(out());
        QCOMPARE(got.size(), wanted.size());
        for (std::size_t column = 0; column < got.size(); ++column)
            QVERIFY(std::abs(got[column] - wanted[column]) < 2e-5F);
    }

    void aVectorHasLengthOneUnlessAskedOtherwise() {
        if (!QFile::exists(reference(u"nomic-bert.gguf"_s)))
            QSKIP("the reference data (../shared/parity) are not here");
        const CliRun run =
            runCli({u"embed"_s, reference(u"nomic-bert.gguf"_s), u"--text"_s, u"Hello world"_s, u"--out"_s, out()});
        QVERIFY2(run.exitCode == 0, run.err);
        double squares = 0;
        for (const float value : readFloats(out()))
            squares += static_cast<double>(value) * value;
        QVERIFY(std::abs(squares - 1.0) < 1e-5);
    }

    void usesTheStarterEmbeddingModel() {
        const QString data = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
        if (!QFile::exists(data + u"/hearth/models/all-MiniLM-L6-v2.gguf"_s))
            QSKIP("the starter embedding model is not here: ./dev fetches it");
        const CliRun run = runCli({u"embed"_s, u"--text"_s, u"a cat"_s, u"--out"_s, out(), u"--json"_s});
        QVERIFY2(run.exitCode == 0, run.err + run.out);
        QCOMPARE(run.json()[u"model"_s].toString(), u"all-MiniLM-L6-v2"_s);
        QCOMPARE(readFloats(out()).size(), std::size_t{384});
    }

    void namesWhatIsWrong_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("named");
        const QString model = reference(u"nomic-bert.gguf"_s);
        QTest::newRow("nothing to embed")
            << QStringList{u"embed"_s, model, u"--out"_s, out()} << QByteArray("either --text or --tokens");
        QTest::newRow("two things to embed")
            << QStringList{u"embed"_s, model, u"--text"_s, u"a"_s, u"--tokens"_s, u"b"_s, u"--out"_s, out()}
            << QByteArray("either --text or --tokens");
        QTest::newRow("no place for it") << QStringList{u"embed"_s, model, u"--text"_s, u"a"_s} << QByteArray("--out");
        QTest::newRow("a model of vectors as a reranker")
            << QStringList{u"rerank"_s, model, u"--query"_s, u"a"_s, u"--document"_s, u"b"_s}
            << QByteArray("makes vectors");
        QTest::newRow("an encoder asked for logits")
            << QStringList{u"logits"_s, model,        u"--tokens"_s, reference(u"nomic-bert.tokens.json"_s),
                           u"--case"_s, u"prefill"_s, u"--out"_s,    out()}
            << QByteArray("is an encoder");
        QTest::newRow("a folder that is not there")
            << QStringList{u"convert"_s, u"/nowhere"_s, out()} << QByteArray("/nowhere/config.json");
        QTest::newRow("a conversion without a target")
            << QStringList{u"convert"_s, u"/nowhere"_s} << QByteArray("a folder and the file to write");
    }

    void namesWhatIsWrong() {
        QFETCH(const QStringList, arguments);
        QFETCH(const QByteArray, named);
        if (arguments.contains(reference(u"nomic-bert.gguf"_s)) && !QFile::exists(reference(u"nomic-bert.gguf"_s)))
            QSKIP("the reference data (../shared/parity) are not here");
        const CliRun run = runCli(arguments);
        QVERIFY(run.exitCode == 1 || run.exitCode == 2);
        QVERIFY2(run.err.contains(named), run.err);
        QVERIFY(!QFile::exists(out()));
    }

private:
    QString out() const { return m_folder.filePath(u"vector.f32"_s); }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestCliEmbed)
#include "tst_cli_embed.moc"
