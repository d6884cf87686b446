#include "kernels/quant/dequantise.h"
#include "kernels/quant/half.h"
#include "kernels/quant/quantise.h"

#include <QFile>
#include <QTest>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace {

using namespace hearth;

QByteArray contentOf(const QString& name) {
    QFile file(QStringLiteral(HEARTH_SOURCE_DIR "/tests/kernels/data/dequant/") + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

std::vector<std::byte> quantised(DType dtype, const std::vector<float>& numbers) {
    const auto columns = static_cast<std::int64_t>(numbers.size());
    std::vector<std::byte> out(rowBytes(dtype, columns));
    quantiseRow(dtype, numbers.data(), columns, out.data());
    return out;
}

std::vector<float> roundTrip(DType dtype, const std::vector<float>& numbers) {
    const std::vector<std::byte> stored = quantised(dtype, numbers);
    std::vector<float> out(numbers.size());
    dequantiseRow(dtype, stored.data(), static_cast<std::int64_t>(out.size()), out.data());
    return out;
}

} // namespace

class TestQuantise : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsTheIndependentImplementation_data() {
        QTest::addColumn<int>("dtype");
        QTest::addColumn<QString>("name");
        QTest::newRow("F16") << static_cast<int>(DType::F16) << QStringLiteral("F16");
        QTest::newRow("BF16") << static_cast<int>(DType::BF16) << QStringLiteral("BF16");
        QTest::newRow("Q8_0") << static_cast<int>(DType::Q8_0) << QStringLiteral("Q8_0");
        QTest::newRow("Q4_0") << static_cast<int>(DType::Q4_0) << QStringLiteral("Q4_0");
    }
    void equalsTheIndependentImplementation() {
        QFETCH(int, dtype);
        QFETCH(QString, name);
        const QByteArray raw = contentOf(QStringLiteral("numbers.f32"));
        const QByteArray expect = contentOf(name + QStringLiteral(".quantised.bin"));
        QCOMPARE(raw.size(), 4096);
        std::vector<float> numbers(1024);
        std::memcpy(numbers.data(), raw.constData(), 4096);
        const std::vector<std::byte> got = quantised(static_cast<DType>(dtype), numbers);
        QCOMPARE(QByteArray(reinterpret_cast<const char*>(got.data()), static_cast<qsizetype>(got.size())).toHex(),
                 expect.toHex());
    }

    void everyHalfSurvivesTheRoundTrip() {
        for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
            const auto half = static_cast<std::uint16_t>(bits);
            const float value = halfToFloat(half);
            if (std::isnan(value))
                QVERIFY(std::isnan(halfToFloat(floatToHalf(value))));
            else
                QCOMPARE(floatToHalf(value), half);
        }
    }

    void halfRoundsToNearestEven() {
        // Between each pair of neighbours: the middle goes to the even one, a float beside the middle to its side.
        for (std::uint32_t bits = 0; bits < 0x7BFF; ++bits) {
            const auto low = static_cast<std::uint16_t>(bits);
            const auto high = static_cast<std::uint16_t>(bits + 1);
            const float middle = (halfToFloat(low) + halfToFloat(high)) / 2;
            const float infinity = std::numeric_limits<float>::infinity();
            QCOMPARE(floatToHalf(middle), bits % 2 == 0 ? low : high);
            QCOMPARE(floatToHalf(std::nextafter(middle, 0.0F)), low);
            QCOMPARE(floatToHalf(std::nextafter(middle, infinity)), high);
            QCOMPARE(floatToHalf(-middle), static_cast<std::uint16_t>((bits % 2 == 0 ? low : high) | 0x8000));
        }
        QCOMPARE(floatToHalf(65519.99F), std::uint16_t{0x7BFF});
        QCOMPARE(floatToHalf(65520.0F), std::uint16_t{0x7C00});
        QCOMPARE(floatToHalf(-std::numeric_limits<float>::infinity()), std::uint16_t{0xFC00});
    }

    void bfloatRoundsToNearestEven() {
        QCOMPARE(floatToBfloat(1.0F), std::uint16_t{0x3F80});
        QCOMPARE(floatToBfloat(1.0F + 0x1p-8F), std::uint16_t{0x3F80});
        QCOMPARE(floatToBfloat(1.0F + 0x1p-8F + 0x1p-23F), std::uint16_t{0x3F81});
        QCOMPARE(floatToBfloat(1.0F + 0x3p-8F), std::uint16_t{0x3F82});
        QCOMPARE(floatToBfloat(std::numeric_limits<float>::max()), std::uint16_t{0x7F80});
        QVERIFY(std::isnan(bfloatToFloat(floatToBfloat(std::numeric_limits<float>::quiet_NaN()))));
    }

    void errorStaysWithinHalfAStep() {
        std::mt19937 random(7);
        std::normal_distribution<float> normal(0.0F, 3.0F);
        std::vector<float> numbers(32 * 50);
        for (float& number : numbers)
            number = normal(random);
        const std::vector<float> eight = roundTrip(DType::Q8_0, numbers);
        const std::vector<float> four = roundTrip(DType::Q4_0, numbers);
        for (std::size_t block = 0; block < numbers.size(); block += 32) {
            float largest = 0;
            for (std::size_t j = 0; j < 32; ++j)
                largest = std::max(largest, std::fabs(numbers[block + j]));
            for (std::size_t j = block; j < block + 32; ++j) {
                // Half a step, and the scale's rounding to 11 bits. Q4_0's top level is 7/8 of the extreme: a full
                // step.
                QVERIFY(std::fabs(eight[j] - numbers[j]) <= largest / 127 * 0.5F + largest * 0x1p-11F);
                QVERIFY(std::fabs(four[j] - numbers[j]) <= largest / 8 + largest * 0x1p-11F);
            }
        }
    }

    void nonFiniteNumbersStayVisible_data() {
        QTest::addColumn<float>("intruder");
        QTest::newRow("NaN") << std::numeric_limits<float>::quiet_NaN();
        QTest::newRow("infinity") << std::numeric_limits<float>::infinity();
        QTest::newRow("minus infinity") << -std::numeric_limits<float>::infinity();
    }
    void nonFiniteNumbersStayVisible() {
        QFETCH(float, intruder);
        for (const DType dtype : {DType::Q8_0, DType::Q4_0}) {
            std::vector<float> numbers(64, 1.0F);
            numbers[37] = intruder;
            const std::vector<float> got = roundTrip(dtype, numbers);
            QVERIFY(std::isnan(got[37]) && std::isnan(got[63]));
            QVERIFY(std::fabs(got[0] - 1.0F) < 0.01F);
        }
    }

    void tinyNumbersBecomeZero() {
        for (const DType dtype : {DType::Q8_0, DType::Q4_0})
            for (const float number : {0.0F, 1e-44F, -1e-39F})
                QCOMPARE(roundTrip(dtype, std::vector<float>(32, number))[5], 0.0F);
    }

    void tellsWhatItCanWrite() {
        int count = 0;
        for (const DTypeInfo& info : allDTypes())
            count += canQuantise(info.dtype) ? 1 : 0;
        QCOMPARE(count, 5);
        QVERIFY(!canQuantise(DType::Q4_1));
    }
};

QTEST_APPLESS_MAIN(TestQuantise)
#include "tst_quantise.moc"
