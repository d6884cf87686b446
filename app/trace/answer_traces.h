#pragma once

#include "app/chat/message.h"
#include "app/trace/answer_trace.h"

#include <QObject>

#include <map>
#include <memory>

namespace hearth {

class StorageThread;

/// The recordings of answers: those being written and the last ones looked at are in memory, the others are loaded.
/// Thread: UI.
class AnswerTraces : public QObject {
    Q_OBJECT
public:
    using Trace = std::shared_ptr<const AnswerTrace>;

    /// `storage` outlives this.
    explicit AnswerTraces(StorageThread& storage, QObject* parent = nullptr);

    /// What is in memory of a message: null if nothing is, or if it is still being loaded. The trace of an answer that
    /// is being written grows; keep the pointer only until control goes back to the event loop, or copy what it holds.
    [[nodiscard]] Trace find(MessageId message) const;
    /// loaded() follows, at once if it is in memory; its trace is empty if nothing was recorded.
    void load(MessageId message);

    // For the runner of answers.
    /// An answer begins, or goes on from what is on disk.
    enum class Begin { Anew, GoOn };
    void begin(MessageId message, Begin how);
    /// Records of trace_format.h.
    void append(MessageId message, const QByteArray& bytes);
    /// No more will come.
    void finish(MessageId message);

Q_SIGNALS:
    void grew(qint64 message);
    void loaded(qint64 message);
    void failed(qint64 message, const hearth::Error& error);

private:
    struct Entry {
        std::shared_ptr<AnswerTrace> trace; ///< null while it is loaded
        QByteArray waiting;                 ///< came meanwhile
        bool isWritten = false;             ///< an answer that runs: stays in memory
        quint64 lastUse = 0;
    };

    void submitLoad(MessageId message);
    void loadEnded(MessageId message, const Result<AnswerTrace>& result);
    void forgetOldest();

    StorageThread& m_storage;
    std::map<MessageId, Entry> m_entries;
    quint64 m_uses = 0;
};

} // namespace hearth
