#pragma once

#include "kernels/base/result.h"

#include <QList>
#include <QObject>
#include <QString>

#include <memory>

namespace hearth {

class TaskThread;

/// A model file as the list shows it.
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
    QString problem; ///< one sentence if the file cannot be used; then only path, name and size are set
    friend bool operator==(const ModelFile&, const ModelFile&) = default;
};

enum class ImportMode : quint8 { Link, Copy };

/// The model files of the models folder and of further folders. Reading and copying happen on a thread of its own; a
/// folder that is missing is not an error (a removable disk). Thread: UI.
class ModelLibrary : public QObject {
    Q_OBJECT
public:
    ModelLibrary(const QString& modelsFolder, const QStringList& extraFolders, QObject* parent = nullptr);
    ~ModelLibrary() override;

    void setExtraFolders(const QStringList& folders);
    [[nodiscard]] const QString& modelsFolder() const { return m_modelsFolder; }
    /// By name; broken files last. Empty until the first refreshed().
    [[nodiscard]] const QList<ModelFile>& models() const { return m_models; }
    /// The starter model if it is there, else the first usable one, else nothing.
    [[nodiscard]] const ModelFile* suggested() const;
    /// Null if it is not listed.
    [[nodiscard]] const ModelFile* find(const QString& path) const;

    /// Reads the folders again; refreshed() follows.
    void refresh();
    /// Checks a file's header, then links or copies it into the models folder under a temporary name and renames it.
    /// imported() or importFailed() follows. A name that is taken by another file gets a number.
    void importFile(const QString& path, ImportMode mode);
    void cancelImport();

Q_SIGNALS:
    void refreshed();
    void importProgress(quint64 doneBytes, quint64 totalBytes);
    void imported(const hearth::ModelFile& model);
    void importFailed(const QString& path, const hearth::Error& error);

private:
    QString m_modelsFolder;
    QStringList m_extraFolders;
    QList<ModelFile> m_models;
    std::unique_ptr<TaskThread> m_thread;
};

} // namespace hearth
