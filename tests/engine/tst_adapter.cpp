#include "engine/run/decoder.h"
#include "engine/run/devices.h"
#include "tests/engine/adapter_files.h"
#include "tests/engine/recorded_floats.h"
#include "tests/engine/tiny_model.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

using namespace hearth;
using namespace hearth::test;
using namespace Qt::StringLiterals;

namespace {

// Float weights merged in double and rounded once are off by 2^-24; the rest is the order of sums.
constexpr double kFloatBound = 1e-5;
// Activations rounded to twice 8 bits, see tst_parity.
constexpr double kRoundedBound = 1e-3;

using Adapters = std::vector<std::unique_ptr<Adapter>>;

QString parityDir() {
    return QStringLiteral(HEARTH_SHARED_DIR "/parity/models");
}

std::vector<TokenId> tokensOf(const QString& modelPath) {
    QFile file(modelPath.chopped(5) + u".tokens.json"_s);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    std::vector<TokenId> tokens;
    for (const QJsonValue token : QJsonDocument::fromJson(file.readAll()).object().value("tokens"_L1).toArray())
        tokens.push_back(token.toInt());
    return tokens;
}

/// Logits of the last rows: some of a prompt chunk, some of single tokens.
Result<std::vector<float>> logitsOf(const GgufFile& file, const Adapters& adapters, const std::vector<float>& scales,
                                    const std::string& device, const std::vector<TokenId>& tokens) {
    HEARTH_TRY(auto backend, openDevice(device, 2));
    HEARTH_TRY(
        const auto decoder,
        Decoder::create(file, std::move(backend),
                        {.contextTokens = 256, .prefillRows = 64, .cacheType = DType::F32, .adapters = adapters}));
    HEARTH_CHECK(decoder->setAdapterScales(scales));
    return decoder->score(tokens, 6, 3, {});
}

bool runsAsDecoder(const GgufFile& file) {
    return file.tensor("output_norm.weight") != nullptr || file.tensor("token_embd_norm.weight") == nullptr;
}

bool hasQuantisedWeights(const GgufFile& file) {
    return std::ranges::any_of(file.tensors(),
                               [](const GgufTensor& tensor) { return dtypeInfo(tensor.dtype).blockValues > 1; });
}

} // namespace

class TestAdapter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void logitsAreThoseOfMergedWeights_data();
    void logitsAreThoseOfMergedWeights();
    void scalesChangeWithoutLoading();
    void aScaleOfZeroIsNoAdapter();
    void wrongScalesAreRefused();
    void whatDoesNotFitIsNamed_data();
    void whatDoesNotFitIsNamed();
    void mutationsNeverGetThrough();

private:
    [[nodiscard]] std::string path(const char* name) const {
        return m_folder.filePath(QLatin1String(name)).toStdString();
    }
    QTemporaryDir m_folder;
};

void TestAdapter::logitsAreThoseOfMergedWeights_data() {
    QTest::addColumn<QString>("modelPath");
    const QDir dir(parityDir());
    if (!dir.exists())
        QSKIP("the reference data (../shared/parity) are not here");
    for (const QString& name : dir.entryList({u"*.gguf"_s}, QDir::Files, QDir::Name)) {
        const auto file = GgufFile::open(dir.filePath(name).toStdString());
        if (file.ok() && familyOf(**file).ok() && runsAsDecoder(**file))
            QTest::addRow("%s", qPrintable(name)) << dir.filePath(name);
    }
}

/// Two adapters at once, one for every matrix of the model and one for attention only, with scales of their own.
void TestAdapter::logitsAreThoseOfMergedWeights() {
    QFETCH(const QString, modelPath);
    const auto file = GgufFile::open(modelPath.toStdString());
    QVERIFY2(file.ok(), file.ok() ? "" : file.error().message.c_str());
    const std::vector<AdapterNumbers> numbers{
        randomAdapter(**file, 3, 6.0F, 11, [](const std::string&) { return true; }),
        randomAdapter(**file, 2, 0.0F, 12, [](const std::string& name) { return name.find("attn") != name.npos; })};
    const std::vector<float> scales{0.8F, -0.6F};
    QVERIFY(writeMerged(**file, numbers, scales, path("merged.gguf")).ok());
    Adapters adapters;
    for (const AdapterNumbers& one : numbers) {
        if (one.down.empty())
            QSKIP("the model has no such tensors");
        const Status written = one.write(path("adapter.gguf"));
        QVERIFY2(written.ok(), written.ok() ? "" : written.error().message.c_str());
        auto adapter = Adapter::open(path("adapter.gguf"), **file);
        QVERIFY2(adapter.ok(), adapter.ok() ? "" : adapter.error().message.c_str());
        QCOMPARE((*adapter)->pairCount(), one.down.size());
        adapters.push_back(std::move(adapter).value());
    }
    const auto merged = GgufFile::open(path("merged.gguf"));
    QVERIFY(merged.ok());
    const std::vector<TokenId> tokens = tokensOf(modelPath);
    const auto expected = logitsOf(**merged, {}, {}, "reference", tokens);
    QVERIFY2(expected.ok(), expected.ok() ? "" : expected.error().message.c_str());
    const auto plain = logitsOf(**file, {}, {}, "cpu", tokens);
    QVERIFY(plain.ok());
    QVERIFY2(relativeError(*expected, *plain) > 0.05, "the adapters hardly change anything");
    for (const std::string device : {"reference", "cpu"}) {
        const auto got = logitsOf(**file, adapters, scales, device, tokens);
        QVERIFY2(got.ok(), got.ok() ? "" : got.error().message.c_str());
        const double off = relativeError(*expected, *got);
        const double bound = device == "cpu" && hasQuantisedWeights(**file) ? kRoundedBound : kFloatBound;
        QVERIFY2(off <= bound, qPrintable(u"%1: off by %2"_s.arg(QString::fromStdString(device)).arg(off)));
    }
}

void TestAdapter::scalesChangeWithoutLoading() {
    QVERIFY(TinyModel::llama(1).write(path("tiny.gguf")).ok());
    const auto file = GgufFile::open(path("tiny.gguf"));
    QVERIFY(file.ok());
    QVERIFY(randomAdapter(**file, 4, 8.0F, 5, [](const std::string&) { return true; }).write(path("a.gguf")).ok());
    Adapters adapters;
    adapters.push_back(Adapter::open(path("a.gguf"), **file).value());
    const auto decoder =
        Decoder::create(**file, openDevice("cpu", 2).value(), {.contextTokens = 128, .adapters = adapters});
    QVERIFY(decoder.ok());
    const std::vector<TokenId> tokens{1, 80, 90, 100, 110};
    const auto append = [&](float scale) {
        const std::vector<float> scales{scale};
        static_cast<void>((*decoder)->setAdapterScales(scales));
        static_cast<void>((*decoder)->cache().open(tokens, KvCache::Reuse::Yes));
        const auto rest = std::span(tokens).subspan(static_cast<std::size_t>((*decoder)->cache().length()));
        static_cast<void>((*decoder)->append(rest, {}, {}));
        const auto logits = (*decoder)->logits();
        return std::vector<float>(logits.begin(), logits.end());
    };
    const std::vector<float> whole = append(1.0F);
    QVERIFY(relativeError(whole, append(0.5F)) > 1e-3);
    QVERIFY(relativeError(append(-2.0F), whole) > 1e-3);
    // Pages of other scales are not taken up again, so the same scale gives the same bits.
    QVERIFY(append(1.0F) == whole);
}

void TestAdapter::aScaleOfZeroIsNoAdapter() {
    QVERIFY(TinyModel::llama(2).write(path("zero.gguf")).ok());
    const auto file = GgufFile::open(path("zero.gguf"));
    QVERIFY(file.ok());
    QVERIFY(randomAdapter(**file, 4, 8.0F, 5, [](const std::string&) { return true; }).write(path("b.gguf")).ok());
    Adapters adapters;
    adapters.push_back(Adapter::open(path("b.gguf"), **file).value());
    const std::vector<TokenId> tokens{1, 80, 90, 100, 110, 120, 130};
    for (const std::string device : {"reference", "cpu"}) {
        const auto plain = logitsOf(**file, {}, {}, device, tokens);
        const auto zero = logitsOf(**file, adapters, {0.0F}, device, tokens);
        QVERIFY(plain.ok() && zero.ok() && *plain == *zero);
    }
}

void TestAdapter::wrongScalesAreRefused() {
    QVERIFY(TinyModel::llama(3).write(path("scales.gguf")).ok());
    const auto file = GgufFile::open(path("scales.gguf"));
    QVERIFY(file.ok());
    const auto decoder = Decoder::create(**file, openDevice("cpu", 1).value(), {.contextTokens = 64});
    QVERIFY(decoder.ok());
    QVERIFY((*decoder)->setAdapterScales({}).ok());
    const std::vector<float> one{1.0F};
    QCOMPARE((*decoder)->setAdapterScales(one).error().code, ErrorCode::InvalidInput);
}

using Change = std::function<void(AdapterNumbers&)>;
Q_DECLARE_METATYPE(Change)

void TestAdapter::whatDoesNotFitIsNamed_data() {
    QTest::addColumn<Change>("change");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char* name, Change change, const char* message) {
        QTest::newRow(name) << change << QByteArray(message);
    };
    const auto zeros = [](DType dtype, std::vector<std::int64_t> extents) {
        const auto count = std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies{});
        return Numbers{dtype, std::move(extents), std::vector<float>(static_cast<std::size_t>(count))};
    };
    static constexpr const char* kQuery = "blk.0.attn_q.weight";
    row(
        "another architecture", [](AdapterNumbers& a) { a.architecture = "qwen2"; },
        "'general.architecture' is 'qwen2', expected 'llama'");
    row(
        "half a pair", [](AdapterNumbers& a) { a.up.erase(kQuery); }, "'blk.0.attn_q.weight.lora_b' is missing");
    row(
        "the other half", [](AdapterNumbers& a) { a.down.erase(kQuery); }, "'blk.0.attn_q.weight.lora_a' is missing");
    row(
        "nothing", [](AdapterNumbers& a) { a.down.clear(), a.up.clear(); }, "changes no tensor");
    row(
        "a deeper model",
        [](AdapterNumbers& a) {
            a.down["blk.7.attn_q.weight"] = a.down[kQuery];
            a.up["blk.7.attn_q.weight"] = a.up[kQuery];
        },
        "changes the tensor 'blk.7.attn_q.weight', which");
    row(
        "a wider model",
        [=](AdapterNumbers& a) {
            a.down[kQuery] = zeros(DType::F32, {64, 2});
        },
        "lora_a' measures 64 x 2, expected 32 x rank for 'blk.0.attn_q.weight' (32 x 32)");
    row(
        "another output",
        [=](AdapterNumbers& a) {
            a.up[kQuery] = zeros(DType::F32, {2, 31});
        },
        "lora_b' measures 2 x 31, expected 2 x 32");
    row(
        "unlike ranks",
        [=](AdapterNumbers& a) {
            a.up[kQuery] = zeros(DType::F32, {3, 32});
        },
        "lora_b' measures 3 x 32, expected 2 x 32");
    row(
        "experts",
        [=](AdapterNumbers& a) {
            a.down[kQuery] = zeros(DType::F32, {32, 2, 4});
            a.up[kQuery] = zeros(DType::F32, {2, 32, 4});
        },
        "lora_a' measures 32 x 2 x 4");
    row(
        "the table the other way round",
        [=](AdapterNumbers& a) { std::swap(a.down["token_embd.weight"], a.up["token_embd.weight"]); },
        "'token_embd.weight.lora_a' measures");
    row(
        "a norm",
        [=](AdapterNumbers& a) {
            a.down["blk.0.attn_norm.weight"] = zeros(DType::F32, {32, 2});
            a.up["blk.0.attn_norm.weight"] = zeros(DType::F32, {2, 1});
        },
        "'blk.0.attn_norm.weight', a vector");
    row(
        "no number", [](AdapterNumbers& a) { a.alpha = NAN; }, "'adapter.lora.alpha' is not a finite number");
}

void TestAdapter::whatDoesNotFitIsNamed() {
    QFETCH(const Change, change);
    QFETCH(const QByteArray, message);
    QVERIFY(TinyModel::llama(4).write(path("model.gguf")).ok());
    const auto file = GgufFile::open(path("model.gguf"));
    QVERIFY(file.ok());
    AdapterNumbers adapter = randomAdapter(**file, 2, 4.0F, 5, [](const std::string&) { return true; });
    change(adapter);
    QVERIFY(adapter.write(path("bad.gguf")).ok());
    const auto opened = Adapter::open(path("bad.gguf"), **file);
    QVERIFY(!opened.ok());
    const QByteArray said = QByteArray::fromStdString(opened.error().message);
    QVERIFY2(said.contains("bad.gguf") && said.contains(message), said.constData());
}

/// Files with some bytes changed are refused, or fit and compute something.
void TestAdapter::mutationsNeverGetThrough() {
    QVERIFY(TinyModel::llama(6).write(path("fuzzed.gguf")).ok());
    const auto file = GgufFile::open(path("fuzzed.gguf"));
    QVERIFY(file.ok());
    const AdapterNumbers adapter =
        randomAdapter(**file, 2, 4.0F, 5, [](const std::string& name) { return name.find("blk.0") == 0; });
    QVERIFY(adapter.write(path("whole.gguf")).ok());
    QFile whole(m_folder.filePath(u"whole.gguf"_s));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    const QByteArray bytes = whole.readAll();
    const auto headBytes = static_cast<std::uint32_t>(bytes.indexOf("blk.0.ffn_up.weight.lora_b") + 64);
    std::mt19937 random(99);
    int opened = 0;
    for (int round = 0; round < 400; ++round) {
        QByteArray mutated = bytes;
        for (std::uint32_t change = 0; change <= random() % 3; ++change)
            mutated[static_cast<qsizetype>(random() % headBytes)] = static_cast<char>(random());
        if (round % 8 == 0)
            mutated.truncate(static_cast<qsizetype>(random() % static_cast<std::uint32_t>(bytes.size())));
        QFile out(m_folder.filePath(u"mutated.gguf"_s));
        QVERIFY(out.open(QIODevice::WriteOnly) && out.write(mutated) == mutated.size());
        out.close();
        auto result = Adapter::open(path("mutated.gguf"), **file);
        if (!result.ok())
            continue;
        ++opened;
        Adapters adapters;
        adapters.push_back(std::move(result).value());
        const auto logits = logitsOf(**file, adapters, {1.0F}, "cpu", {1, 80, 90, 100, 110, 120, 130});
        QVERIFY2(logits.ok(), logits.ok() ? "" : logits.error().message.c_str());
    }
    QVERIFY2(opened > 0 && opened < 300, qPrintable(QString::number(opened)));
}

QTEST_GUILESS_MAIN(TestAdapter)
#include "tst_adapter.moc"
