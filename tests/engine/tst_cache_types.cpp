#include "engine/gguf/gguf_file.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"
#include "tests/engine/recorded_floats.h"

#include <QDir>
#include <QTest>

#include <array>
#include <cmath>

using namespace hearth;

namespace {

struct Model {
    std::unique_ptr<GgufFile> file;
    std::unique_ptr<Decoder> decoder;
};

Result<Model> loadModel(const QString& name, const QString& device, DType cacheType) {
    Model model;
    const QString path = QStringLiteral(HEARTH_SHARED_DIR "/parity/models/") + name + QStringLiteral(".gguf");
    HEARTH_TRY(model.file, GgufFile::open(path.toStdString()));
    HEARTH_TRY(auto backend, openDevice(device.toStdString(), 2));
    HEARTH_TRY(model.decoder, Decoder::create(*model.file, std::move(backend), {256, 32, cacheType}));
    return model;
}

std::vector<TokenId> text(std::int32_t count, std::int32_t vocabulary) {
    std::uint32_t state = 7;
    std::vector<TokenId> tokens;
    for (std::int32_t i = 0; i < count; ++i) {
        state = state * 1664525U + 1013904223U;
        tokens.push_back(static_cast<TokenId>((state >> 8U) % static_cast<std::uint32_t>(vocabulary)));
    }
    return tokens;
}

struct CacheType {
    const char* name;
    DType dtype;
    /// How far one number is off: half a unit of 11 bits; a 127th or an 8th of a block's largest, near 2.5 sigma for 32
    /// normal numbers, over sqrt(12).
    double rounding;
};

constexpr std::array kTypes{CacheType{"F16", DType::F16, 2.0e-4}, CacheType{"Q8_0", DType::Q8_0, 5.7e-3},
                            CacheType{"Q4_0", DType::Q4_0, 9.0e-2}};

// Keys and values of three or four layers are off by that, independently: twice to three times as much at the end. A
// window of 8 tokens averages little of it, and the softmax over a few scores doubles what the keys are off by.
constexpr double kAmplified = 6.0;

} // namespace

/// Whole models with rounded caches, against the same with F32: rounding reaches the logits, but is not amplified.
class TestCacheTypes : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        if (!QDir(QStringLiteral(HEARTH_SHARED_DIR "/parity/models")).exists())
            QSKIP("the reference data (../shared/parity) are not here");
    }

    void logitsStayWithinTheTypesRounding_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("device");
        QTest::addColumn<int>("type");
        for (const char* model : {"llama-headdim-linear", "gemma3-swa", "gptoss-mxfp4", "qwen3next"})
            for (const char* device : {"cpu", "reference"})
                for (std::size_t type = 0; type < kTypes.size(); ++type)
                    QTest::addRow("%s %s %s", model, device, kTypes[type].name)
                        << QString::fromLatin1(model) << QString::fromLatin1(device) << static_cast<int>(type);
    }

    void logitsStayWithinTheTypesRounding() {
        QFETCH(const QString, model);
        QFETCH(const QString, device);
        QFETCH(const int, type);
        const CacheType& tested = kTypes[static_cast<std::size_t>(type)];
        const auto exact = loadModel(model, device, DType::F32);
        QVERIFY2(exact.ok(), exact.ok() ? "" : exact.error().message.c_str());
        const auto rounded = loadModel(model, device, tested.dtype);
        QVERIFY2(rounded.ok(), rounded.ok() ? "" : rounded.error().message.c_str());
        QVERIFY(rounded->decoder->cacheBytes() < exact->decoder->cacheBytes());
        const auto tokens = text(100, exact->decoder->spec().vocabulary);
        const auto want = exact->decoder->score(tokens, 12, 4, {});
        const auto got = rounded->decoder->score(tokens, 12, 4, {});
        QVERIFY(want.ok() && got.ok());
        const double off = relativeVectorError(*want, *got);
        QVERIFY2(off <= kAmplified * tested.rounding, qPrintable(QStringLiteral("off by %1").arg(off)));
        QVERIFY2(off >= 1e-3 * tested.rounding, qPrintable(QStringLiteral("off by %1: not rounded at all").arg(off)));
    }

    void headsThatAreNoWholeBlocksAreRefused_data() {
        QTest::addColumn<int>("type");
        for (const DType type : {DType::Q8_0, DType::Q4_0})
            QTest::newRow(dtypeInfo(type).name.data()) << static_cast<int>(type);
    }

    void headsThatAreNoWholeBlocksAreRefused() {
        QFETCH(const int, type);
        // 32 latent and 8 positional columns: 40 are no whole blocks of 32.
        const auto model =
            loadModel(QStringLiteral("deepseek2-v3-mla"), QStringLiteral("cpu"), static_cast<DType>(type));
        QVERIFY(!model.ok());
        QCOMPARE(model.error().code, ErrorCode::Unsupported);
        const std::string& message = model.error().message;
        QVERIFY2(message.find("multiple of 32") != std::string::npos, message.c_str());
        QVERIFY2(message.find("40") != std::string::npos, message.c_str());
        QVERIFY2(message.find("F16") != std::string::npos, message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestCacheTypes)
#include "tst_cache_types.moc"
