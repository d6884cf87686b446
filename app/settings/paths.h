#pragma once

#include "kernels/base/result.h"

#include <QString>

namespace hearth {

/// Where Hearth keeps things: the XDG base folders, each with "hearth" below it. A value. Thread: any.
class Paths {
public:
    /// From XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME, XDG_STATE_HOME as they are now; honours QStandardPaths'
    /// test mode.
    [[nodiscard]] static Paths standard();
    /// Everything below one folder: for tests and portable use.
    [[nodiscard]] static Paths under(const QString& root);

    [[nodiscard]] const QString& config() const { return m_config; }
    [[nodiscard]] const QString& data() const { return m_data; }
    /// Deleting it is always harmless.
    [[nodiscard]] const QString& cache() const { return m_cache; }
    [[nodiscard]] const QString& state() const { return m_state; }

    [[nodiscard]] QString settingsFile() const;
    [[nodiscard]] QString database() const;
    [[nodiscard]] QString databaseBackups() const;
    [[nodiscard]] QString attachments() const;
    [[nodiscard]] QString models() const;
    [[nodiscard]] QString logs() const;
    /// What models have read of conversations.
    [[nodiscard]] QString keptConversations() const;

    friend bool operator==(const Paths&, const Paths&) = default;

private:
    QString m_config;
    QString m_data;
    QString m_cache;
    QString m_state;
};

/// Makes a folder and those above it; only the user may look into it.
/// Errors: Io with the folder's name.
[[nodiscard]] Status makeFolder(const QString& path);

} // namespace hearth
