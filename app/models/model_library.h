#pragma once

#include "app/models/model_file.h"
#include "kernels/base/result.h"

#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>

#include <chrono>
#include <memory>
#include <stop_token>

namespace hearth {

class TaskThread;

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
    /// Brings a file into the models folder, see importModelFile(). importProgress() (copies only), then imported() or
    /// importFailed() follows; after imported() also refreshed(). A second import waits for the first.
    void importFile(const QString& path, ImportMode mode);
    /// importFailed() with Cancelled follows for all that were asked for.
    void cancelImport();

    /// Stops what runs and waits at most `limit`; false if it still runs.
    [[nodiscard]] bool shutdown(std::chrono::milliseconds limit);

Q_SIGNALS:
    void refreshed();
    void importProgress(quint64 doneBytes, quint64 totalBytes);
    void imported(const hearth::ModelFile& model);
    void importFailed(const QString& path, const hearth::Error& error);

private:
    QString m_modelsFolder;
    QStringList m_extraFolders;
    QList<ModelFile> m_models;
    std::stop_source m_importStop;
    std::unique_ptr<TaskThread> m_thread;
};

} // namespace hearth
