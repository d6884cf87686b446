#pragma once

#include <QList>
#include <QString>
#include <QUrl>

namespace hearth::ui {

/// What the window does with a file.
enum class FileKind {
    Document,    ///< PDF: opened beside the chat
    Image,       ///< picture: opened beside the chat
    Text,        ///< goes with the next question
    Model,       ///< GGUF: imported
    Unsupported, ///< a folder, something on the network, or a format that nothing here reads
};

struct FileToOpen {
    QString path; ///< empty if the URL names no local file
    FileKind kind = FileKind::Unsupported;
};

/// By name, then by the first bytes where the name says nothing. Reads at most 4 KiB; a FIFO or device is Unsupported,
/// for reading it might never end. Thread: any.
[[nodiscard]] FileKind fileKind(const QString& path);

[[nodiscard]] QList<FileToOpen> filesToOpen(const QList<QUrl>& urls);

} // namespace hearth::ui
