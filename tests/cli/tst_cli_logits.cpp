#include "cli_process.h"
#include "tests/engine/recorded_floats.h"

#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <span>
#include <vector>

using namespace Qt::StringLiterals;
using hearth::CliRun;
using hearth::readFloats;
using hearth::relativeError;
using hearth::runCli;

namespace {

/// The reference lies within 1.5e-6 of exact arithmetic, and another order of float32 sums moves the logits of these
/// depths by less than this; a wrong or missing step of the model moves them by 1e-2 or more.
constexpr double kTolerance = 1e-5;

} // namespace

/// The engine's logits against those that another engine recorded, file by file, through the program itself.
class TestCliLogits : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void logitsAgreeWithTheRecordedOnes_data();
    void logitsAgreeWithTheRecordedOnes();

private:
    QTemporaryDir m_folder;
};

void TestCliLogits::initTestCase() {
    QVERIFY(m_folder.isValid());
    if (!hearth::sharedData().exists(u"parity"_s))
        QSKIP("the reference data are not beside the source tree");
}

void TestCliLogits::logitsAgreeWithTheRecordedOnes_data() {
    QTest::addColumn<QString>("description"); // the tokens file
    QTest::addColumn<QString>("caseName");
    QTest::addColumn<QString>("device");
    QTest::addColumn<QString>("referenceKey"); // of the tokens file: which recorded dump
    const QDir models(hearth::sharedData().filePath(u"parity/models"_s));
    // Mixtral's files are of the llama family too, with experts.
    for (const QString& name : models.entryList({u"llama-*.tokens.json"_s, u"mixtral-*.tokens.json"_s}, QDir::Files)) {
        for (const QString& device : {u"reference"_s, u"cpu"_s}) {
            QTest::addRow("%s prefill %s", qPrintable(name), qPrintable(device))
                << models.filePath(name) << u"prefill"_s << device << u"logits_file"_s;
            QTest::addRow("%s decode %s", qPrintable(name), qPrintable(device))
                << models.filePath(name) << u"decode"_s << device << u"decode_file"_s;
        }
    }
    // Every further case, where a model has it: pieces, embeddings at places, the head for a further token.
    for (const QString& name : {u"qwen35-mtp"_s, u"qwen3vlmoe"_s}) {
        const QString tokens = models.filePath(name + u".tokens.json"_s);
        for (const QString& caseName : {u"chunked"_s, u"mrope"_s, u"mtp"_s})
            if (QFile::exists(models.filePath(name + u'.' + caseName + u".f32"_s)))
                QTest::addRow("%s %s", qPrintable(name), qPrintable(caseName))
                    << tokens << caseName << u"cpu"_s << caseName + u"_file"_s;
    }
    // Only the reference expands quantised weights and keeps everything in float, as these dumps do.
    const QDir quants(hearth::sharedData().filePath(u"parity/quants"_s));
    for (const QString& name : quants.entryList({u"q256-llama*.tokens.json"_s}, QDir::Files))
        QTest::addRow("%s prefill reference", qPrintable(name))
            << quants.filePath(name) << u"prefill"_s << u"reference"_s << u"deq_logits_file"_s;
}

void TestCliLogits::logitsAgreeWithTheRecordedOnes() {
    QFETCH(QString, description);
    QFETCH(QString, caseName);
    QFETCH(QString, device);
    QFETCH(QString, referenceKey);
    QFile file(description);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonObject recorded = QJsonDocument::fromJson(file.readAll()).object();
    const QDir folder = QFileInfo(description).dir();
    const QString out = m_folder.filePath(u"logits.f32"_s);
    const CliRun run =
        runCli({u"logits"_s, folder.filePath(recorded.value(u"model"_s).toString()), u"--tokens"_s, description,
                u"--case"_s, caseName, u"--out"_s, out, u"--kv"_s, u"f32"_s, u"--device"_s, device});
    QVERIFY2(run.exitCode == 0, run.err);
    const std::vector<float> reference = readFloats(folder.filePath(recorded.value(referenceKey).toString()));
    const std::vector<float> got = readFloats(out);
    QVERIFY(!reference.empty());
    QCOMPARE(got.size(), reference.size());
    const double error = relativeError(reference, got);
    QVERIFY2(error <= kTolerance, qPrintable(u"relative error %1"_s.arg(error))); // a NaN fails too
}

QTEST_APPLESS_MAIN(TestCliLogits)
#include "tst_cli_logits.moc"
