#include "engine/gguf/gguf_file.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"
#include "engine/synth/random_blocks.h"
#include "engine/synth/synthetic_model.h"
#include "kernels/quant/dequantise.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace hearth;
using namespace Qt::StringLiterals;

namespace {

constexpr float kSpread = 0.02F;

QString synthDir() {
    return QStringLiteral(HEARTH_SHARED_DIR "/synth");
}

/// A shape with as few layers, experts and tokens as it can have.
SyntheticChoice smallest(std::string_view shape) {
    SyntheticChoice choice{.shape = std::string(shape), .layers = 1, .vocabulary = 96};
    if (shape.find("qwen3") == 0 || shape.find("granite") == 0 || shape.find("olmoe") == 0)
        choice.experts = 8;
    if (shape.find("deepseek") == 0) {
        choice.layers = 2; // the first has no experts
        choice.experts = 6;
    }
    if (shape.find("gpt-oss") == 0) {
        choice.experts = 4;
        choice.types = "MXFP4";
    }
    return choice;
}

QByteArray bytesOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestSyntheticModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void blocksHaveTheSpreadAskedFor_data();
    void blocksHaveTheSpreadAskedFor();
    void piecesGiveWhatTheWholeGives();
    void everyShapeRuns_data();
    void everyShapeRuns();
    void theSameModelHasTheSameBytes();
    void typesAreThoseOfARealMix();
    void tensorsAreThoseOfTheScript_data();
    void tensorsAreThoseOfTheScript();
    void whatIsNotThereIsNamed();
    void whatWasStoppedLeavesNothing();

private:
    QTemporaryDir m_folder;
};

void TestSyntheticModel::blocksHaveTheSpreadAskedFor_data() {
    QTest::addColumn<int>("dtype");
    for (const DTypeInfo& info : allDTypes())
        if (canFillRandomly(info.dtype))
            QTest::addRow("%s", std::string(info.name).c_str()) << static_cast<int>(info.dtype);
}

void TestSyntheticModel::blocksHaveTheSpreadAskedFor() {
    QFETCH(const int, dtype);
    constexpr std::int64_t kNumbers = 65536;
    const auto type = static_cast<DType>(dtype);
    std::vector<std::byte> blocks(rowBytes(type, kNumbers));
    fillRandomBlocks(type, 7, 0, kSpread, blocks);
    std::vector<float> numbers(kNumbers);
    dequantiseRow(type, blocks.data(), kNumbers, numbers.data());
    double sum = 0;
    double squares = 0;
    for (const float number : numbers) {
        QVERIFY(std::isfinite(number));
        sum += number;
        squares += double{number} * number;
    }
    const double mean = sum / kNumbers;
    const double spread = std::sqrt(squares / kNumbers - mean * mean);
    // Q4_0 and its like reach one step further down than up, which moves the mean by half a step: 0.11 of the spread.
    QVERIFY2(std::abs(mean) < 0.12 * kSpread, qPrintable(QString::number(mean)));
    const double allowed = type == DType::MXFP4 ? 0.45 : 0.1; // MXFP4 has powers of two for scales
    QVERIFY2(std::abs(spread / kSpread - 1) < allowed, qPrintable(QString::number(spread)));
}

void TestSyntheticModel::piecesGiveWhatTheWholeGives() {
    constexpr std::size_t kBlock = 144;
    std::vector<std::byte> whole(kBlock * 10);
    fillRandomBlocks(DType::Q4_K, 3, 0, kSpread, whole);
    std::vector<std::byte> pieces(whole.size());
    fillRandomBlocks(DType::Q4_K, 3, 0, kSpread, std::span(pieces).first(kBlock * 4));
    fillRandomBlocks(DType::Q4_K, 3, 4, kSpread, std::span(pieces).subspan(kBlock * 4));
    QVERIFY(pieces == whole);
    fillRandomBlocks(DType::Q4_K, 4, 0, kSpread, pieces);
    QVERIFY(pieces != whole);
}

void TestSyntheticModel::everyShapeRuns_data() {
    QTest::addColumn<QString>("shape");
    for (const std::string_view shape : syntheticShapes())
        QTest::addRow("%s", std::string(shape).c_str())
            << QString::fromLatin1(shape.data(), static_cast<qsizetype>(shape.size()));
}

void TestSyntheticModel::everyShapeRuns() {
    QFETCH(const QString, shape);
    const auto model = describeSynthetic(smallest(shape.toStdString()));
    QVERIFY2(model.ok(), model.ok() ? "" : model.error().message.c_str());
    const std::string path = m_folder.filePath(shape + u".gguf"_s).toStdString();
    QVERIFY(writeSynthetic(*model, path, {}, {}).ok());
    const auto file = GgufFile::open(path);
    QVERIFY2(file.ok(), file.ok() ? "" : file.error().message.c_str());
    auto backend = openDevice("cpu", 2);
    QVERIFY(backend.ok());
    const auto decoder = Decoder::create(**file, std::move(backend).value(), {128, 4, DType::F16});
    QVERIFY2(decoder.ok(), decoder.ok() ? "" : decoder.error().message.c_str());
    const std::vector<TokenId> tokens{1, 50, 3, 7, 90, 2};
    const auto logits = (*decoder)->score(tokens, 2, 1, {});
    QVERIFY2(logits.ok(), logits.ok() ? "" : logits.error().message.c_str());
    QVERIFY(std::ranges::all_of(*logits, [](float logit) { return std::isfinite(logit); }));
    QVERIFY(std::ranges::adjacent_find(*logits, std::not_equal_to{}) != logits->end());
    QFile::remove(QString::fromStdString(path));
}

void TestSyntheticModel::theSameModelHasTheSameBytes() {
    const auto model = describeSynthetic({.shape = "smollm2-135m", .layers = 1, .vocabulary = 32});
    QVERIFY(model.ok());
    QVERIFY(writeSynthetic(*model, m_folder.filePath(u"one"_s).toStdString(), {}, {}).ok());
    QVERIFY(writeSynthetic(*model, m_folder.filePath(u"two"_s).toStdString(), {}, {}).ok());
    const QByteArray one = bytesOf(m_folder.filePath(u"one"_s));
    QVERIFY(static_cast<std::uint64_t>(one.size()) > model->sizeBytes());
    QVERIFY(one == bytesOf(m_folder.filePath(u"two"_s)));
}

/// The mixes as the quantiser of another engine chose them for the real models.
void TestSyntheticModel::typesAreThoseOfARealMix() {
    const QByteArray bytes = bytesOf(synthDir() + u"/types.json"_s);
    if (bytes.isEmpty())
        QSKIP("the reference data (../shared/synth) are not here");
    const QJsonObject shapes = QJsonDocument::fromJson(bytes).object();
    QVERIFY(shapes.size() >= 7);
    for (auto shape = shapes.begin(); shape != shapes.end(); ++shape) {
        const QJsonObject types = shape.value().toObject();
        const auto model = describeSynthetic(
            {.shape = shape.key().toStdString(), .types = shape.key() == "gpt-oss-20b"_L1 ? "MXFP4" : "Q4_K_M"});
        QVERIFY2(model.ok(), model.ok() ? "" : model.error().message.c_str());
        qsizetype matrices = 0;
        for (const SyntheticTensor& tensor : model->tensors) {
            if (tensor.kind != SyntheticKind::Matrix)
                continue;
            ++matrices;
            const QString name = QString::fromStdString(tensor.name);
            const std::string got(dtypeInfo(tensor.dtype).name);
            QVERIFY2(types.value(name).toString().toStdString() == got, qPrintable(shape.key() + u": "_s + name));
        }
        QCOMPARE(matrices, types.size());
    }
}

void TestSyntheticModel::tensorsAreThoseOfTheScript_data() {
    everyShapeRuns_data();
}

/// Names, shapes and metadata of the script that other engines' figures were taken with, from a file without data.
void TestSyntheticModel::tensorsAreThoseOfTheScript() {
    QFETCH(const QString, shape);
    const QString script = synthDir() + u"/make_synthetic.py"_s;
    const QString python = QStandardPaths::findExecutable(u"python3"_s);
    if (python.isEmpty() || !QFile::exists(script))
        QSKIP("python3 or ../shared/synth/make_synthetic.py is not here");
    static const bool hasNumpy = QProcess::execute(python, {u"-c"_s, u"import numpy"_s}) == 0;
    if (!hasNumpy)
        QSKIP("python3 has no numpy");
    const QString path = m_folder.filePath(shape + u"-script.gguf"_s);
    QCOMPARE(QProcess::execute(python, {script, shape, path, u"--sparse"_s}), 0);
    const auto file = GgufFile::open(path.toStdString());
    QVERIFY2(file.ok(), file.ok() ? "" : file.error().message.c_str());
    const auto model = describeSynthetic({.shape = shape.toStdString(), .types = "F16"});
    QVERIFY(model.ok());
    QCOMPARE(model->tensors.size(), (*file)->tensors().size());
    for (const SyntheticTensor& tensor : model->tensors) {
        const GgufTensor* theirs = (*file)->tensor(tensor.name);
        QVERIFY2(theirs != nullptr, tensor.name.c_str());
        std::array<std::int64_t, 4> extents{1, 1, 1, 1};
        std::ranges::copy(tensor.extents, extents.begin());
        QVERIFY2(theirs->extents == extents && theirs->dtype == tensor.dtype, tensor.name.c_str());
    }
    const std::string ours = m_folder.filePath(shape + u"-head.gguf"_s).toStdString();
    SyntheticModel head = *model;
    head.tensors.clear();
    QVERIFY(writeSynthetic(head, ours, {}, {}).ok());
    const auto opened = GgufFile::open(ours);
    QVERIFY(opened.ok());
    QCOMPARE((*opened)->keys().size(), (*file)->keys().size());
    for (const std::string& key : (*file)->keys())
        QVERIFY2((*opened)->find(key) != nullptr && *(*opened)->find(key) == *(*file)->find(key), key.c_str());
    QFile::remove(path);
}

void TestSyntheticModel::whatIsNotThereIsNamed() {
    const auto shape = describeSynthetic({.shape = "gpt-9"});
    QVERIFY(!shape.ok() && shape.error().code == ErrorCode::NotFound);
    QVERIFY(shape.error().message.find("'gpt-9'") != std::string::npos);
    QVERIFY(shape.error().message.find("olmoe-1b-7b") != std::string::npos);
    const auto types = describeSynthetic({.shape = "olmoe-1b-7b", .types = "Q9_K"});
    QVERIFY(!types.ok() && types.error().message.find("'Q9_K'") != std::string::npos);
    const auto experts = describeSynthetic({.shape = "olmoe-1b-7b", .experts = 7});
    QVERIFY(!experts.ok() && experts.error().message.find("8 to 64") != std::string::npos);
    QVERIFY(!describeSynthetic({.shape = "olmoe-1b-7b", .layers = 17}).ok());
}

void TestSyntheticModel::whatWasStoppedLeavesNothing() {
    const auto model = describeSynthetic({.shape = "smollm2-135m", .layers = 2, .vocabulary = 32});
    QVERIFY(model.ok());
    const QString path = m_folder.filePath(u"stopped/model.gguf"_s);
    QVERIFY(QDir().mkpath(m_folder.filePath(u"stopped"_s)));
    std::stop_source stop;
    const Status status =
        writeSynthetic(*model, path.toStdString(), stop.get_token(), [&](std::uint64_t) { stop.request_stop(); });
    QVERIFY(!status && status.error().code == ErrorCode::Cancelled);
    QVERIFY(QDir(m_folder.filePath(u"stopped"_s)).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));
}

QTEST_GUILESS_MAIN(TestSyntheticModel)
#include "tst_synthetic_model.moc"
