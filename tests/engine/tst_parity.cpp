#include "engine/gguf/gguf_file.h"
#include "engine/models/model_family.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"

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
// Activations rounded to twice 8 bits a block of 32: 2^-15 of a block's largest value, where one row of 8 bits, as other
// engines keep, is off by 1e-2 to 4e-2.
constexpr double kRoundedBound = 1e-3;

QString parityDir() {
    return QStringLiteral(HEARTH_SHARED_DIR "/parity");
}

QJsonObject readJson(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QJsonDocument::fromJson(file.readAll()).object();
}

std::vector<float> readFloats(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray bytes = file.readAll();
    std::vector<float> values(static_cast<std::size_t>(bytes.size()) / sizeof(float));
    std::memcpy(values.data(), bytes.constData(), values.size() * sizeof(float));
    return values;
}

std::vector<TokenId> readTokens(const QJsonObject& json) {
    std::vector<TokenId> tokens;
    for (const QJsonValue token : json.value(QLatin1String("tokens")).toArray())
        tokens.push_back(token.toInt());
    return tokens;
}

/// rms(got - reference) / std(reference); infinite if the sizes differ.
double distance(const std::vector<float>& reference, const std::vector<float>& got) {
    if (reference.size() != got.size() || reference.empty())
        return INFINITY;
    const auto count = static_cast<double>(reference.size());
    const double mean = std::accumulate(reference.begin(), reference.end(), 0.0) / count;
    double variance = 0;
    double error = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        variance += (reference[i] - mean) * (reference[i] - mean);
        error += (static_cast<double>(got[i]) - reference[i]) * (static_cast<double>(got[i]) - reference[i]);
    }
    return std::sqrt(error / variance);
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

} // namespace

/// Logits of every reference model whose architecture is known, on every device, against another engine's.
class TestParity : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        if (!QDir(parityDir()).exists())
            QSKIP("the reference data (../shared/parity) are not here");
    }

    void logitsAgree_data() {
        QTest::addColumn<QString>("jsonPath");
        QTest::addColumn<QString>("device");
        QTest::addColumn<bool>("decode");
        for (const QString& folder : {QStringLiteral("/models"), QStringLiteral("/quants")}) {
            const QDir dir(parityDir() + folder);
            for (const QString& name : dir.entryList({QStringLiteral("*.tokens.json")}, QDir::Files, QDir::Name)) {
                const QJsonObject json = readJson(dir.filePath(name));
                if (json.value(QLatin1String("kind")).toString() != QLatin1String("logits")
                    || !isKnownArchitecture(json.value(QLatin1String("architecture")).toString()))
                    continue;
                for (const QString& device : {QStringLiteral("reference"), QStringLiteral("cpu")})
                    for (const bool decode : {false, true})
                        QTest::addRow("%s %s %s", qPrintable(name.chopped(12)), qPrintable(device),
                                      decode ? "decode" : "prefill")
                            << dir.filePath(name) << device << decode;
            }
        }
    }

    void logitsAgree() {
        QFETCH(const QString, jsonPath);
        QFETCH(const QString, device);
        QFETCH(const bool, decode);
        const QDir dir = QFileInfo(jsonPath).dir();
        const QJsonObject json = readJson(jsonPath);
        const QString modelPath = dir.filePath(json.value(QLatin1String("model")).toString());
        const bool isQuantised = hasQuantisedWeights(modelPath);
        // A quantised file's own logits hold the peer's rounding of activations; expanded weights are the definition.
        const QString exact = json.value(QLatin1String("deq_logits_file")).toString();
        const QString prefillFile = exact.isEmpty() ? json.value(QLatin1String("logits_file")).toString() : exact;
        const int rows = decode ? 4 : 8;

        const auto file = GgufFile::open(modelPath.toStdString());
        QVERIFY2(file.ok(), file.ok() ? "" : file.error().message.c_str());
        auto backend = openDevice(device.toStdString(), 2);
        QVERIFY2(backend.ok(), backend.ok() ? "" : backend.error().message.c_str());
        const Decoder::Options options{json.value(QLatin1String("n_ctx")).toInt(), 64, DType::F32};
        const auto decoder = Decoder::create(**file, std::move(backend).value(), options);
        QVERIFY2(decoder.ok(), decoder.ok() ? "" : decoder.error().message.c_str());
        const auto got = (*decoder)->score(readTokens(json), rows, decode ? 4 : 0, {});
        QVERIFY2(got.ok(), got.ok() ? "" : got.error().message.c_str());

        std::vector<float> reference = readFloats(dir.filePath(prefillFile));
        if (decode) // the decoded positions are the last of the prefill's
            reference.erase(reference.begin(), reference.begin() + static_cast<std::ptrdiff_t>(reference.size() / 2));
        const double off = distance(reference, *got);
        const bool isRounded = isQuantised && device == QLatin1String("cpu");
        QVERIFY2(off <= (isRounded ? kRoundedBound : kFloatBound), qPrintable(QStringLiteral("off by %1").arg(off)));
    }
};

QTEST_GUILESS_MAIN(TestParity)
#include "tst_parity.moc"
