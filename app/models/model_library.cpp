#include "app/models/model_library.h"

#include "app/threads/task_thread.h"

#include <algorithm>
#include <utility>

namespace hearth {

ModelLibrary::ModelLibrary(const QString& modelsFolder, const QStringList& extraFolders, QObject* parent)
    : QObject(parent), m_modelsFolder(modelsFolder), m_extraFolders(extraFolders),
      m_thread(std::make_unique<TaskThread>(TaskThread::Pending::Drop)) {}

ModelLibrary::~ModelLibrary() {
    m_importStop.request_stop();
    m_thread.reset();
}

void ModelLibrary::setExtraFolders(const QStringList& folders) {
    if (m_extraFolders == folders)
        return;
    m_extraFolders = folders;
    refresh();
}

const ModelFile* ModelLibrary::suggested() const {
    const auto usable = [](const ModelFile& model) { return model.problem.isEmpty(); };
    const auto starter = std::find_if(m_models.begin(), m_models.end(),
                                      [&](const ModelFile& model) { return model.isStarter && usable(model); });
    if (starter != m_models.end())
        return &*starter;
    const auto first = std::find_if(m_models.begin(), m_models.end(), usable);
    return first == m_models.end() ? nullptr : &*first;
}

const ModelFile* ModelLibrary::find(const QString& path) const {
    const auto found =
        std::find_if(m_models.begin(), m_models.end(), [&path](const ModelFile& model) { return model.path == path; });
    return found == m_models.end() ? nullptr : &*found;
}

void ModelLibrary::refresh() {
    m_thread->post([this, own = m_modelsFolder, extra = m_extraFolders](std::stop_token stop) {
        // No import runs now: this is its thread.
        removeLeftovers(own);
        QList<ModelFile> models = listModelFiles(QStringList(own) + extra, stop);
        if (stop.stop_requested())
            return;
        QMetaObject::invokeMethod(
            this,
            [this, models = std::move(models)] {
                m_models = models;
                Q_EMIT refreshed();
            },
            Qt::QueuedConnection);
    });
}

void ModelLibrary::importFile(const QString& path, ImportMode mode) {
    m_thread->post([this, path, mode, folder = m_modelsFolder, stop = m_importStop.get_token()](std::stop_token) {
        int shownPercent = -1;
        const auto progress = [this, &shownPercent](quint64 done, quint64 total) {
            const int percent = static_cast<int>(total == 0 ? 100 : done * 100 / total);
            if (std::exchange(shownPercent, percent) == percent)
                return;
            QMetaObject::invokeMethod(
                this, [this, done, total] { Q_EMIT importProgress(done, total); }, Qt::QueuedConnection);
        };
        const auto result = importModelFile({path, folder, mode, stop, progress});
        QMetaObject::invokeMethod(
            this,
            [this, path, result] {
                if (result.ok()) {
                    Q_EMIT imported(*result);
                    refresh();
                } else {
                    Q_EMIT importFailed(path, result.error());
                }
            },
            Qt::QueuedConnection);
    });
}

void ModelLibrary::cancelImport() {
    m_importStop.request_stop();
    m_importStop = std::stop_source();
}

bool ModelLibrary::shutdown(std::chrono::milliseconds limit) {
    m_importStop.request_stop();
    m_thread->stop();
    return m_thread->waitFor(limit);
}

} // namespace hearth
