#include "app/storage/storage_thread.h"

#include "app/settings/paths.h"
#include "app/storage/chat_repository.h"
#include "app/storage/migrations.h"

#include <QFileInfo>

#include <mutex>
#include <optional>

namespace hearth {

namespace {

constexpr int kKeepRemovedDays = 30;

} // namespace

struct StorageThread::Worker {
    std::optional<ChatRepository> repository;
    std::optional<Error> openError;

    // The database is closed by the storage thread's user after the thread has ended; until then `mutex` lets another
    // thread tell it not to wait for locks.
    std::mutex mutex;
    std::optional<Database> database;
    bool stopWaiting = false;

    [[nodiscard]] Result<StorageInfo> open(const QString& path, const QString& backupFolder,
                                           const QString& attachmentFolder) {
        HEARTH_CHECK(makeFolder(QFileInfo(path).path()));
        {
            HEARTH_TRY(Database opened, Database::open(path, Database::Mode::ReadWrite));
            const std::lock_guard lock(mutex);
            database = std::move(opened);
            if (stopWaiting)
                database->stopWaiting();
        }
        HEARTH_TRY(const MigrationReport report, migrate(*database, allMigrations(), backupFolder));
        repository.emplace(*database, attachmentFolder);
        HEARTH_CHECK(repository->tidy(QDateTime::currentDateTimeUtc().addDays(-kKeepRemovedDays)));
        const bool upgraded = report.from != 0 && report.from != report.to;
        return StorageInfo{path, report.to, upgraded ? report.from : 0, report.backup};
    }

    void stopWaitingForLocks() {
        const std::lock_guard lock(mutex);
        stopWaiting = true;
        if (database)
            database->stopWaiting();
    }
};

StorageThread::StorageThread(const QString& databasePath, const QString& backupFolder, const QString& attachmentFolder,
                             QObject* parent)
    : QObject(parent), m_worker(std::make_unique<Worker>()), m_thread(TaskThread::Pending::Run) {
    m_thread.post([this, databasePath, backupFolder, attachmentFolder](std::stop_token) {
        const auto info = m_worker->open(databasePath, backupFolder, attachmentFolder);
        if (info.ok()) {
            reply([this, info = info.value()] { Q_EMIT opened(info); });
            return;
        }
        m_worker->repository.reset();
        m_worker->openError = info.error();
        reply([this, error = info.error()] { Q_EMIT openFailed(error); });
    });
}

StorageThread::~StorageThread() {
    m_worker->stopWaitingForLocks();
}

bool StorageThread::shutdown(std::chrono::milliseconds limit) {
    m_worker->stopWaitingForLocks();
    m_thread.stop();
    return m_thread.waitFor(limit);
}

void StorageThread::enqueue(Job job) {
    m_thread.post([this, job = std::move(job)](std::stop_token) {
        if (m_worker->openError)
            job(*m_worker->openError);
        else
            job(&*m_worker->repository);
    });
}

void StorageThread::reply(std::function<void()> done) {
    QMetaObject::invokeMethod(this, std::move(done), Qt::QueuedConnection);
}

template <typename Request>
Result<typename Request::Reply> StorageThread::answer(const Result<ChatRepository*>& repository,
                                                      const Request& request) {
    if (!repository.ok())
        return repository.error();
    return (*repository)->run(request);
}

template Result<QList<ConversationSummary>> StorageThread::answer(const Result<ChatRepository*>&,
                                                                  const LoadConversations&);
template Result<void> StorageThread::answer(const Result<ChatRepository*>&, const SaveConversation&);
template Result<void> StorageThread::answer(const Result<ChatRepository*>&, const SetConversationRemoved&);
template Result<QList<Message>> StorageThread::answer(const Result<ChatRepository*>&, const LoadMessages&);
template Result<void> StorageThread::answer(const Result<ChatRepository*>&, const SaveMessages&);
template Result<void> StorageThread::answer(const Result<ChatRepository*>&, const SelectVersion&);
template Result<QList<SearchHit>> StorageThread::answer(const Result<ChatRepository*>&, const SearchMessages&);
template Result<Attachment> StorageThread::answer(const Result<ChatRepository*>&, const ImportAttachment&);

} // namespace hearth
