#include "ui/shell/file_kind.h"

#include <QFile>
#include <QFileInfo>
#include <QImageReader>

namespace hearth::ui {

namespace {

constexpr qint64 kSniffBytes = 4096;

/// Text has no zero bytes and hardly any control characters; invalid UTF-8 is still text (an older encoding).
bool looksLikeText(const QByteArray& start) {
    if (start.contains('\0')) {
        return false;
    }
    qsizetype controls = 0;
    for (const char c : start) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\x1b') {
            ++controls;
        }
    }
    return controls * 50 <= start.size();
}

} // namespace

FileKind fileKind(const QString& path) {
    const QFileInfo info(path);
    if (!info.isFile()) {
        return FileKind::Unsupported;
    }
    const QString suffix = info.suffix().toLower();
    if (suffix == QLatin1String("gguf")) {
        return FileKind::Model;
    }
    if (suffix == QLatin1String("pdf")) {
        return FileKind::Document;
    }
    if (QImageReader::supportedImageFormats().contains(suffix.toLatin1())) {
        return FileKind::Image;
    }
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return FileKind::Text; // attaching it says why it cannot be read
    }
    const QByteArray start = file.read(kSniffBytes);
    if (start.startsWith("GGUF")) {
        return FileKind::Model;
    }
    if (start.startsWith("%PDF-")) {
        return FileKind::Document;
    }
    // Text first: to some readers of pictures every XML file is one.
    if (looksLikeText(start)) {
        return FileKind::Text;
    }
    return QImageReader::imageFormat(path).isEmpty() ? FileKind::Unsupported : FileKind::Image;
}

QList<FileToOpen> filesToOpen(const QList<QUrl>& urls) {
    QList<FileToOpen> files;
    for (const QUrl& url : urls) {
        const QString path = url.isLocalFile() ? url.toLocalFile() : QString();
        files.append({path, path.isEmpty() ? FileKind::Unsupported : fileKind(path)});
    }
    return files;
}

} // namespace hearth::ui
