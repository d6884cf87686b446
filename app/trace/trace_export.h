#pragma once

#include "app/threads/task_thread.h"
#include "app/trace/answer_trace.h"

#include <QByteArray>
#include <QImage>
#include <QObject>
#include <QString>

#include <chrono>
#include <memory>

namespace hearth {

/// One line a token: its number from 1, id, text, probability, whether it was the likeliest, the runners-up with their
/// probabilities, and one column a layer: "expert:share" for each choice, shares in 0 to 1. RFC 4180, UTF-8; bytes
/// that are no text show as U+FFFD.
[[nodiscard]] QByteArray traceToCsv(const AnswerTrace& trace, TokenRange range);

/// The same as one JSON object: the model's layers, then the tokens.
[[nodiscard]] QByteArray traceToJson(const AnswerTrace& trace, TokenRange range);

enum class TraceFormat : quint8 { Csv, Json };

/// Writes traces out on a thread of its own, for a long answer of a large mixture makes ten megabytes of text.
/// Thread: UI.
class TraceExporter : public QObject {
    Q_OBJECT
public:
    explicit TraceExporter(QObject* parent = nullptr);

    /// textMade() follows.
    void makeText(const AnswerTrace& trace, TokenRange range, TraceFormat format);
    /// saved() or failed() follows; a file that is there is replaced whole or stays as it is.
    void save(const AnswerTrace& trace, TokenRange range, TraceFormat format, const QString& path);
    /// The same for a picture, as PNG.
    void save(const QImage& picture, const QString& path);
    [[nodiscard]] bool shutdown(std::chrono::milliseconds limit);

Q_SIGNALS:
    void textMade(const QString& text);
    void saved(const QString& path);
    void failed(const QString& path, const hearth::Error& error);

private:
    void finishSave(const QString& path, const Status& status);

    TaskThread m_thread;
};

} // namespace hearth
