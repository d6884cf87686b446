#include "engine/gguf/gguf_file.h"
#include "engine/models/model_family.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"
#include "tests/engine/recorded_floats.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <string>

using namespace hearth;

namespace {

// The same numbers computed in other chunks: float sums in another order. With quantised weights such a difference can
// move an activation by one of its 8-bit steps (see tst_parity).
constexpr double kFloatBound = 1e-5;
constexpr double kRoundedBound = 1e-3;
constexpr std::int32_t kContext = 512;
constexpr std::int32_t kPrefillRows = 24;

QString modelsDir() {
    return QStringLiteral(HEARTH_SHARED_DIR "/parity/models");
}

struct Model {
    std::unique_ptr<GgufFile> file;
    std::unique_ptr<Decoder> decoder;
};

/// spareCacheBytes 0: pages for one context and hardly more, so that windows are dropped.
Result<Model> loadModel(const QString& path, const QString& device, std::uint64_t spareCacheBytes) {
    Model model;
    HEARTH_TRY(model.file, GgufFile::open(path.toStdString()));
    HEARTH_TRY(auto backend, openDevice(device.toStdString(), 2));
    Decoder::Options options{kContext, kPrefillRows, DType::F32};
    options.spareCacheBytes = spareCacheBytes;
    HEARTH_TRY(model.decoder, Decoder::create(*model.file, std::move(backend), options));
    return model;
}

/// `count` tokens of a text of its own for each seed.
std::vector<TokenId> text(std::uint32_t seed, std::int32_t count, std::int32_t vocabulary) {
    std::uint32_t state = seed * 2654435761U + 1U;
    std::vector<TokenId> tokens;
    for (std::int32_t i = 0; i < count; ++i) {
        state = state * 1664525U + 1013904223U;
        tokens.push_back(static_cast<TokenId>((state >> 8U) % static_cast<std::uint32_t>(vocabulary)));
    }
    return tokens;
}

std::vector<TokenId> join(const std::vector<TokenId>& first, std::int32_t count, const std::vector<TokenId>& second) {
    std::vector<TokenId> tokens(first.begin(), first.begin() + count);
    tokens.insert(tokens.end(), second.begin(), second.end());
    return tokens;
}

/// As a conversation does it: what is known is taken from the pages, the last few tokens come one at a time.
/// The result: how many were known; negative if it failed.
std::int32_t go(Decoder& decoder, const std::vector<TokenId>& tokens) {
    const std::int32_t known = decoder.cache().open(tokens, KvCache::Reuse::Yes);
    const auto rest = std::span(tokens).subspan(static_cast<std::size_t>(known));
    const std::size_t single = std::min<std::size_t>(rest.size() - 1, 3);
    if (!decoder.append(rest.first(rest.size() - single), {}, {}))
        return -1;
    decoder.cache().keepState();
    for (const TokenId token : rest.last(single))
        if (!decoder.append({&token, 1}, {}, {}))
            return -1;
    decoder.cache().keepState();
    return known;
}

bool hasQuantisedWeights(const GgufFile& file) {
    return std::ranges::any_of(file.tensors(),
                               [](const GgufTensor& tensor) { return dtypeInfo(tensor.dtype).blockValues > 1; });
}

bool isKnownArchitecture(const std::string& name) {
    return std::ranges::any_of(modelFamilies(), [&](const ModelFamily& family) { return family.architecture == name; });
}

} // namespace

/// What a sequence gives after others have come and gone in the same pages, against a fresh evaluation.
class TestBranching : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        if (!QDir(modelsDir()).exists())
            QSKIP("the reference data (../shared/parity) are not here");
    }

    void branchesGiveWhatAFreshEvaluationGives_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("device");
        QTest::addColumn<bool>("spare");
        // One of each kind of cache also with pages left over: grouped, windowed, latent, recurrent. The windowed one
        // on the slow device too, whose kernels find pages in their own way.
        const std::set<QString> ofEachKind{QStringLiteral("llama-gqa-untied"), QStringLiteral("gptoss-mxfp4"),
                                           QStringLiteral("deepseek2-v3-mla"), QStringLiteral("qwen3next")};
        const QDir dir(modelsDir());
        for (const QString& name : dir.entryList({QStringLiteral("*.tokens.json")}, QDir::Files, QDir::Name)) {
            QFile file(dir.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QJsonObject json = QJsonDocument::fromJson(file.readAll()).object();
            const QString model = name.chopped(12);
            if (json.value(QLatin1String("kind")).toString() != QLatin1String("logits")
                || !isKnownArchitecture(json.value(QLatin1String("architecture")).toString().toStdString()))
                continue;
            QTest::addRow("%s cpu", qPrintable(model)) << model << QStringLiteral("cpu") << false;
            if (ofEachKind.contains(model))
                QTest::addRow("%s cpu, room for others", qPrintable(model)) << model << QStringLiteral("cpu") << true;
            if (model == QStringLiteral("gptoss-mxfp4"))
                QTest::addRow("%s reference", qPrintable(model)) << model << QStringLiteral("reference") << false;
        }
    }

    void branchesGiveWhatAFreshEvaluationGives() {
        QFETCH(const QString, model);
        QFETCH(const QString, device);
        QFETCH(const bool, spare);
        const QString path = QDir(modelsDir()).filePath(model + QStringLiteral(".gguf"));
        auto used = loadModel(path, device, spare ? 1U << 24U : 0);
        QVERIFY2(used.ok(), used.ok() ? "" : used.error().message.c_str());
        auto fresh = loadModel(path, device, 0);
        QVERIFY(fresh.ok());
        const std::int32_t vocabulary = used->decoder->spec().vocabulary;
        const auto a = text(1, 300, vocabulary);
        const auto b = text(2, 300, vocabulary);
        const struct {
            const char* name;
            std::vector<TokenId> tokens;
        } steps[] = {
            {"a conversation", join(a, 150, {})},
            {"goes on", join(a, 290, {})},
            {"a branch within a page", join(a, 100, join(b, 70, {}))},
            {"back to the first", join(a, 290, {7, 8, 9, 10, 11})},
            {"asked again", join(a, 290, {7, 8, 9, 10, 11})},
            {"something else, of the whole context", join(b, 300, join(a, 200, {}))},
            {"back to the branch", join(a, 100, join(b, 70, {3, 4}))},
            {"a branch far back", join(a, 230, {5, 6})},
            {"a branch of the branch", join(a, 100, join(b, 40, {1, 2, 3}))},
        };
        const double bound = hasQuantisedWeights(*used->file) ? kRoundedBound : kFloatBound;
        for (const auto& step : steps) {
            const std::int32_t known = go(*used->decoder, step.tokens);
            QVERIFY2(known >= 0, step.name);
            const auto expected = fresh->decoder->score(step.tokens, 1, 0, {});
            QVERIFY2(expected.ok(), step.name);
            const double off = relativeError(*expected, used->decoder->logits());
            QVERIFY2(off <= bound, qPrintable(QStringLiteral("%1 (%2 of %3 tokens known): off by %4")
                                                  .arg(QLatin1String(step.name))
                                                  .arg(known)
                                                  .arg(step.tokens.size())
                                                  .arg(off)));
        }
    }

    void windowedLayersHoldLittleMoreThanTheirWindow() {
        const QString path = QDir(modelsDir()).filePath(QStringLiteral("gptoss-mxfp4.gguf"));
        const auto model = loadModel(path, QStringLiteral("cpu"), 0);
        QVERIFY2(model.ok(), model.ok() ? "" : model.error().message.c_str());
        // Two of three layers look back 8 tokens. Keys and values of 2 heads of 32 columns in F32.
        constexpr std::uint64_t kPageBytes = std::uint64_t{2} * 2 * 32 * 4 * kPageTokens;
        const std::uint64_t whole = kContext / kPageTokens + 1;
        const std::uint64_t windowed = (8 + kPageTokens + kPrefillRows + kPageTokens - 1) / kPageTokens + 2;
        QVERIFY(windowed < whole);
        QCOMPARE((*model).decoder->cacheBytes(), kPageBytes * (whole + 2 * windowed));
    }

    void windowsOfAnEndAreKept() {
        const QString path = QDir(modelsDir()).filePath(QStringLiteral("gptoss-mxfp4.gguf"));
        auto model = loadModel(path, QStringLiteral("cpu"), 1U << 24U);
        QVERIFY2(model.ok(), model.ok() ? "" : model.error().message.c_str());
        const std::int32_t vocabulary = model->decoder->spec().vocabulary;
        const auto a = text(1, 400, vocabulary);
        QVERIFY(go(*model->decoder, join(a, 200, {})) >= 0);
        QVERIFY(go(*model->decoder, join(a, 390, {})) >= 0);
        QVERIFY(go(*model->decoder, text(2, 300, vocabulary)) >= 0);
        QCOMPARE(go(*model->decoder, join(a, 200, {1, 2})), 200);
        QCOMPARE(go(*model->decoder, join(a, 390, {1, 2})), 390);
    }

    void droppedWindowsAreComputedAgain() {
        const QString path = QDir(modelsDir()).filePath(QStringLiteral("gptoss-mxfp4.gguf"));
        auto model = loadModel(path, QStringLiteral("cpu"), 0);
        QVERIFY2(model.ok(), model.ok() ? "" : model.error().message.c_str());
        const auto a = text(1, 400, model->decoder->spec().vocabulary);
        QVERIFY(go(*model->decoder, join(a, 390, {})) >= 0);
        const std::int32_t known = go(*model->decoder, join(a, 130, {1, 2}));
        QVERIFY2(known >= 0 && known < 130, "the windows in the middle were dropped");
    }
};

QTEST_GUILESS_MAIN(TestBranching)
#include "tst_branching.moc"
