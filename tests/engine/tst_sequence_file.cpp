#include "engine/gguf/gguf_file.h"
#include "engine/memory/checksum.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cstring>

using namespace hearth;

namespace {

constexpr std::int32_t kContext = 512;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;

struct Model {
    std::unique_ptr<GgufFile> file;
    std::unique_ptr<Decoder> decoder;
};

Result<Model> loadModel(const QString& name, DType cacheType = DType::F32, std::uint64_t spareCacheBytes = 1U << 24U,
                        std::int32_t contextTokens = kContext) {
    Model model;
    const QString path = QStringLiteral(HEARTH_SHARED_DIR "/parity/models/") + name + QStringLiteral(".gguf");
    HEARTH_TRY(model.file, GgufFile::open(path.toStdString()));
    HEARTH_TRY(auto backend, openDevice("cpu", 2));
    Decoder::Options options{contextTokens, 24, cacheType};
    options.spareCacheBytes = spareCacheBytes;
    HEARTH_TRY(model.decoder, Decoder::create(*model.file, std::move(backend), options));
    return model;
}

std::vector<TokenId> text(std::uint32_t seed, std::int32_t count) {
    std::uint32_t state = seed * 2654435761U + 1U;
    std::vector<TokenId> tokens;
    for (std::int32_t i = 0; i < count; ++i) {
        state = state * 1664525U + 1013904223U;
        tokens.push_back(static_cast<TokenId>((state >> 8U) % 200U));
    }
    return tokens;
}

std::vector<TokenId> join(const std::vector<TokenId>& first, std::int32_t count, const std::vector<TokenId>& second) {
    std::vector<TokenId> tokens(first.begin(), first.begin() + count);
    tokens.insert(tokens.end(), second.begin(), second.end());
    return tokens;
}

/// As a prompt is computed. The result: tokens that were known; negative if it failed.
std::int32_t go(Decoder& decoder, const std::vector<TokenId>& tokens) {
    const std::int32_t known = decoder.cache().open(tokens, KvCache::Reuse::Yes);
    if (!decoder.append(std::span(tokens).subspan(static_cast<std::size_t>(known)), {}, {}))
        return -1;
    decoder.cache().keepState();
    return known;
}

std::vector<float> logitsOf(const Decoder& decoder) {
    return {decoder.logits().begin(), decoder.logits().end()};
}

QByteArray readFile(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void writeFile(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
}

/// Gives a changed header the checksum that it would have.
void sealHeader(QByteArray& bytes) {
    constexpr int kLengthPlace = 24;
    constexpr int kChecksumPlace = 64;
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.constData() + kLengthPlace, sizeof(length));
    std::memset(bytes.data() + kChecksumPlace, 0, sizeof(length));
    length = std::min<std::uint64_t>(length, static_cast<std::uint64_t>(bytes.size()));
    const std::uint64_t sum = checksum(std::as_bytes(std::span(bytes.constData(), static_cast<std::size_t>(length))));
    std::memcpy(bytes.data() + kChecksumPlace, &sum, sizeof(sum));
}

} // namespace

/// Sequences that are saved by one decoder and taken up by another, as in another run of the program.
class TestSequenceFile : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    [[nodiscard]] QString path(const char* name) const { return m_dir.filePath(QLatin1String(name)); }
    [[nodiscard]] std::string file(const char* name) const { return path(name).toStdString(); }

private Q_SLOTS:
    void initTestCase() {
        if (!QDir(QStringLiteral(HEARTH_SHARED_DIR "/parity/models")).exists())
            QSKIP("the reference data (../shared/parity) are not here");
    }

    void restoredSequenceGoesOnBitForBit_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("type");
        // Grouped, windowed, latent, recurrent; and caches of blocks.
        for (const char* model : {"qwen2-gqa", "gemma3-swa", "gptoss-mxfp4", "deepseek2-v3-mla", "qwen3next"})
            QTest::newRow(model) << QString::fromLatin1(model) << static_cast<int>(DType::F16);
        QTest::newRow("gemma3-swa q8_0") << QStringLiteral("gemma3-swa") << static_cast<int>(DType::Q8_0);
        QTest::newRow("qwen3next q4_0") << QStringLiteral("qwen3next") << static_cast<int>(DType::Q4_0);
    }

    void restoredSequenceGoesOnBitForBit() {
        QFETCH(const QString, model);
        QFETCH(const int, type);
        const auto a = text(1, 230);
        const auto question = join(a, 230, {5, 6, 7});
        auto first = loadModel(model, static_cast<DType>(type));
        QVERIFY2(first.ok(), first.ok() ? "" : first.error().message.c_str());
        QCOMPARE(go(*first->decoder, a), 0);
        const auto saved = first->decoder->save(file("a.kv"), kMostBytes, {});
        QVERIFY2(saved.ok(), saved.ok() ? "" : saved.error().message.c_str());
        QCOMPARE(saved->tokens, 230);
        QCOMPARE(QFileInfo(path("a.kv")).size(), static_cast<qint64>(saved->sizeBytes));
        QCOMPARE(go(*first->decoder, question), 230);

        auto second = loadModel(model, static_cast<DType>(type));
        QVERIFY(second.ok());
        const auto restored = second->decoder->restore(file("a.kv"), question);
        QVERIFY2(restored.ok(), restored.ok() ? "" : restored.error().message.c_str());
        QCOMPARE(*restored, 230);
        QCOMPARE(go(*second->decoder, question), 230);
        QVERIFY(logitsOf(*second->decoder) == logitsOf(*first->decoder));
    }

    void anotherQuestionTakesUpTheCommonBeginning() {
        const auto a = text(1, 230);
        auto first = loadModel(QStringLiteral("qwen2-gqa"));
        QVERIFY(first.ok());
        QCOMPARE(go(*first->decoder, a), 0);
        QVERIFY(first->decoder->save(file("b.kv"), kMostBytes, {}).ok());
        auto second = loadModel(QStringLiteral("qwen2-gqa"));
        QVERIFY(second.ok());
        const auto question = join(a, 150, text(2, 20));
        const auto restored = second->decoder->restore(file("b.kv"), question);
        QVERIFY(restored.ok());
        QCOMPARE(*restored, 150);
        QCOMPARE(go(*second->decoder, question), 150);
        const auto expected = first->decoder->score(question, 1, 0, {});
        QVERIFY(expected.ok());
        const std::vector<float> got = logitsOf(*second->decoder);
        for (std::size_t i = 0; i < got.size(); ++i)
            QVERIFY(std::abs(got[i] - (*expected)[i]) < 1e-4F);
    }

    void whatTheCacheHoldsIsNotReadAgain() {
        const auto a = text(1, 230);
        auto model = loadModel(QStringLiteral("qwen2-gqa"));
        QVERIFY(model.ok());
        QCOMPARE(go(*model->decoder, join(a, 100, {})), 0);
        QVERIFY(model->decoder->save(file("c.kv"), kMostBytes, {}).ok());
        QCOMPARE(go(*model->decoder, a), 100);
        const auto restored = model->decoder->restore(file("c.kv"), join(a, 230, {1}));
        QVERIFY(restored.ok());
        QCOMPARE(*restored, 230);
    }

    void smallerPoolTakesUpWhatItHolds() {
        const auto a = text(1, 400);
        auto first = loadModel(QStringLiteral("qwen2-gqa"));
        QVERIFY(first.ok());
        QCOMPARE(go(*first->decoder, a), 0);
        QVERIFY(first->decoder->save(file("d.kv"), kMostBytes, {}).ok());
        auto second = loadModel(QStringLiteral("qwen2-gqa"), DType::F32, 0, 130);
        QVERIFY(second.ok());
        const auto restored = second->decoder->restore(file("d.kv"), join(a, 128, {}));
        QVERIFY2(restored.ok(), restored.ok() ? "" : restored.error().message.c_str());
        QCOMPARE(*restored, 127);
    }

    void othersFilesAreRefused_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("type");
        QTest::newRow("another model") << QStringLiteral("qwen3-yarn") << static_cast<int>(DType::F16);
        QTest::newRow("another type") << QStringLiteral("qwen2-gqa") << static_cast<int>(DType::F32);
    }

    void othersFilesAreRefused() {
        QFETCH(const QString, model);
        QFETCH(const int, type);
        auto first = loadModel(QStringLiteral("qwen2-gqa"), DType::F16);
        QVERIFY(first.ok());
        QCOMPARE(go(*first->decoder, text(1, 100)), 0);
        QVERIFY(first->decoder->save(file("e.kv"), kMostBytes, {}).ok());
        auto second = loadModel(model, static_cast<DType>(type));
        QVERIFY2(second.ok(), second.ok() ? "" : second.error().message.c_str());
        const auto restored = second->decoder->restore(file("e.kv"), text(1, 120));
        QVERIFY(!restored.ok());
        QCOMPARE(restored.error().code, ErrorCode::Unsupported);
        QVERIFY(restored.error().message.find("e.kv") != std::string::npos);
        QCOMPARE(go(*second->decoder, text(1, 120)), 0);
    }

    void missingFileSaysSo() {
        auto model = loadModel(QStringLiteral("qwen2-gqa"));
        QVERIFY(model.ok());
        const auto restored = model->decoder->restore(file("nothing.kv"), text(1, 10));
        QVERIFY(!restored.ok());
        QCOMPARE(restored.error().code, ErrorCode::NotFound);
    }

    void whatCannotBeSavedLeavesTheOldFile() {
        auto model = loadModel(QStringLiteral("qwen2-gqa"));
        QVERIFY(model.ok());
        QVERIFY(!model->decoder->save(file("f.kv"), kMostBytes, {}).ok()); // nothing is open
        QCOMPARE(go(*model->decoder, text(1, 100)), 0);
        QVERIFY(model->decoder->save(file("f.kv"), kMostBytes, {}).ok());
        const QByteArray before = readFile(path("f.kv"));
        const auto tooLarge = model->decoder->save(file("f.kv"), 1000, {});
        QVERIFY(!tooLarge.ok());
        QVERIFY(tooLarge.error().message.find("1000 may be written") != std::string::npos);
        std::stop_source stopped;
        stopped.request_stop();
        const auto cancelled = model->decoder->save(file("f.kv"), kMostBytes, stopped.get_token());
        QVERIFY(!cancelled.ok());
        QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
        QCOMPARE(readFile(path("f.kv")), before);
        QCOMPARE(QDir(m_dir.path()).entryList({QStringLiteral("*.part")}, QDir::Files | QDir::Hidden).size(), 0);
    }

    void onlyTheUserCanReadTheFile() {
        auto model = loadModel(QStringLiteral("qwen2-gqa"));
        QVERIFY(model.ok());
        QCOMPARE(go(*model->decoder, text(1, 10)), 0);
        QVERIFY(model->decoder->save(file("g.kv"), kMostBytes, {}).ok());
        QCOMPARE(QFile::permissions(path("g.kv")) & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    }

    /// Whatever is changed in a file: it is refused, or what it gives is right. Headers get the right checksum again,
    /// so that what lies behind is reached.
    void changedFilesNeverGiveOtherLogits_data() {
        QTest::addColumn<QString>("model");
        QTest::newRow("windowed") << QStringLiteral("gemma3-swa");
        QTest::newRow("recurrent") << QStringLiteral("qwen3next");
    }

    void changedFilesNeverGiveOtherLogits() {
        QFETCH(const QString, model);
        const auto a = text(1, 130);
        const auto question = join(a, 130, {5, 6, 7});
        auto first = loadModel(model);
        QVERIFY(first.ok());
        QCOMPARE(go(*first->decoder, a), 0);
        QVERIFY(first->decoder->save(file("h.kv"), kMostBytes, {}).ok());
        QCOMPARE(go(*first->decoder, question), 130);
        const std::vector<float> expected = logitsOf(*first->decoder);
        const QByteArray good = readFile(path("h.kv"));
        std::uint64_t headerBytes = 0;
        std::memcpy(&headerBytes, good.constData() + 24, sizeof(headerBytes));
        auto second = loadModel(model);
        QVERIFY(second.ok());
        std::uint32_t state = 4711;
        const auto random = [&state](std::uint64_t below) {
            state = state * 1664525U + 1013904223U;
            return static_cast<qsizetype>((state >> 4U) % below);
        };
        int refused = 0;
        constexpr int kRounds = 200;
        for (int round = 0; round < kRounds; ++round) {
            QByteArray bytes = good;
            const int kind = round % 4;
            const std::uint64_t range = kind < 2 ? headerBytes : static_cast<std::uint64_t>(good.size());
            for (qsizetype changes = 1 + random(3); changes > 0; --changes)
                bytes[random(range)] = static_cast<char>(random(256));
            if (kind == 0) { // a number of the header, small or huge
                const std::uint32_t number = random(2) == 0 ? static_cast<std::uint32_t>(random(300)) : ~0U;
                std::memcpy(bytes.data() + random(headerBytes / 4) * 4, &number, sizeof(number));
            }
            if (kind == 3)
                bytes.truncate(random(static_cast<std::uint64_t>(bytes.size())));
            if (kind == 0 && bytes.size() > 72)
                sealHeader(bytes);
            writeFile(path("i.kv"), bytes);
            second->decoder->cache().clear();
            const auto restored = second->decoder->restore(file("i.kv"), question);
            refused += restored.ok() ? 0 : 1;
            // Tokens or places of pages that were changed under a right checksum are another conversation's.
            if (kind == 0)
                continue;
            QVERIFY2(go(*second->decoder, question) >= 0, qPrintable(QString::number(round)));
            const std::vector<float> got = logitsOf(*second->decoder);
            for (std::size_t i = 0; i < got.size(); ++i)
                QVERIFY2(std::abs(got[i] - expected[i]) < 1e-4F, qPrintable(QString::number(round)));
        }
        QVERIFY2(refused > kRounds / 4, qPrintable(QString::number(refused)));
    }

    void everyWordChangesTheChecksum() {
        std::vector<std::byte> bytes(200);
        const std::uint64_t sum = checksum(bytes);
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            bytes[at] = std::byte{1};
            QVERIFY(checksum(bytes) != sum);
            bytes[at] = std::byte{0};
        }
        QVERIFY(checksum(std::span(bytes).first(199)) != sum);
        QVERIFY(checksum(bytes, 1) != sum);
    }
};

QTEST_GUILESS_MAIN(TestSequenceFile)
#include "tst_sequence_file.moc"
