#include "engine/gguf/gguf_file.h"
#include "engine/models/model_family.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"
#include "tests/engine/recorded_floats.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

using namespace hearth;

namespace {

// A float32 engine reaches 1e-5; what the reference data themselves are off by is 1.5e-6.
constexpr double kFloatBound = 1e-5;
// Activations rounded to twice 8 bits a block of 32: 2^-15 of a block's largest value, where one row of 8 bits, as
// other engines keep, is off by 1e-2 to 4e-2.
constexpr double kRoundedBound = 1e-3;

/// Models with what another engine computed: a few of our own, and many in the reference data if they are here.
QStringList modelFolders() {
    const QString shared = QStringLiteral(HEARTH_SHARED_DIR "/parity");
    QStringList folders{QStringLiteral(HEARTH_SOURCE_DIR "/tests/engine/data/families")};
    if (QDir(shared).exists())
        folders << shared + QStringLiteral("/models") << shared + QStringLiteral("/quants");
    return folders;
}

QJsonObject readJson(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QJsonDocument::fromJson(file.readAll()).object();
}

/// The numbers in the array at `key`.
std::vector<std::int32_t> readNumbers(const QJsonObject& json, const char* key) {
    std::vector<std::int32_t> numbers;
    for (const QJsonValue value : json.value(QLatin1String(key)).toArray())
        numbers.push_back(value.toInt());
    return numbers;
}

bool isKnownArchitecture(const QString& name) {
    const auto families = modelFamilies();
    return std::any_of(families.begin(), families.end(), [&](const ModelFamily& family) {
        return name == QLatin1String(family.architecture.data(), static_cast<int>(family.architecture.size()));
    });
}

bool hasQuantisedWeights(const QString& modelPath) {
    const auto file = GgufFile::open(modelPath.toStdString());
    if (!file)
        return false;
    const auto tensors = (*file)->tensors();
    return std::any_of(tensors.begin(), tensors.end(),
                       [](const GgufTensor& tensor) { return dtypeInfo(tensor.dtype).blockValues > 1; });
}

struct Loaded {
    std::unique_ptr<GgufFile> file;
    std::unique_ptr<Decoder> decoder;
    bool isQuantised = false;
};

Result<Loaded> load(const QString& modelPath, const QString& device, int contextTokens, Prediction prediction) {
    Loaded loaded;
    HEARTH_TRY(loaded.file, GgufFile::open(modelPath.toStdString()));
    HEARTH_TRY(auto backend, openDevice(device.toStdString(), 2));
    const Decoder::Options options{contextTokens, 64, DType::F32, prediction};
    HEARTH_TRY(loaded.decoder, Decoder::create(*loaded.file, std::move(backend), options));
    loaded.isQuantised = hasQuantisedWeights(modelPath);
    return loaded;
}

/// The file with what another engine computed; empty if the model has no such case.
QString referenceFile(const QJsonObject& json, const QString& caseName) {
    const auto text = [&](const char* key) { return json.value(QLatin1String(key)).toString(); };
    if (caseName == QLatin1String("chunked") || caseName == QLatin1String("mrope"))
        return json.value(caseName + QLatin1String("_file")).toString();
    // A quantised file's own logits hold the peer's rounding of activations; expanded weights are the definition.
    return text("deq_logits_file").isEmpty() ? text("logits_file") : text("deq_logits_file");
}

/// What is to be computed, with the memory that the request borrows.
struct ScoredCase {
    std::vector<TokenId> tokens;
    std::vector<float> embeddings;
    std::vector<std::int32_t> positions;
    std::vector<std::int32_t> pieces;
    std::vector<std::int32_t> shown;

    [[nodiscard]] ScoreRequest request() const { return {tokens, embeddings, positions, pieces, shown}; }
    void showLast(std::size_t rows) {
        shown.resize(rows);
        std::iota(shown.begin(), shown.end(), static_cast<std::int32_t>(tokens.size() - rows));
    }
};

ScoredCase readCase(const QJsonObject& json, const QDir& dir, const QString& caseName) {
    ScoredCase scored;
    if (caseName == QLatin1String("chunked")) {
        scored.tokens = readNumbers(json, "chunked_tokens");
        scored.pieces = readNumbers(json, "chunked_sizes");
        scored.shown = readNumbers(json, "chunked_positions");
        return scored;
    }
    if (caseName == QLatin1String("mrope")) {
        scored.embeddings = readFloats(dir.filePath(json.value(QLatin1String("mrope_input_file")).toString()));
        const QJsonArray axes = json.value(QLatin1String("mrope_positions")).toArray();
        for (int row = 0; row < axes.at(0).toArray().size(); ++row)
            for (const QJsonValue axis : axes)
                scored.positions.push_back(axis.toArray().at(row).toInt());
        scored.tokens.assign(scored.positions.size() / 4, -1);
        scored.showLast(8);
        return scored;
    }
    scored.tokens = readNumbers(json, "tokens");
    const bool decodes = caseName == QLatin1String("decode");
    scored.showLast(decodes ? 4 : 8);
    if (decodes)
        scored.pieces = {static_cast<std::int32_t>(scored.tokens.size()) - 4, 1, 1, 1, 1};
    return scored;
}

} // namespace

/// Logits of every reference model whose architecture is known, on every device, against another engine's.
class TestParity : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void logitsAgree_data() {
        QTest::addColumn<QString>("jsonPath");
        QTest::addColumn<QString>("device");
        QTest::addColumn<QString>("caseName");
        for (const QString& folder : modelFolders()) {
            const QDir dir(folder);
            for (const QString& name : dir.entryList({QStringLiteral("*.tokens.json")}, QDir::Files, QDir::Name)) {
                const QJsonObject json = readJson(dir.filePath(name));
                if (json.value(QLatin1String("kind")).toString() != QLatin1String("logits")
                    || !isKnownArchitecture(json.value(QLatin1String("architecture")).toString()))
                    continue;
                for (const QString& device : {QStringLiteral("reference"), QStringLiteral("cpu")})
                    for (const QString& caseName : {QStringLiteral("prefill"), QStringLiteral("decode"),
                                                    QStringLiteral("chunked"), QStringLiteral("mrope")})
                        if (!referenceFile(json, caseName).isEmpty())
                            QTest::addRow("%s %s %s", qPrintable(name.chopped(12)), qPrintable(device),
                                          qPrintable(caseName))
                                << dir.filePath(name) << device << caseName;
            }
        }
    }

    void logitsAgree() {
        QFETCH(const QString, jsonPath);
        QFETCH(const QString, device);
        QFETCH(const QString, caseName);
        const QDir dir = QFileInfo(jsonPath).dir();
        const QJsonObject json = readJson(jsonPath);
        const auto loaded = load(dir.filePath(json.value(QLatin1String("model")).toString()), device,
                                 json.value(QLatin1String("n_ctx")).toInt(), Prediction::Off);
        QVERIFY2(loaded.ok(), loaded.ok() ? "" : loaded.error().message.c_str());
        const ScoredCase scored = readCase(json, dir, caseName);
        const auto got = loaded->decoder->score(scored.request(), {});
        QVERIFY2(got.ok(), got.ok() ? "" : got.error().message.c_str());

        std::vector<float> reference = readFloats(dir.filePath(referenceFile(json, caseName)));
        if (caseName == QLatin1String("decode")) // the decoded positions are the last of the prefill's
            reference.erase(reference.begin(), reference.begin() + static_cast<std::ptrdiff_t>(reference.size() / 2));
        const double off = relativeError(reference, *got);
        const bool isRounded = loaded->isQuantised && device == QLatin1String("cpu");
        const double bound = json.value(QLatin1String("tolerance")).toDouble(isRounded ? kRoundedBound : kFloatBound);
        QVERIFY2(off <= bound, qPrintable(QStringLiteral("off by %1").arg(off)));
    }

    void predictionsAgree_data() {
        QTest::addColumn<QString>("jsonPath");
        QTest::addColumn<QString>("device");
        for (const QString& folder : modelFolders()) {
            const QDir dir(folder);
            for (const QString& name : dir.entryList({QStringLiteral("*.tokens.json")}, QDir::Files, QDir::Name))
                if (readJson(dir.filePath(name)).contains(QLatin1String("mtp_file")))
                    for (const QString& device : {QStringLiteral("reference"), QStringLiteral("cpu")})
                        QTest::addRow("%s %s", qPrintable(name.chopped(12)), qPrintable(device))
                            << dir.filePath(name) << device;
        }
    }

    /// The head for multi-token prediction: its logits, and the decoder's states that it goes on from.
    void predictionsAgree() {
        QFETCH(const QString, jsonPath);
        QFETCH(const QString, device);
        const QDir dir = QFileInfo(jsonPath).dir();
        const QJsonObject json = readJson(jsonPath);
        const auto loaded = load(dir.filePath(json.value(QLatin1String("model")).toString()), device,
                                 json.value(QLatin1String("n_ctx")).toInt(), Prediction::On);
        QVERIFY2(loaded.ok(), loaded.ok() ? "" : loaded.error().message.c_str());
        const auto file = [&](const char* key) {
            return readFloats(dir.filePath(json.value(QLatin1String(key)).toString()));
        };
        const int rows = json.value(QLatin1String("mtp_shape")).toArray().at(0).toInt();
        const auto tokens = readNumbers(json, "tokens");
        const auto got = loaded->decoder->scorePrediction(tokens, rows, {}, {});
        QVERIFY2(got.ok(), got.ok() ? "" : got.error().message.c_str());
        const double statesOff = relativeError(file("mtp_h_file"), got->states);
        QVERIFY2(statesOff <= kFloatBound, qPrintable(QStringLiteral("states off by %1").arg(statesOff)));
        const double off = relativeError(file("mtp_file"), got->logits);
        QVERIFY2(off <= kFloatBound, qPrintable(QStringLiteral("off by %1").arg(off)));

        // The same one token at a time, as an answer is made: what append() lets the head read, predict() goes on from.
        Decoder& decoder = *loaded->decoder;
        const auto known = std::span(tokens).first(tokens.size() - static_cast<std::size_t>(rows));
        static_cast<void>(decoder.cache().open({}, KvCache::Reuse::No));
        QVERIFY(decoder.append(known.first(7), {}, {}).ok());
        QVERIFY(decoder.append(known.subspan(7), {}, {}).ok());
        std::vector<float> stepped;
        for (const TokenId token : std::span(tokens).subspan(known.size())) {
            QVERIFY(decoder.predict(token, 0, {}).ok());
            stepped.insert(stepped.end(), decoder.predictedLogits().begin(), decoder.predictedLogits().end());
            QVERIFY(decoder.predict(token, 1, {}).ok()); // what is guessed further leaves no trace
            QVERIFY(decoder.append({&token, 1}, {}, {}).ok());
        }
        const double steppedOff = relativeError(file("mtp_file"), stepped);
        QVERIFY2(steppedOff <= kFloatBound, qPrintable(QStringLiteral("step by step off by %1").arg(steppedOff)));
    }
};

QTEST_GUILESS_MAIN(TestParity)
#include "tst_parity.moc"
