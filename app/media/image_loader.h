#pragma once

#include "app/media/image_pyramid.h"
#include "kernels/base/result.h"

#include <QImage>
#include <QObject>
#include <QString>

#include <chrono>
#include <memory>

namespace hearth {

class TaskThread;

/// The largest picture that is decoded: 8 K x 8 K, 256 MiB as 32-bit pixels.
inline constexpr qint64 kMaxImagePixels = qint64{64} * 1024 * 1024;

/// Decodes a picture, turned upright as its EXIF data say. The size is read from the header and refused before
/// anything is decoded; decoding is held to an allocation limit as well.
/// Errors: NotFound, Io, Unsupported (no known format), InvalidInput (too large, with the numbers), Corrupt.
/// Thread: any.
[[nodiscard]] Result<QImage> readImage(const QString& path);

/// Pictures made ready to be shown, off the UI thread. Thread: UI.
class ImageLoader : public QObject {
    Q_OBJECT
public:
    explicit ImageLoader(QObject* parent = nullptr);
    ~ImageLoader() override;

    /// Reads a file. Either signal follows with the number that is returned.
    quint64 load(const QString& path);
    /// Takes a picture that is in memory already (pasted, dropped); loaded() follows with `name` as its path.
    quint64 prepare(const QImage& image, const QString& name);

    /// Drops what waits and waits at most `limit` for what runs; false if it still runs.
    [[nodiscard]] bool shutdown(std::chrono::milliseconds limit);

Q_SIGNALS:
    void loaded(quint64 request, const QString& path, const hearth::ImagePyramid& image);
    void failed(quint64 request, const QString& path, const hearth::Error& error);

private:
    void publish(quint64 request, const QString& path, const Result<QImage>& image);

    quint64 m_lastRequest = 0;
    std::unique_ptr<TaskThread> m_thread;
};

} // namespace hearth
