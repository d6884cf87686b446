#include "engine/gguf/gguf_file.h"
#include "engine/models/model_family.h"
#include "engine/run/embedder.h"
#include "tests/engine/recorded_floats.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cmath>
#include <cstring>
#include <numeric>

using namespace hearth;

namespace {

// As for logits: a float32 engine reaches 1e-5; the reference data themselves are off by 1.5e-6.
constexpr double kBound = 1e-5;
// The reference data of models with many norms in a row are off by 8e-6 themselves.
constexpr double kStackedBound = 3e-5;
// Activations rounded to twice 8 bits a block of 32, where a weight is quantised.
constexpr double kRoundedBound = 1e-3;

QString modelsDir() {
    return QStringLiteral(HEARTH_SHARED_DIR "/parity/models");
}

QByteArray readBytes(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

std::vector<TokenId> idsOf(const QJsonValue& list) {
    std::vector<TokenId> ids;
    for (const QJsonValue id : list.toArray())
        ids.push_back(id.toInt());
    return ids;
}

} // namespace

/// Vectors and token rows of every reference model that embeds, on every device, against another engine's.
class TestEmbeddingParity : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        if (!QDir(modelsDir()).exists())
            QSKIP("the reference data (../shared/parity) are not here");
    }

    void vectorsAgree_data() {
        QTest::addColumn<QString>("jsonPath");
        QTest::addColumn<QString>("device");
        const QDir dir(modelsDir());
        for (const QString& name : dir.entryList({QStringLiteral("*.tokens.json")}, QDir::Files, QDir::Name)) {
            const QJsonObject json = QJsonDocument::fromJson(readBytes(dir.filePath(name))).object();
            if (json.value(QLatin1String("kind")).toString() != QLatin1String("embedding"))
                continue;
            for (const QString& device : {QStringLiteral("reference"), QStringLiteral("cpu")})
                QTest::addRow("%s %s", qPrintable(name.chopped(12)), qPrintable(device))
                    << dir.filePath(name) << device;
        }
    }

    void vectorsAgree() {
        QFETCH(const QString, jsonPath);
        QFETCH(const QString, device);
        const QDir dir = QFileInfo(jsonPath).dir();
        const QJsonObject json = QJsonDocument::fromJson(readBytes(jsonPath)).object();
        const auto fileOf = [&](const char* key) { return dir.filePath(json.value(QLatin1String(key)).toString()); };
        const std::vector<TokenId> tokens = idsOf(json.value(QLatin1String("tokens")));
        const QJsonArray shown = json.value(QLatin1String("token_embeddings_positions")).toArray();

        const auto embedder = Embedder::load(fileOf("model").toStdString(), {device.toStdString(), 2, 0}, {});
        QVERIFY2(embedder.ok(), embedder.ok() ? "" : embedder.error().message.c_str());
        const auto vector = (*embedder)->embed(tokens, UnitLength::No, {});
        QVERIFY2(vector.ok(), vector.ok() ? "" : vector.error().message.c_str());
        const double off = relativeError(readFloats(fileOf("embedding_file")), *vector);
        QVERIFY2(off <= kBound, qPrintable(QStringLiteral("the vector is off by %1").arg(off)));

        const auto rows = (*embedder)->embedTokens(tokens, {});
        QVERIFY2(rows.ok(), rows.ok() ? "" : rows.error().message.c_str());
        const auto columns = static_cast<std::ptrdiff_t>(rows->size() / tokens.size());
        const std::vector<float> last(rows->begin() + shown.at(0).toInt() * columns,
                                      rows->begin() + shown.at(1).toInt() * columns);
        const double rowsOff = relativeError(readFloats(fileOf("token_embeddings_file")), last);
        QVERIFY2(rowsOff <= kBound, qPrintable(QStringLiteral("token rows are off by %1").arg(rowsOff)));
    }

    void rowsOfDecodersGiveTheirLogits_data() {
        QTest::addColumn<QString>("jsonPath");
        const QDir dir(modelsDir());
        for (const QString& name : dir.entryList({QStringLiteral("*.tokens.json")}, QDir::Files, QDir::Name)) {
            const QJsonObject json = QJsonDocument::fromJson(readBytes(dir.filePath(name))).object();
            // One step sees a whole text with caches that layers share. Two models cannot be seen so: one whose layers
            // read each other's keys, and one whose rope turns by the longest text.
            if (json.value(QLatin1String("kind")).toString() == QLatin1String("logits")
                && !name.startsWith(QStringLiteral("gemma4-ple")) && !name.startsWith(QStringLiteral("phi3-longrope")))
                QTest::addRow("%s", qPrintable(name.chopped(12))) << dir.filePath(name);
        }
    }

    void rowsOfDecodersGiveTheirLogits() {
        QFETCH(const QString, jsonPath);
        const QDir dir = QFileInfo(jsonPath).dir();
        const QJsonObject json = QJsonDocument::fromJson(readBytes(jsonPath)).object();
        const auto fileOf = [&](const char* key) { return dir.filePath(json.value(QLatin1String(key)).toString()); };
        const std::string model = fileOf("model").toStdString();
        const auto embedder = Embedder::load(model, {"cpu", 2, 0}, {});
        QVERIFY2(embedder.ok(), embedder.ok() ? "" : embedder.error().message.c_str());
        const auto rows = (*embedder)->embedTokens(idsOf(json.value(QLatin1String("tokens"))), {});
        QVERIFY2(rows.ok(), rows.ok() ? "" : rows.error().message.c_str());
        const auto file = GgufFile::open(model);
        QVERIFY(file.ok());
        const std::vector<float> logits = logitsOf(**file, *rows);
        QVERIFY(!logits.empty());
        // A quantised file's own logits hold the peer's rounding of activations; expanded weights are the definition.
        const bool isQuantised = json.contains(QLatin1String("deq_logits_file"));
        const double off = relativeError(readFloats(fileOf(isQuantised ? "deq_logits_file" : "logits_file")), logits);
        QVERIFY2(off <= (isQuantised ? kRoundedBound : kStackedBound),
                 qPrintable(QStringLiteral("off by %1").arg(off)));
    }

private:
    /// The last 8 rows times the file's output matrix; empty if it has none of floats.
    static std::vector<float> logitsOf(const GgufFile& file, const std::vector<float>& rows) {
        const auto family = familyOf(file);
        const auto spec = family.ok() ? (*family)->describe(file) : Result<ModelSpec>(family.error());
        const GgufTensor* matrix = file.tensor("output.weight");
        matrix = matrix == nullptr ? file.tensor("token_embd.weight") : matrix;
        if (!spec.ok() || matrix == nullptr || matrix->dtype != DType::F32)
            return {};
        const auto columns = static_cast<std::size_t>(spec->hidden);
        const auto* weights = reinterpret_cast<const float*>(matrix->data);
        std::vector<float> logits;
        for (std::size_t row = rows.size() / columns - 8; row < rows.size() / columns; ++row)
            for (std::int32_t token = 0; token < spec->vocabulary; ++token) {
                double sum = 0;
                for (std::size_t column = 0; column < columns; ++column)
                    sum += static_cast<double>(rows[row * columns + column])
                           * weights[static_cast<std::size_t>(token) * columns + column];
                sum *= spec->logitScale;
                const double cap = spec->logitSoftCap;
                logits.push_back(static_cast<float>(cap > 0 ? cap * std::tanh(sum / cap) : sum));
            }
        return logits;
    }
};

QTEST_GUILESS_MAIN(TestEmbeddingParity)
#include "tst_embedding_parity.moc"
