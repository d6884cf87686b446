#include "app/logging/log.h"

#include "app/settings/paths.h"

#include <QDateTime>

#include <cmath>

namespace hearth {

namespace {

constexpr qint64 kMaxFileBytes = 1024 * 1024;
constexpr int kKeptFiles = 4;

QByteArray json(std::string_view text) {
    QByteArray result = "\"";
    for (const char character : text) {
        if (character == '"' || character == '\\')
            result += '\\';
        result += character;
    }
    return result + '"';
}

QByteArray json(const LogValue& value) {
    struct Visitor {
        QByteArray operator()(std::int64_t number) const { return QByteArray::number(qint64{number}); }
        QByteArray operator()(bool yes) const { return yes ? "true" : "false"; }
        QByteArray operator()(double number) const {
            return std::isfinite(number) ? QByteArray::number(number, 'g', 6) : QByteArray("null");
        }
        QByteArray operator()(ErrorCode code) const { return json(errorCodeName(code)); }
        QByteArray operator()(LogWord word) const { return json(word.text()); }
    };
    return std::visit(Visitor(), value.value());
}

QByteArray levelName(LogLevel level) {
    switch (level) {
    case LogLevel::Info:
        return "info";
    case LogLevel::Warning:
        return "warning";
    case LogLevel::Error:
        return "error";
    }
    return "info";
}

} // namespace

Log::Log(const QString& folder) : m_folder(folder), m_file(folder + QStringLiteral("/hearth.log")) {}

Log::~Log() = default;

void Log::write(LogLevel level, LogWord event, std::initializer_list<LogField> fields) {
    QByteArray line = "{\"time\":\"" + QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toLatin1()
                      + "\",\"level\":\"" + levelName(level) + "\",\"event\":" + json(event.text());
    for (const LogField& field : fields)
        line += ',' + json(field.name.text()) + ':' + json(field.value);
    line += "}\n";
    const std::lock_guard lock(m_mutex);
    if (!m_file.isOpen() && !(makeFolder(m_folder).ok() && m_file.open(QIODevice::WriteOnly | QIODevice::Append)))
        return;
    if (m_file.size() + line.size() > kMaxFileBytes)
        rotate();
    m_file.write(line);
    m_file.flush();
}

void Log::rotate() {
    m_file.close();
    const auto numbered = [this](int number) { return m_folder + QStringLiteral("/hearth.%1.log").arg(number); };
    QFile::remove(numbered(kKeptFiles));
    for (int number = kKeptFiles - 1; number >= 1; --number)
        QFile::rename(numbered(number), numbered(number + 1));
    QFile::rename(m_file.fileName(), numbered(1));
    // Truncates if renaming did not work: the bound on the size holds in any case.
    m_file.open(QIODevice::WriteOnly);
}

} // namespace hearth
