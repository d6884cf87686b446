#pragma once

#include "app/storage/database.h"
#include "kernels/base/result.h"

#include <QString>

#include <span>
#include <string_view>

namespace hearth {

/// One step of the schema: storage/migrations/NNNN_name.sql, compiled in.
struct Migration {
    int version; ///< user_version after it; they count 1, 2, 3, …
    std::string_view name;
    std::string_view sql;
};

/// All of this program, in order.
[[nodiscard]] std::span<const Migration> allMigrations();

struct MigrationReport {
    int from = 0; ///< 0: a new database
    int to = 0;
    QString backup; ///< file of the copy that was made before upgrading; empty if nothing was upgraded
};

/// Brings a database to the last of `migrations`, each step in a transaction of its own with its user_version, after a
/// copy of the database was put into `backupFolder`. Nothing is changed if the database is newer or is not ours.
/// Errors: Unsupported (newer; names the file and both versions), Corrupt, Io.
[[nodiscard]] Result<MigrationReport> migrate(Database& database, std::span<const Migration> migrations,
                                              const QString& backupFolder);

} // namespace hearth
