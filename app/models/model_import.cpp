// Links or copies model files into the models folder.

#include "app/models/model_file.h"

#include "app/models/split_name.h"
#include "app/settings/paths.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStorageInfo>

#include <array>
#include <filesystem>
#include <system_error>

#ifdef Q_OS_UNIX
#include <unistd.h>
#endif

namespace hearth {

namespace {

constexpr qint64 kCopyChunkBytes = qint64{4} * 1024 * 1024;
// What a copy leaves free: the database and the system need some too.
constexpr qint64 kReserveBytes = qint64{256} * 1024 * 1024;

const QString kPartSuffix = QStringLiteral(".part");

std::string quoted(const QString& path) {
    return "'" + path.toStdString() + "'";
}

std::filesystem::path toPath(const QString& path) {
    const QByteArray utf8 = path.toUtf8();
    return std::filesystem::path(std::u8string(utf8.begin(), utf8.end()));
}

/// One file to be brought into the folder.
struct Piece {
    QString source;
    QString target;
};

/// Base of the target's name when `number` others have it: "name", "name (2)", …
QString numbered(const QString& base, int number) {
    return number == 1 ? base : QStringLiteral("%1 (%2)").arg(base).arg(number);
}

QList<Piece> piecesFor(const QString& source, const QString& folder, int number) {
    const QFileInfo info(source);
    auto split = SplitName::parse(info.fileName());
    if (!split)
        return {{source, folder + u'/' + numbered(info.completeBaseName(), number) + QStringLiteral(".gguf")}};
    QList<Piece> pieces;
    SplitName target = *split;
    target.base = numbered(split->base, number);
    for (int part = 1; part <= split->parts; ++part) {
        split->part = target.part = part;
        pieces.append({info.absolutePath() + u'/' + split->fileName(), folder + u'/' + target.fileName()});
    }
    return pieces;
}

bool isTaken(const QString& path) {
    // A link to nowhere takes a name too.
    const QFileInfo info(path);
    return info.exists() || info.isSymbolicLink();
}

Status link(const Piece& piece, const QString& part) {
    std::error_code error;
    std::filesystem::create_symlink(toPath(QFileInfo(piece.source).absoluteFilePath()), toPath(part), error);
    if (error)
        return Error{ErrorCode::Io,
                     "cannot link " + quoted(piece.target) + " to " + quoted(piece.source) + ": " + error.message()};
    return {};
}

Status copy(const Piece& piece, const QString& part, const ModelImport& import, quint64& doneBytes,
            quint64 totalBytes) {
    QFile source(piece.source);
    QFile target(part);
    if (!source.open(QIODevice::ReadOnly))
        return Error{ErrorCode::Io, "cannot read " + quoted(piece.source) + ": " + source.errorString().toStdString()};
    if (!target.open(QIODevice::WriteOnly))
        return Error{ErrorCode::Io, "cannot write " + quoted(part) + ": " + target.errorString().toStdString()};
    QByteArray chunk(kCopyChunkBytes, Qt::Uninitialized);
    while (true) {
        if (import.stop.stop_requested())
            return Error{ErrorCode::Cancelled, "adding " + quoted(piece.source) + " was cancelled"};
        const qint64 bytes = source.read(chunk.data(), chunk.size());
        if (bytes < 0)
            return Error{ErrorCode::Io,
                         "cannot read " + quoted(piece.source) + ": " + source.errorString().toStdString()};
        if (bytes == 0)
            break;
        if (target.write(chunk.constData(), bytes) != bytes)
            return Error{ErrorCode::Io, "cannot write " + quoted(part) + ": " + target.errorString().toStdString()};
        doneBytes += static_cast<quint64>(bytes);
        import.progress(doneBytes, totalBytes);
    }
    bool written = target.flush();
#ifdef Q_OS_UNIX
    // Renamed before its content is on disk, a file could be empty after a power cut.
    written = written && fsync(target.handle()) == 0;
#endif
    if (!written)
        return Error{ErrorCode::Io, "cannot write " + quoted(part) + ": " + target.errorString().toStdString()};
    return {};
}

Status checkSpace(quint64 bytes, const QString& folder) {
    const QStorageInfo storage(folder);
    const qint64 free = storage.bytesAvailable();
    if (!storage.isValid() || free < 0 || static_cast<quint64>(free) >= bytes + quint64{kReserveBytes})
        return {};
    return Error{ErrorCode::Io, "the copy needs " + std::to_string(bytes / 1'000'000) + " MB and "
                                    + std::to_string(kReserveBytes / 1'000'000) + " MB are kept free; " + quoted(folder)
                                    + " has " + std::to_string(free / 1'000'000) + " MB"};
}

Status bringIn(const QList<Piece>& pieces, const ModelImport& import) {
    quint64 totalBytes = 0;
    for (const Piece& piece : pieces)
        totalBytes += static_cast<quint64>(QFileInfo(piece.source).size());
    if (import.mode == ImportMode::Copy)
        HEARTH_CHECK(checkSpace(totalBytes, import.folder));
    quint64 doneBytes = 0;
    for (const Piece& piece : pieces) {
        const QString part = piece.target + kPartSuffix;
        QFile::remove(part);
        const Status made =
            import.mode == ImportMode::Link ? link(piece, part) : copy(piece, part, import, doneBytes, totalBytes);
        if (!made.ok()) {
            QFile::remove(part);
            return made;
        }
    }
    // The first part names the model: it appears last, when all others are there.
    for (auto piece = pieces.crbegin(); piece != pieces.crend(); ++piece) {
        std::error_code error;
        std::filesystem::rename(toPath(piece->target + kPartSuffix), toPath(piece->target), error);
        if (error)
            return Error{ErrorCode::Io,
                         "cannot rename " + quoted(piece->target + kPartSuffix) + ": " + error.message()};
    }
    return {};
}

} // namespace

Result<ModelFile> importModelFile(const ModelImport& import) {
    HEARTH_TRY(const ModelFile source, readModelFile(import.source));
    HEARTH_CHECK(makeFolder(import.folder));
    const QString canonical = QFileInfo(import.source).canonicalFilePath();
    if (canonical.startsWith(QFileInfo(import.folder).canonicalFilePath() + u'/'))
        return source;
    for (int number = 1;; ++number) {
        const QList<Piece> pieces = piecesFor(import.source, import.folder, number);
        const QString& shown = pieces.first().target;
        if (QFileInfo(shown).canonicalFilePath() == QFileInfo(pieces.first().source).canonicalFilePath())
            return readModelFile(shown);
        const bool taken =
            std::any_of(pieces.begin(), pieces.end(), [](const Piece& piece) { return isTaken(piece.target); });
        if (taken)
            continue;
        const Status done = bringIn(pieces, import);
        if (!done.ok()) {
            for (const Piece& piece : pieces)
                QFile::remove(piece.target + kPartSuffix);
            return done.error();
        }
        return readModelFile(shown);
    }
}

void removeLeftovers(const QString& folder) {
    const QDir models(folder);
    const QStringList leftovers =
        models.entryList({QStringLiteral("*.gguf") + kPartSuffix}, QDir::Files | QDir::System | QDir::Hidden);
    for (const QString& name : leftovers)
        QFile::remove(models.filePath(name));
}

} // namespace hearth
