#pragma once

#include "engine/run/trace/generation_trace.h"

#include <QByteArray>

#include <mutex>
#include <optional>

namespace hearth {

class Tokenizer;

/// Bytes on their way from the engine to the window. Thread: one appends, one takes.
class TraceChannel {
public:
    void append(const QByteArray& bytes);
    /// All that is there. Never waits long.
    [[nodiscard]] QByteArray take();

private:
    std::mutex m_mutex;
    QByteArray m_bytes;
};

/// Writes the tokens of one answer down (trace_format.h). Thread: the engine's.
class TraceWriter {
public:
    /// Both outlive the writer.
    TraceWriter(const Tokenizer& tokenizer, TraceChannel& channel);

    void write(const TraceShape& shape, const TracedToken& token);

private:
    void writeShape(const TraceShape& shape);
    void writeChance(const TokenChance& chance);
    void writeChoices(const TraceShape& shape, const TracedToken& token);

    const Tokenizer& m_tokenizer;
    TraceChannel& m_channel;
    QByteArray m_bytes;
    bool m_begun = false;
};

} // namespace hearth
