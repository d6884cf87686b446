#include "app/media/image_loader.h"

#include "tests/app/why.h"

#include <QBuffer>
#include <QElapsedTimer>
#include <QFile>
#include <QImageWriter>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtEndian>
#include <QtTest>

namespace hearth {

using namespace Qt::Literals::StringLiterals;

namespace {

QByteArray png(const QImage& image) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

/// The CRC of PNG chunks (ISO 3309).
quint32 crc32(const QByteArray& bytes) {
    quint32 crc = 0xffffffffU;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

/// A PNG of a few hundred bytes that says it has this size.
QByteArray pngThatClaims(quint32 width, quint32 height) {
    QByteArray bytes = png(QImage(4, 4, QImage::Format_RGB32));
    qToBigEndian(width, bytes.data() + 16);
    qToBigEndian(height, bytes.data() + 20);
    qToBigEndian(crc32(bytes.mid(12, 17)), bytes.data() + 29);
    return bytes;
}

/// A JPEG, left half red, with an EXIF orientation.
QByteArray turnedJpeg(quint16 orientation) {
    QImage image(32, 16, QImage::Format_RGB32);
    image.fill(Qt::blue);
    for (int y = 0; y < 16; ++y) {
        for (int x = 0; x < 16; ++x)
            image.setPixel(x, y, qRgb(255, 0, 0));
    }
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "JPEG", 95);
    QByteArray exif("Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0", 32);
    qToBigEndian(orientation, exif.data() + 24);
    QByteArray segment("\xff\xe1", 2);
    segment += char(0);
    segment += char(exif.size() + 2);
    return bytes.left(2) + segment + exif + bytes.mid(2);
}

} // namespace

class TestImageLoader : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void readsWhateverTheNameSays() {
        QImage image(30, 20, QImage::Format_RGB32);
        image.fill(Qt::green);
        const auto read = readImage(write(u"picture.jpg"_s, png(image)));
        QVERIFY2(read.ok(), why(read));
        QCOMPARE(read->size(), QSize(30, 20));
        QCOMPARE(read->pixelColor(5, 5), QColor(Qt::green));
    }

    void turnsPicturesUpright_data() {
        QTest::addColumn<int>("orientation");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<QPoint>("red");
        QTest::newRow("as it is") << 1 << QSize(32, 16) << QPoint(4, 8);
        QTest::newRow("upside down") << 3 << QSize(32, 16) << QPoint(27, 8);
        QTest::newRow("turned right") << 6 << QSize(16, 32) << QPoint(8, 4);
        QTest::newRow("turned left") << 8 << QSize(16, 32) << QPoint(8, 27);
    }
    void turnsPicturesUpright() {
        QFETCH(int, orientation);
        QFETCH(QSize, size);
        QFETCH(QPoint, red);
        const auto read = readImage(write(u"photo.jpg"_s, turnedJpeg(quint16(orientation))));
        QVERIFY2(read.ok(), why(read));
        QCOMPARE(read->size(), size);
        QVERIFY2(read->pixelColor(red).red() > 200, qPrintable(read->pixelColor(red).name()));
    }

    void hugePicturesAreRefusedBeforeTheyAreDecoded_data() {
        QTest::addColumn<quint32>("width");
        QTest::addColumn<quint32>("height");
        QTest::newRow("a little too large") << 8193U << 8192U;
        QTest::newRow("bomb") << 200000U << 200000U;
        QTest::newRow("more than fits in 32 bits") << 2147483647U << 2147483647U;
    }
    void hugePicturesAreRefusedBeforeTheyAreDecoded() {
        QFETCH(quint32, width);
        QFETCH(quint32, height);
        const QString path = write(u"bomb.png"_s, pngThatClaims(width, height));
        QElapsedTimer timer;
        timer.start();
        const auto read = readImage(path);
        QVERIFY(!read.ok());
        QVERIFY(timer.elapsed() < 1000);
        QVERIFY(QString::fromStdString(read.error().message).contains(path));
        if (width < 1000000)
            QVERIFY2(QString::fromStdString(read.error().message).contains(QString::number(width)), why(read));
    }

    void badFilesAreNamed_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<ErrorCode>("code");
        QImage image(64, 64, QImage::Format_RGB32);
        image.fill(Qt::red);
        QTest::newRow("text") << QByteArray("no picture at all") << ErrorCode::Unsupported;
        QTest::newRow("empty") << QByteArray("") << ErrorCode::Unsupported;
        QTest::newRow("cut") << png(image).left(60) << ErrorCode::Corrupt;
    }
    void badFilesAreNamed() {
        QFETCH(QByteArray, content);
        QFETCH(ErrorCode, code);
        const QString path = write(u"bad.png"_s, content);
        const auto read = readImage(path);
        QVERIFY(!read.ok());
        QCOMPARE(read.error().code, code);
        QVERIFY(QString::fromStdString(read.error().message).contains(path));
        QCOMPARE(readImage(m_folder->filePath(u"missing.png"_s)).error().code, ErrorCode::NotFound);
        QCOMPARE(readImage(m_folder->path()).error().code, ErrorCode::InvalidInput);
    }

    void loadsOffTheUiThreadWithSmallerLevels() {
        ImageLoader loader;
        QSignalSpy loaded(&loader, &ImageLoader::loaded);
        QSignalSpy failed(&loader, &ImageLoader::failed);
        QImage image(2000, 1000, QImage::Format_RGB32);
        image.fill(Qt::cyan);
        const QString path = write(u"large.png"_s, png(image));
        const quint64 first = loader.load(path);
        const quint64 second = loader.load(u"/nowhere.png"_s);
        const quint64 third = loader.prepare(image, u"Pasted"_s);
        QTRY_COMPARE(loaded.size(), 2);
        QCOMPARE(failed.size(), 1);
        QCOMPARE(loaded.at(0).at(0).toULongLong(), first);
        QCOMPARE(loaded.at(0).at(1).toString(), path);
        QCOMPARE(loaded.at(0).at(2).value<ImagePyramid>().size(), QSize(2000, 1000));
        QVERIFY(loaded.at(0).at(2).value<ImagePyramid>().levels.size() > 1);
        QCOMPARE(failed.at(0).at(0).toULongLong(), second);
        QCOMPARE(loaded.at(1).at(0).toULongLong(), third);
        QVERIFY(loader.shutdown(std::chrono::milliseconds(500)));
    }

private:
    QString write(const QString& name, const QByteArray& bytes) {
        const QString path = m_folder->filePath(name);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write %s", qPrintable(path));
        return path;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

} // namespace hearth

QTEST_MAIN(hearth::TestImageLoader)
#include "tst_image_loader.moc"
