#pragma once

#include <QByteArray>
#include <QDir>
#include <QJsonObject>
#include <QString>
#include <QStringList>

namespace hearth {

/// The built hearth-cli.
[[nodiscard]] QString cliProgram();

/// What one run of it said.
struct CliRun {
    int exitCode = -1; ///< -1 if it crashed, hung or did not start
    QByteArray out;
    QByteArray err;
    /// The last line of `out` as JSON; empty if it is none.
    [[nodiscard]] QJsonObject json() const;
};

/// Runs hearth-cli with `input` as its standard input, to its end.
[[nodiscard]] CliRun runCli(const QStringList& arguments, const QByteArray& input = {});

/// The reference data beside the source tree; may be missing.
[[nodiscard]] QDir sharedData();

/// The starter model if it is on this machine, else empty.
[[nodiscard]] QString starterModel();

} // namespace hearth
