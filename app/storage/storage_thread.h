#pragma once

#include "app/storage/requests.h"
#include "app/threads/task_thread.h"
#include "kernels/base/result.h"

#include <QObject>
#include <QPointer>
#include <QString>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace hearth {

class ChatRepository;

/// What was opened.
struct StorageInfo {
    QString path;
    int schemaVersion = 0;
    int upgradedFrom = 0; ///< 0: not upgraded
    QString backup;       ///< of the database before an upgrade
};

/// The only writer of the database: a thread with a queue of requests. Answers come back on the thread of this object,
/// in the order of the requests. If the database cannot be opened every request is answered with that error; where the
/// reason may pass (full or read-only disk) opening is tried again with later requests, and opened() follows.
/// Thread: the object and its calls belong to the UI thread.
class StorageThread : public QObject {
    Q_OBJECT
public:
    /// Opens (and upgrades) the database on the storage thread; opened() or openFailed() follows.
    StorageThread(const QString& databasePath, const QString& backupFolder, const QString& attachmentFolder,
                  QObject* parent = nullptr);
    /// Runs what was asked, then ends.
    ~StorageThread() override;

    /// Asks; `done` is called here unless `context` is gone by then.
    template <typename Request>
    void submit(Request request, QObject* context,
                std::function<void(const Result<typename Request::Reply>& result)> done) {
        enqueue([this, request = std::move(request), context = QPointer<QObject>(context),
                 done = std::move(done)](const Result<ChatRepository*>& repository) mutable {
            auto result = answer(repository, request);
            reply([context, done = std::move(done), result = std::move(result)] {
                if (context != nullptr)
                    done(result);
            });
        });
    }

    /// Runs what was asked and ends; false if that takes longer than `limit`. Nothing is taken any more after it.
    [[nodiscard]] bool shutdown(std::chrono::milliseconds limit);

Q_SIGNALS:
    void opened(const hearth::StorageInfo& info);
    void openFailed(const hearth::Error& error);

private:
    using Job = std::function<void(const Result<ChatRepository*>& repository)>;
    struct Worker;

    /// Opens and tells; on the storage thread.
    void open();
    void enqueue(Job job);
    /// Runs `done` on this object's thread.
    void reply(std::function<void()> done);
    template <typename Request>
    static Result<typename Request::Reply> answer(const Result<ChatRepository*>& repository, const Request& request);

    std::unique_ptr<Worker> m_worker; ///< used on the storage thread only
    TaskThread m_thread;
};

} // namespace hearth
