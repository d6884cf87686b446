#include "app/storage/database.h"

#include <QFile>
#include <QFileInfo>

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace hearth {

namespace {

constexpr int kBusyWaitMs = 5000;
constexpr int kBusyStepMs = 10;

std::string quoted(const QString& path) {
    return "'" + path.toStdString() + "'";
}

/// Waits for another program's lock in small steps, so that ending the program need not wait for it.
int waitForLock(void* stopWaiting, int attempts) {
    const auto* stop = static_cast<const std::atomic<bool>*>(stopWaiting);
    if (attempts * kBusyStepMs >= kBusyWaitMs || stop->load(std::memory_order_relaxed))
        return 0;
    sqlite3_sleep(kBusyStepMs);
    return 1;
}

Error errorFrom(int extendedCode, int systemError, const QString& path, std::string_view doing,
                const char* sqliteMessage) {
    const std::string subject = "database " + quoted(path);
    const std::string during = doing.empty() ? "" : " (" + std::string(doing) + ")";
    switch (extendedCode & 0xff) {
    case SQLITE_FULL:
        return {ErrorCode::Io, "the disk is full: " + subject + " cannot grow" + during};
    case SQLITE_READONLY:
        return {ErrorCode::Io, subject + " cannot be written: the file or its folder is read-only" + during};
    case SQLITE_CANTOPEN:
        return {systemError == ENOENT ? ErrorCode::NotFound : ErrorCode::Io,
                subject + " cannot be opened" + during + ": "
                    + (systemError != 0 ? std::strerror(systemError) : sqliteMessage)};
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return {ErrorCode::Io, subject + " cannot be used: permission denied" + during};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {ErrorCode::Io, subject + " is locked by another program" + during};
    case SQLITE_IOERR:
        return {ErrorCode::Io, subject + ": input/output error" + during
                                   + (systemError != 0 ? std::string(": ") + std::strerror(systemError) : "")};
    case SQLITE_NOTADB:
        return {ErrorCode::Corrupt, subject + " is not a database, or its beginning is damaged" + during};
    case SQLITE_CORRUPT:
        return {ErrorCode::Corrupt, subject + " is damaged" + during};
    case SQLITE_NOMEM:
        return {ErrorCode::OutOfMemory, subject + ": out of memory" + during};
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
        return {ErrorCode::InvalidInput, subject + ": " + sqliteMessage + during};
    default:
        return {ErrorCode::Internal, subject + ": " + sqliteMessage + during};
    }
}

} // namespace

Result<Database> Database::open(const QString& path, Mode mode) {
    Database database;
    database.m_path = path;
    const int flags = SQLITE_OPEN_NOMUTEX
                      | (mode == Mode::ReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    const int code = sqlite3_open_v2(QFile::encodeName(path).constData(), &database.m_handle, flags, nullptr);
    if (database.m_handle == nullptr)
        return Error{ErrorCode::OutOfMemory, "database " + quoted(path) + ": out of memory"};
    if (code != SQLITE_OK)
        return database.lastError({});
    HEARTH_CHECK(database.configure(mode));
    return database;
}

Status Database::configure(Mode mode) {
    sqlite3_extended_result_codes(m_handle, 1);
    m_stopWaiting = std::make_unique<std::atomic<bool>>(false);
    sqlite3_busy_handler(m_handle, waitForLock, m_stopWaiting.get());
    // A damaged or crafted file must not be able to make SQLite corrupt it further.
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    // Until migrate() accepts the file, closing it must not change it.
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    // secure_delete: what was deleted for good shall not be readable in the file's free pages.
    HEARTH_CHECK(execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;"));
    // SQLite reads nothing of the file before it has to.
    HEARTH_TRY([[maybe_unused]] const qint64 schemaVersion, number("PRAGMA schema_version"));
    if (mode == Mode::ReadWrite && sqlite3_db_readonly(m_handle, "main") == 1)
        return errorFrom(SQLITE_READONLY, 0, m_path, {}, "");
    return {};
}

Database::~Database() {
    sqlite3_close_v2(m_handle);
}

Database::Database(Database&& other) noexcept
    : m_handle(std::exchange(other.m_handle, nullptr)), m_path(std::move(other.m_path)),
      m_stopWaiting(std::move(other.m_stopWaiting)) {}

Database& Database::operator=(Database&& other) noexcept {
    std::swap(m_handle, other.m_handle);
    std::swap(m_path, other.m_path);
    std::swap(m_stopWaiting, other.m_stopWaiting);
    return *this;
}

Status Database::execute(std::string_view sql) {
    const std::string terminated(sql);
    if (sqlite3_exec(m_handle, terminated.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return lastError({});
    return {};
}

Result<qint64> Database::number(std::string_view sql) {
    HEARTH_TRY(Statement statement, Statement::prepare(*this, sql));
    HEARTH_TRY(const bool found, statement.step());
    if (!found)
        return Error{ErrorCode::NotFound, "database " + quoted(m_path) + ": no row for " + std::string(sql)};
    return statement.integer(0);
}

qint64 Database::changes() const {
    return sqlite3_changes64(m_handle);
}

void Database::keepChanges() {
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

Status Database::backupTo(const QString& path) {
    const QString partPath = path + QStringLiteral(".part");
    QFile::remove(partPath);
    {
        HEARTH_TRY(Database copy, open(partPath, Mode::ReadWrite));
        sqlite3_backup* backup = sqlite3_backup_init(copy.m_handle, "main", m_handle, "main");
        if (backup == nullptr)
            return copy.lastError("making a backup");
        sqlite3_backup_step(backup, -1);
        if (sqlite3_backup_finish(backup) != SQLITE_OK) {
            const Error error = copy.lastError("making a backup");
            QFile::remove(partPath);
            return error;
        }
        HEARTH_CHECK(copy.checkWhole());
        // The copy shall be one file that any program can read.
        HEARTH_CHECK(copy.execute("PRAGMA journal_mode = DELETE"));
    }
    QFile::remove(path);
    if (!QFile::rename(partPath, path))
        return Error{ErrorCode::Io, "cannot rename the backup " + quoted(partPath) + " to " + quoted(path)};
    return {};
}

Status Database::checkWhole() {
    HEARTH_TRY(Statement check, Statement::prepare(*this, "PRAGMA quick_check(1)"));
    HEARTH_TRY(const bool checked, check.step());
    if (checked && check.text(0) == QStringLiteral("ok"))
        return {};
    return Error{ErrorCode::Corrupt, "database " + quoted(m_path) + " is damaged: " + check.text(0).toStdString()};
}

void Database::stopWaiting() {
    m_stopWaiting->store(true, std::memory_order_relaxed);
}

Error Database::lastError(std::string_view doing) const {
    return errorFrom(sqlite3_extended_errcode(m_handle), sqlite3_system_errno(m_handle), m_path, doing,
                     sqlite3_errmsg(m_handle));
}

Result<Statement> Statement::prepare(Database& database, std::string_view sql) {
    sqlite3_stmt* handle = nullptr;
    if (sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &handle, nullptr) != SQLITE_OK)
        return database.lastError({});
    return Statement(database, handle);
}

Statement::Statement(Database& database, sqlite3_stmt* handle) : m_database(&database), m_handle(handle) {}

Statement::~Statement() {
    sqlite3_finalize(m_handle);
}

Statement::Statement(Statement&& other) noexcept
    : m_database(other.m_database), m_handle(std::exchange(other.m_handle, nullptr)), m_bindFailed(other.m_bindFailed) {
}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(m_database, other.m_database);
    std::swap(m_handle, other.m_handle);
    std::swap(m_bindFailed, other.m_bindFailed);
    return *this;
}

Statement& Statement::bind(int index, qint64 value) {
    m_bindFailed |= sqlite3_bind_int64(m_handle, index, value) != SQLITE_OK;
    return *this;
}

Statement& Statement::bind(int index, double value) {
    m_bindFailed |= sqlite3_bind_double(m_handle, index, value) != SQLITE_OK;
    return *this;
}

Statement& Statement::bind(int index, const QString& value) {
    const QByteArray utf8 = value.toUtf8();
    // A null pointer would bind NULL; an empty QByteArray points to its terminator.
    m_bindFailed |= sqlite3_bind_text64(m_handle, index, utf8.constData(), static_cast<sqlite3_uint64>(utf8.size()),
                                        SQLITE_TRANSIENT, SQLITE_UTF8)
                    != SQLITE_OK;
    return *this;
}

Statement& Statement::bind(int index, const QByteArray& value) {
    m_bindFailed |= sqlite3_bind_blob64(m_handle, index, value.constData(), static_cast<sqlite3_uint64>(value.size()),
                                        SQLITE_TRANSIENT)
                    != SQLITE_OK;
    return *this;
}

Statement& Statement::bindNull(int index) {
    m_bindFailed |= sqlite3_bind_null(m_handle, index) != SQLITE_OK;
    return *this;
}

Result<bool> Statement::step() {
    if (m_bindFailed)
        return m_database->lastError("binding a value");
    const int code = sqlite3_step(m_handle);
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    const Error error = m_database->lastError({});
    sqlite3_reset(m_handle);
    return error;
}

Status Statement::run() {
    HEARTH_TRY([[maybe_unused]] const bool row, step());
    reset();
    return {};
}

void Statement::reset() {
    sqlite3_reset(m_handle);
    sqlite3_clear_bindings(m_handle);
}

qint64 Statement::integer(int column) const {
    return sqlite3_column_int64(m_handle, column);
}

double Statement::real(int column) const {
    return sqlite3_column_double(m_handle, column);
}

QString Statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(m_handle, column));
    return QString::fromUtf8(data, sqlite3_column_bytes(m_handle, column));
}

QByteArray Statement::blob(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(m_handle, column));
    return {data, sqlite3_column_bytes(m_handle, column)};
}

bool Statement::isNull(int column) const {
    return sqlite3_column_type(m_handle, column) == SQLITE_NULL;
}

Result<Transaction> Transaction::begin(Database& database) {
    // Immediate: a lock that another program holds is met here and not in the middle.
    HEARTH_CHECK(database.execute("BEGIN IMMEDIATE"));
    return Transaction(database);
}

Transaction::Transaction(Database& database) : m_database(&database) {}

Transaction::Transaction(Transaction&& other) noexcept : m_database(std::exchange(other.m_database, nullptr)) {}

Transaction::~Transaction() {
    // Some errors (a full disk) have already rolled back; asking again would only fail.
    if (m_database != nullptr && sqlite3_get_autocommit(m_database->handle()) == 0)
        sqlite3_exec(m_database->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Status Transaction::commit() {
    HEARTH_CHECK(m_database->execute("COMMIT"));
    m_database = nullptr;
    return {};
}

} // namespace hearth
