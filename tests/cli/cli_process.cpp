#include "cli_process.h"

#include <QFileInfo>
#include <QJsonDocument>
#include <QProcess>
#include <QStandardPaths>

namespace hearth {
namespace {

using namespace Qt::StringLiterals;

constexpr int kLongestRunMs = 100000;

} // namespace

QString cliProgram() {
    return QString::fromUtf8(HEARTH_CLI);
}

QJsonObject CliRun::json() const {
    const QByteArray lastLine = out.trimmed().split('\n').last();
    return QJsonDocument::fromJson(lastLine).object();
}

CliRun runCli(const QStringList& arguments, const QByteArray& input) {
    QProcess process;
    process.start(cliProgram(), arguments);
    process.write(input);
    process.closeWriteChannel();
    CliRun run;
    if (process.waitForFinished(kLongestRunMs) && process.exitStatus() == QProcess::NormalExit)
        run.exitCode = process.exitCode();
    run.out = process.readAllStandardOutput();
    run.err = process.readAllStandardError();
    return run;
}

QDir sharedData() {
    return QDir(QString::fromUtf8(HEARTH_SHARED_DIR));
}

QString starterModel() {
    const QString data = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
    const QString path = data + u"/hearth/models/SmolLM2-135M-Instruct.Q4_1.gguf"_s;
    return QFileInfo::exists(path) ? path : QString();
}

} // namespace hearth
