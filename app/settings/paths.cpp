#include "app/settings/paths.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#include <cerrno>
#include <cstring>

namespace hearth {

namespace {

const QString kFolder = QStringLiteral("hearth");

QString below(QStandardPaths::StandardLocation location) {
    return QDir::cleanPath(QStandardPaths::writableLocation(location) + u'/' + kFolder);
}

/// Qt names the state folder from 6.7 on only. The XDG rules: a relative path counts as unset.
QString stateFolder() {
    if (QStandardPaths::isTestModeEnabled())
        return QDir::homePath() + QStringLiteral("/.qttest/state/") + kFolder;
    const QString variable = qEnvironmentVariable("XDG_STATE_HOME");
    const QString base = QDir::isAbsolutePath(variable) ? variable : QDir::homePath() + QStringLiteral("/.local/state");
    return QDir::cleanPath(base + u'/' + kFolder);
}

} // namespace

Paths Paths::standard() {
    Paths paths;
    paths.m_config = below(QStandardPaths::GenericConfigLocation);
    paths.m_data = below(QStandardPaths::GenericDataLocation);
    paths.m_cache = below(QStandardPaths::GenericCacheLocation);
    paths.m_state = stateFolder();
    return paths;
}

Paths Paths::under(const QString& root) {
    Paths paths;
    paths.m_config = root + QStringLiteral("/config");
    paths.m_data = root + QStringLiteral("/data");
    paths.m_cache = root + QStringLiteral("/cache");
    paths.m_state = root + QStringLiteral("/state");
    return paths;
}

QString Paths::settingsFile() const {
    return m_config + QStringLiteral("/hearth.ini");
}

QString Paths::database() const {
    return m_data + QStringLiteral("/hearth.db");
}

QString Paths::databaseBackups() const {
    return m_data + QStringLiteral("/backups");
}

QString Paths::attachments() const {
    return m_data + QStringLiteral("/attachments");
}

QString Paths::models() const {
    return m_data + QStringLiteral("/models");
}

QString Paths::logs() const {
    return m_state + QStringLiteral("/logs");
}

QString Paths::keptConversations() const {
    return m_cache + QStringLiteral("/conversations");
}

Status makeFolder(const QString& path) {
    if (QFileInfo(path).isDir())
        return {};
    errno = 0;
    if (!QDir().mkpath(path)) {
        const std::string reason = errno != 0 ? std::strerror(errno) : "a file of that name is in the way";
        return Error{ErrorCode::Io, "cannot make the folder '" + path.toStdString() + "': " + reason};
    }
    QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return {};
}

} // namespace hearth
