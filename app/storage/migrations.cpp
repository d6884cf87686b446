#include "app/storage/migrations.h"

#include "app/settings/paths.h"
#include "kernels/base/assert.h"

#include <QDateTime>
#include <QFileInfo>

#include <string>

namespace hearth {

namespace {

// "HRTH": tells our files from other programs' (file(1) prints it).
constexpr qint64 kApplicationId = 0x48525448;

Status checkItIsOurs(Database& database, qint64 version) {
    HEARTH_TRY(const qint64 applicationId, database.number("PRAGMA application_id"));
    if (applicationId == kApplicationId)
        return {};
    HEARTH_TRY(const qint64 tables, database.number("SELECT count(*) FROM sqlite_master"));
    if (applicationId == 0 && version == 0 && tables == 0)
        return {};
    return Error{ErrorCode::Unsupported,
                 "database '" + database.path().toStdString() + "' belongs to another program; it was left as it is"};
}

Status apply(Database& database, const Migration& migration) {
    HEARTH_TRY(Transaction transaction, Transaction::begin(database));
    HEARTH_CHECK(database.execute(migration.sql));
    HEARTH_CHECK(database.execute("PRAGMA user_version = " + std::to_string(migration.version)));
    HEARTH_CHECK(database.execute("PRAGMA application_id = " + std::to_string(kApplicationId)));
    return transaction.commit();
}

QString backupPath(const Database& database, qint64 version, const QString& folder) {
    const QString time = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmss"));
    return QStringLiteral("%1/%2-schema%3-%4.db")
        .arg(folder, QFileInfo(database.path()).completeBaseName(), QString::number(version), time);
}

} // namespace

Result<MigrationReport> migrate(Database& database, std::span<const Migration> migrations,
                                const QString& backupFolder) {
    HEARTH_ASSERT(!migrations.empty());
    HEARTH_TRY(const qint64 version, database.number("PRAGMA user_version"));
    HEARTH_CHECK(checkItIsOurs(database, version));
    const int newest = migrations.back().version;
    if (version > newest || version < 0) {
        return Error{ErrorCode::Unsupported, "database '" + database.path().toStdString() + "' has schema version "
                                                 + std::to_string(version) + ", this program knows versions up to "
                                                 + std::to_string(newest) + "; it was left as it is"};
    }
    MigrationReport report{static_cast<int>(version), newest, {}};
    if (version > 0 && version < newest) {
        HEARTH_CHECK(makeFolder(backupFolder));
        report.backup = backupPath(database, version, backupFolder);
        HEARTH_CHECK(database.backupTo(report.backup));
    }
    database.keepChanges();
    HEARTH_CHECK(database.execute("PRAGMA journal_mode = WAL"));
    for (const Migration& migration : migrations) {
        if (migration.version <= version)
            continue;
        auto applied = apply(database, migration);
        if (!applied.ok())
            return applied.error().within("upgrade to schema version " + std::to_string(migration.version));
    }
    return report;
}

} // namespace hearth
