#pragma once

#include "kernels/base/result.h"

#include <QByteArray>
#include <QString>

#include <atomic>
#include <memory>
#include <optional>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace hearth {

/// One SQLite connection: WAL, foreign keys on, synchronous=NORMAL (a killed process loses nothing that was committed;
/// a power cut at most the last commits), waits up to 5 s for another program's lock. Thread: one at a time.
class Database {
public:
    enum class Mode { ReadWrite, ReadOnly };

    /// Opens or (ReadWrite) creates a file. Reads its header, so that a file that is none is refused here.
    /// Errors: NotFound, Io (read-only file or folder, full disk), Corrupt; each names the file.
    [[nodiscard]] static Result<Database> open(const QString& path, Mode mode);
    ~Database();
    Database(Database&& other) noexcept;
    Database& operator=(Database&& other) noexcept;

    [[nodiscard]] const QString& path() const { return m_path; }
    /// Runs statements without results, separated by semicolons.
    [[nodiscard]] Status execute(std::string_view sql);
    /// A single number, e.g. of a PRAGMA. Errors: as execute(); NotFound if there is no row.
    [[nodiscard]] Result<qint64> number(std::string_view sql);
    /// Rows changed by the last statement.
    [[nodiscard]] qint64 changes() const;
    /// Copies the whole database, as it is now, into a new file (temporary name, then renamed), while it is in use.
    [[nodiscard]] Status backupTo(const QString& path);
    /// Lets closing fold the write-ahead log into the file. Before it, opening and closing changes nothing: a file of a
    /// newer version stays as it is.
    void keepChanges();
    /// From now on a lock of another program makes statements fail at once. Thread: any.
    void stopWaiting();

    /// The last failure of this connection as an error that names the file.
    [[nodiscard]] Error lastError(std::string_view doing) const;
    [[nodiscard]] sqlite3* handle() const { return m_handle; }

private:
    Database() = default;
    [[nodiscard]] Status configure(Mode mode);
    [[nodiscard]] Status checkWhole();

    sqlite3* m_handle = nullptr;
    QString m_path;
    std::unique_ptr<std::atomic<bool>> m_stopWaiting; ///< on the heap: SQLite's busy handler keeps its address
};

/// A prepared statement. Bind all parameters (from 1), step through the rows, reset to run again. Thread: its
/// database's.
class Statement {
public:
    /// Errors: Internal (SQL that does not compile), Corrupt, Io.
    [[nodiscard]] static Result<Statement> prepare(Database& database, std::string_view sql);
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;

    Statement& bind(int index, qint64 value);
    Statement& bind(int index, double value);
    Statement& bind(int index, const QString& value);
    Statement& bind(int index, const QByteArray& value);
    Statement& bindNull(int index);

    /// True: a row is there. False: done. Errors: Io (full or read-only disk, lock), Corrupt, InvalidInput (a
    /// constraint), OutOfMemory.
    [[nodiscard]] Result<bool> step();
    /// Runs a statement without rows and resets it.
    [[nodiscard]] Status run();
    void reset();

    // Columns from 0, of the row that step() found. NULL reads as 0 or empty.
    [[nodiscard]] qint64 integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] QString text(int column) const;
    [[nodiscard]] QByteArray blob(int column) const;
    [[nodiscard]] bool isNull(int column) const;

private:
    Statement(Database& database, sqlite3_stmt* handle);

    Database* m_database = nullptr;
    sqlite3_stmt* m_handle = nullptr;
    bool m_bindFailed = false;
};

/// All or nothing: rolled back unless commit() was called and succeeded. Thread: its database's.
class Transaction {
public:
    [[nodiscard]] static Result<Transaction> begin(Database& database);
    ~Transaction();
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;

    [[nodiscard]] Status commit();

private:
    explicit Transaction(Database& database);
    Database* m_database = nullptr; ///< null: ended
};

} // namespace hearth
