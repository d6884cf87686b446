#include "engine/gguf/gguf_file.h"
#include "kernels/quant/dequantise.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cstring>
#include <vector>

using namespace hearth;

namespace {

const QString kFolder = QStringLiteral(HEARTH_SHARED_DIR "/parity/quants/");

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

/// Rows of a tensor in real files: what the reader finds and what the blocks expand to, against another engine's
/// floats.
class TestFileDequantisation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsAreExact_data() {
        QTest::addColumn<QString>("json");
        const QStringList names = QDir(kFolder).entryList({QStringLiteral("*.tokens.json")}, QDir::Files, QDir::Name);
        if (names.isEmpty())
            QTest::newRow("absent") << QString();
        for (const QString& name : names)
            QTest::newRow(qPrintable(name.chopped(12))) << name;
    }
    void rowsAreExact() {
        QFETCH(const QString, json);
        if (json.isEmpty())
            QSKIP("the reference data (../shared/parity/quants) are not here");
        const QJsonObject all = QJsonDocument::fromJson(contentOf(kFolder + json)).object();
        const QJsonObject wanted = all[QLatin1String("dequant")].toObject();
        const auto file = GgufFile::open((kFolder + all[QLatin1String("model")].toString()).toStdString());
        QVERIFY2(file.ok(), file.ok() ? "" : file.error().message.c_str());
        const GgufTensor* tensor = (*file)->tensor(wanted[QLatin1String("tensor")].toString().toStdString());
        QVERIFY(tensor != nullptr);
        QCOMPARE(std::string(dtypeInfo(tensor->dtype).name), wanted[QLatin1String("type")].toString().toStdString());
        const int rows = wanted[QLatin1String("rows")].toInt();
        const int columns = wanted[QLatin1String("cols")].toInt();
        QCOMPARE(tensor->extents[0], static_cast<std::int64_t>(columns));

        const QByteArray expect = contentOf(kFolder + wanted[QLatin1String("file")].toString());
        std::vector<float> got(static_cast<std::size_t>(rows * columns));
        QCOMPARE(expect.size(), static_cast<qsizetype>(got.size() * sizeof(float)));
        // Rows lie one after the other, so they expand as one.
        dequantiseRow(tensor->dtype, tensor->data, static_cast<std::int64_t>(got.size()), got.data());
        QVERIFY(std::memcmp(got.data(), expect.constData(), static_cast<std::size_t>(expect.size())) == 0);
    }
};

QTEST_GUILESS_MAIN(TestFileDequantisation)
#include "tst_file_dequantisation.moc"
