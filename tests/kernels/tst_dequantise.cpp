#include "kernels/quant/dequantise.h"
#include "kernels/quant/grids.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace {

using namespace hearth;

const QString kOwnData = QStringLiteral(HEARTH_SOURCE_DIR "/tests/kernels/data/dequant/");
const QString kSharedData = QStringLiteral(HEARTH_SHARED_DIR "/parity/dequant/");

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QString nameOf(const DTypeInfo& info) {
    return QString::fromUtf8(info.name.data(), static_cast<qsizetype>(info.name.size()));
}

std::vector<float> expanded(const DTypeInfo& info, const QByteArray& blocks) {
    const qsizetype values = blocks.size() / info.blockBytes * info.blockValues;
    std::vector<float> out(static_cast<std::size_t>(values));
    dequantiseRow(info.dtype, reinterpret_cast<const std::byte*>(blocks.constData()), values, out.data());
    return out;
}

/// The first place where the bits differ, or nothing.
QString difference(const std::vector<float>& got, const QByteArray& expect) {
    for (qsizetype index = 0; index * 4 < expect.size(); ++index) {
        float wanted = 0;
        std::memcpy(&wanted, expect.constData() + index * 4, sizeof(wanted));
        if (std::memcmp(&wanted, &got[static_cast<std::size_t>(index)], sizeof(wanted)) != 0)
            return QStringLiteral("value %1 is %2 instead of %3")
                .arg(index)
                .arg(static_cast<double>(got[static_cast<std::size_t>(index)]), 0, 'g', 9)
                .arg(static_cast<double>(wanted), 0, 'g', 9);
    }
    return {};
}

QString fnv1a64(const std::vector<float>& values) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
    for (std::size_t index = 0; index < values.size() * sizeof(float); ++index)
        hash = (hash ^ bytes[index]) * 0x100000001B3U;
    return QStringLiteral("%1").arg(hash, 16, 16, QLatin1Char('0'));
}

/// A row for every type that has blocks.
void addBlockTypes() {
    QTest::addColumn<int>("dtype");
    for (const DTypeInfo& info : allDTypes())
        if (info.blockValues > 1)
            QTest::newRow(nameOf(info).toUtf8().constData()) << static_cast<int>(info.dtype);
}

} // namespace

class TestDequantise : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsTheIndependentImplementation_data() { addBlockTypes(); }
    void equalsTheIndependentImplementation() {
        QFETCH(int, dtype);
        const DTypeInfo& info = dtypeInfo(static_cast<DType>(dtype));
        const QByteArray blocks = contentOf(kOwnData + nameOf(info) + QStringLiteral(".blocks.bin"));
        const QByteArray expect = contentOf(kOwnData + nameOf(info) + QStringLiteral(".expect.f32"));
        const QJsonObject index = QJsonDocument::fromJson(contentOf(kOwnData + QStringLiteral("index.json")))
                                      .object()[QStringLiteral("types")]
                                      .toObject()[nameOf(info)]
                                      .toObject();
        QCOMPARE(expect.size(), 512 * 4);
        const std::vector<float> got = expanded(info, blocks);
        QCOMPARE(static_cast<int>(got.size()), index[QStringLiteral("values")].toInt());
        QCOMPARE(difference(got, expect), QString());
        QCOMPARE(fnv1a64(got), index[QStringLiteral("fnv1a64")].toString());
    }

    void equalsTheRecordedBlocks_data() {
        QTest::addColumn<int>("dtype");
        for (const DTypeInfo& info : allDTypes())
            if (QFile::exists(kSharedData + nameOf(info) + QStringLiteral(".blocks.bin")))
                QTest::newRow(nameOf(info).toUtf8().constData()) << static_cast<int>(info.dtype);
        if (!QFile::exists(kSharedData))
            QTest::newRow("absent") << -1;
    }
    void equalsTheRecordedBlocks() {
        QFETCH(int, dtype);
        if (dtype < 0)
            QSKIP("the folder shared/parity/dequant is not there");
        const DTypeInfo& info = dtypeInfo(static_cast<DType>(dtype));
        const QByteArray expect = contentOf(kSharedData + nameOf(info) + QStringLiteral(".expect.f32"));
        const std::vector<float> got =
            expanded(info, contentOf(kSharedData + nameOf(info) + QStringLiteral(".blocks.bin")));
        QCOMPARE(static_cast<qsizetype>(got.size()) * 4, expect.size());
        QCOMPARE(difference(got, expect), QString());
    }

    void readsBlocksAtAnyAddress_data() { addBlockTypes(); }
    void readsBlocksAtAnyAddress() {
        QFETCH(int, dtype);
        const DTypeInfo& info = dtypeInfo(static_cast<DType>(dtype));
        const QByteArray blocks = contentOf(kOwnData + nameOf(info) + QStringLiteral(".blocks.bin"));
        const std::vector<float> aligned = expanded(info, blocks);
        std::vector<std::byte> moved(static_cast<std::size_t>(blocks.size()) + 8);
        for (std::size_t shift = 1; shift < 8; ++shift) {
            std::memcpy(moved.data() + shift, blocks.constData(), static_cast<std::size_t>(blocks.size()));
            std::vector<float> got(aligned.size());
            dequantiseRow(info.dtype, moved.data() + shift, static_cast<std::int64_t>(got.size()), got.data());
            QVERIFY(std::memcmp(got.data(), aligned.data(), got.size() * sizeof(float)) == 0);
        }
    }

    void writesExactlyTheRow_data() {
        QTest::addColumn<int>("dtype");
        for (const DTypeInfo& info : allDTypes())
            QTest::newRow(nameOf(info).toUtf8().constData()) << static_cast<int>(info.dtype);
    }
    void writesExactlyTheRow() {
        QFETCH(int, dtype);
        const DTypeInfo& info = dtypeInfo(static_cast<DType>(dtype));
        const std::size_t values = static_cast<std::size_t>(info.blockValues) * 3;
        // Exactly the row's bytes, so that the address sanitizer sees a read beyond them.
        const std::vector<std::byte> blocks(rowBytes(info.dtype, static_cast<std::int64_t>(values)), std::byte{0x5A});
        std::vector<float> out(values + 2, -77.0F);
        dequantiseRow(info.dtype, blocks.data(), static_cast<std::int64_t>(values), out.data() + 1);
        QCOMPARE(out.front(), -77.0F);
        QCOMPARE(out.back(), -77.0F);
        QVERIFY(std::none_of(out.begin() + 1, out.end() - 1, [](float value) { return value == -77.0F; }));
        dequantiseRow(info.dtype, blocks.data(), 0, out.data());
        QCOMPARE(out.front(), -77.0F);
    }

    void takesPlainNumbers() {
        const float floats[3] = {1.5F, -0.0F, 3.25e-40F};
        const std::int32_t integers[3] = {7, -2000000000, 0};
        const std::uint16_t halves[3] = {0x3E00, 0x8000, 0x0001};
        float out[3];
        dequantiseRow(DType::F32, reinterpret_cast<const std::byte*>(floats), 3, out);
        QVERIFY(std::memcmp(out, floats, sizeof(out)) == 0);
        dequantiseRow(DType::I32, reinterpret_cast<const std::byte*>(integers), 3, out);
        QCOMPARE(out[1], -2e9F);
        dequantiseRow(DType::F16, reinterpret_cast<const std::byte*>(halves), 3, out);
        QCOMPARE(out[0], 1.5F);
        QVERIFY(std::signbit(out[1]));
        QCOMPARE(out[2], 0x1p-24F);
        dequantiseRow(DType::BF16, reinterpret_cast<const std::byte*>(halves), 3, out);
        QCOMPARE(out[0], 0.125F);
    }

    void gridsAscendWithoutGaps() {
        // A wrong bit in a stored grid would leave a zero entry at the end or repeat none: each table must be full.
        QVERIFY(kIq2XxsGrid.back() != 0 && kIq2XsGrid.back() != 0 && kIq2SGrid.back() != 0);
        QVERIFY(std::is_sorted(kIq2SGrid.begin(), kIq2SGrid.end()));
        QVERIFY(std::is_sorted(kIq3SGrid.begin(), kIq3SGrid.end()));
        QVERIFY(kIq1Grid.back() != 0 && kIq3XxsGrid.back() != 0);
    }
};

QTEST_APPLESS_MAIN(TestDequantise)
#include "tst_dequantise.moc"
