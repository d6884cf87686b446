#pragma once

#include "kernels/base/result.h"

#include <QString>
#include <QStringList>

#include <functional>
#include <stop_token>

namespace hearth {

/// A model file as the list shows it. A model that is split into several files is shown by its first one.
struct ModelFile {
    QString path;
    QString fileName;
    QString name; ///< general.name, or the file's base name
    QString architecture;
    QString quantisation; ///< the type that holds most of the weights, e.g. "Q4_K"
    quint64 sizeBytes = 0;
    quint64 parameterCount = 0;
    int trainedContext = 0;
    bool isStarter = false;
    bool writesText = true; ///< false for projectors, and for models that make vectors of texts
    QString problem;        ///< one sentence if the file cannot be used; then only path, names and size are set
    friend bool operator==(const ModelFile&, const ModelFile&) = default;
};

enum class ImportMode : quint8 { Link, Copy };

/// Reads a model file's header. Errors: those of GgufFile::open. Thread: any.
[[nodiscard]] Result<ModelFile> readModelFile(const QString& path);

/// All models below the folders that write texts, by name, those with a problem last. Thread: any; looks at `stop`
/// between files.
[[nodiscard]] QList<ModelFile> listModelFiles(const QStringList& folders, std::stop_token stop);

/// What an import was asked to do and whom it tells.
struct ModelImport {
    QString source;
    QString folder;
    ImportMode mode = ImportMode::Link;
    std::stop_token stop;
    std::function<void(quint64 doneBytes, quint64 totalBytes)> progress;
};

/// Checks a file and links or copies it, with all its parts if it is split, into a folder: under a temporary name
/// first, so that a broken or half-copied file never looks like a model. A model that is there already is not added
/// twice; a name that another file has gets a number. Errors: those of GgufFile::open; Io (with the missing bytes if
/// the disk is too small); Cancelled. Thread: any.
[[nodiscard]] Result<ModelFile> importModelFile(const ModelImport& import);

/// Removes what an interrupted import left in a folder.
void removeLeftovers(const QString& folder);

} // namespace hearth
