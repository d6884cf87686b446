#pragma once

#include "kernels/base/error.h"

#include <QFile>
#include <QString>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string_view>
#include <variant>

namespace hearth {

/// Words that stand in the program's source. Text of the user, of files or of models cannot become one: only string
/// literals convert.
class LogWord {
public:
    template <std::size_t N>
    consteval LogWord(const char (&literal)[N]) : m_text(literal, N - 1) {}
    [[nodiscard]] std::string_view text() const { return m_text; }

private:
    std::string_view m_text;
};

/// A number, a yes or no, an error's code, or a word of the source: nothing that a user wrote.
class LogValue {
public:
    template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>) LogValue(T value)
        : m_value(static_cast<std::int64_t>(value)) {}
    template <std::same_as<bool> T>
    LogValue(T value) : m_value(value) {}
    template <std::floating_point T>
    LogValue(T value) : m_value(static_cast<double>(value)) {}
    LogValue(ErrorCode code) : m_value(code) {}
    LogValue(LogWord word) : m_value(word) {}
    [[nodiscard]] const std::variant<std::int64_t, bool, double, ErrorCode, LogWord>& value() const { return m_value; }

private:
    std::variant<std::int64_t, bool, double, ErrorCode, LogWord> m_value;
};

struct LogField {
    LogWord name;
    LogValue value;
};

enum class LogLevel : std::uint8_t { Info, Warning, Error };

/// The program's log: one JSON object a line in logs/hearth.log; at 1 MiB it becomes hearth.1.log, at most four of
/// them. A log that cannot be written is dropped silently: the program never depends on it. Thread: any.
class Log {
public:
    explicit Log(const QString& folder);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void write(LogLevel level, LogWord event, std::initializer_list<LogField> fields = {});

private:
    void rotate();

    const QString m_folder;
    std::mutex m_mutex;
    QFile m_file;
};

} // namespace hearth
