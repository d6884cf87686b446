#include "app/storage/storage_thread.h"

#include "app/settings/paths.h"
#include "app/storage/chat_repository.h"
#include "app/storage/migrations.h"

#include <QElapsedTimer>
#include <QFileInfo>

#include <mutex>
#include <optional>

namespace hearth {

namespace {

constexpr int kKeepRemovedDays = 30;
// A database that could not be opened is tried again with the first request after this time.
constexpr int kReopenMs = 2000;

} // namespace

/// The open database and what is needed to open it. Thread: the storage thread, but for stopWaitingForLocks().
struct StorageThread::Worker {
    QString path;
    QString backupFolder;
    QString attachmentFolder;
    std::optional<ChatRepository> repository;
    std::optional<Error> openError;
    QElapsedTimer sinceOpening;

    std::mutex mutex; ///< guards the two below where another thread tells the database not to wait
    std::optional<Database> database;
    bool stopWaiting = false;

    [[nodiscard]] Result<StorageInfo> open() {
        HEARTH_CHECK(makeFolder(QFileInfo(path).path()));
        {
            HEARTH_TRY(Database opened, Database::open(path, Database::Mode::ReadWrite));
            const std::lock_guard lock(mutex);
            database = std::move(opened);
            if (stopWaiting)
                database->stopWaiting();
        }
        HEARTH_TRY(const MigrationReport report, migrate(*database, allMigrations(), backupFolder));
        ChatRepository opened(*database, attachmentFolder);
        HEARTH_CHECK(opened.tidy(QDateTime::currentDateTimeUtc().addDays(-kKeepRemovedDays)));
        repository.emplace(std::move(opened));
        const bool upgraded = report.from != 0 && report.from != report.to;
        return StorageInfo{path, report.to, upgraded ? report.from : 0, report.backup};
    }

    /// A full or read-only disk may be mended while the program runs; the other reasons stay as they are.
    [[nodiscard]] bool mayOpenAgain() const {
        return openError && (openError->code == ErrorCode::Io || openError->code == ErrorCode::NotFound)
               && sinceOpening.elapsed() >= kReopenMs;
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
    m_worker->path = databasePath;
    m_worker->backupFolder = backupFolder;
    m_worker->attachmentFolder = attachmentFolder;
    m_thread.post([this](std::stop_token) { open(); });
}

void StorageThread::open() {
    m_worker->sinceOpening.start();
    const auto info = m_worker->open();
    if (info.ok()) {
        m_worker->openError.reset();
        reply([this, info = info.value()] { Q_EMIT opened(info); });
        return;
    }
    {
        const std::lock_guard lock(m_worker->mutex);
        m_worker->database.reset();
    }
    const bool first = !m_worker->openError;
    m_worker->openError = info.error();
    if (first)
        reply([this, error = info.error()] { Q_EMIT openFailed(error); });
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
        if (m_worker->mayOpenAgain())
            open();
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
template Result<MessageTree> StorageThread::answer(const Result<ChatRepository*>&, const LoadMessages&);
template Result<void> StorageThread::answer(const Result<ChatRepository*>&, const SaveMessages&);
template Result<QList<SearchHit>> StorageThread::answer(const Result<ChatRepository*>&, const SearchMessages&);
template Result<Attachment> StorageThread::answer(const Result<ChatRepository*>&, const ImportAttachment&);
template Result<Attachment> StorageThread::answer(const Result<ChatRepository*>&, const ImportText&);
template Result<AnswerTrace> StorageThread::answer(const Result<ChatRepository*>&, const LoadTrace&);

} // namespace hearth
