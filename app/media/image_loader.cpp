#include "app/media/image_loader.h"

#include "app/threads/task_thread.h"

#include <QFileInfo>
#include <QImageReader>

#include <algorithm>

namespace hearth {

namespace {

// Decoders may need more than the picture itself, e.g. for progressive files.
constexpr int kAllocationLimitMiB = 1024;

std::string quoted(const QString& path) {
    return "'" + path.toStdString() + "'";
}

Error readerError(const QImageReader& reader, const QString& path) {
    const std::string reason = ": " + reader.errorString().toStdString();
    switch (reader.error()) {
    case QImageReader::FileNotFoundError:
    case QImageReader::DeviceError:
        return {ErrorCode::Io, "cannot read " + quoted(path) + reason};
    case QImageReader::UnsupportedFormatError:
        return {ErrorCode::Unsupported, quoted(path) + " is not a picture in a known format"};
    default:
        return {ErrorCode::Corrupt, "the picture " + quoted(path) + " is damaged" + reason};
    }
}

Status checkSize(QSize size, const QString& path) {
    if (qint64{size.width()} * size.height() <= kMaxImagePixels)
        return {};
    return Error{ErrorCode::InvalidInput, "the picture " + quoted(path) + " has " + std::to_string(size.width()) + " x "
                                              + std::to_string(size.height()) + " pixels; at most "
                                              + std::to_string(kMaxImagePixels / 1'000'000) + " million are shown"};
}

} // namespace

Result<QImage> readImage(const QString& path) {
    const QFileInfo info(path);
    if (!info.exists())
        return Error{ErrorCode::NotFound, "file " + quoted(path) + " does not exist"};
    if (!info.isFile())
        return Error{ErrorCode::InvalidInput, quoted(path) + " is not a file"};
    QImageReader reader(path);
    // What the file holds decides, not what its name says.
    reader.setDecideFormatFromContent(true);
    reader.setAutoTransform(true);
    QImageReader::setAllocationLimit(kAllocationLimitMiB);
    if (!reader.canRead())
        return readerError(reader, path);
    HEARTH_CHECK(checkSize(reader.size(), path));
    QImage image = reader.read();
    if (image.isNull())
        return readerError(reader, path);
    // Some formats do not tell their size beforehand.
    HEARTH_CHECK(checkSize(image.size(), path));
    return image;
}

ImageLoader::ImageLoader(QObject* parent)
    : QObject(parent), m_thread(std::make_unique<TaskThread>(TaskThread::Pending::Drop)) {}

ImageLoader::~ImageLoader() {
    m_thread.reset();
}

quint64 ImageLoader::load(const QString& path) {
    const quint64 request = ++m_lastRequest;
    m_thread->post([this, request, path](std::stop_token) { publish(request, path, readImage(path)); });
    return request;
}

quint64 ImageLoader::prepare(const QImage& image, const QString& name) {
    const quint64 request = ++m_lastRequest;
    m_thread->post([this, request, image, name](std::stop_token) {
        const Status size = checkSize(image.size(), name);
        publish(request, name, size.ok() ? Result<QImage>(image) : Result<QImage>(size.error()));
    });
    return request;
}

void ImageLoader::publish(quint64 request, const QString& path, const Result<QImage>& image) {
    if (image.ok()) {
        QMetaObject::invokeMethod(
            this, [this, request, path, pyramid = makePyramid(*image)] { Q_EMIT loaded(request, path, pyramid); },
            Qt::QueuedConnection);
    } else {
        QMetaObject::invokeMethod(
            this, [this, request, path, error = image.error()] { Q_EMIT failed(request, path, error); },
            Qt::QueuedConnection);
    }
}

bool ImageLoader::shutdown(std::chrono::milliseconds limit) {
    m_thread->stop();
    return m_thread->waitFor(limit);
}

} // namespace hearth
