#include "app/trace/answer_traces.h"

#include "app/storage/storage_thread.h"

#include <algorithm>
#include <utility>

namespace hearth {

namespace {

/// Traces of finished answers that stay in memory; a long answer of a large mixture takes some megabytes.
constexpr std::size_t kKept = 8;

} // namespace

AnswerTraces::AnswerTraces(StorageThread& storage, QObject* parent) : QObject(parent), m_storage(storage) {}

AnswerTraces::Trace AnswerTraces::find(MessageId message) const {
    const auto found = m_entries.find(message);
    return found == m_entries.end() ? nullptr : found->second.trace;
}

void AnswerTraces::load(MessageId message) {
    const auto found = m_entries.find(message);
    if (found == m_entries.end()) {
        m_entries[message].lastUse = ++m_uses;
        submitLoad(message);
        return;
    }
    found->second.lastUse = ++m_uses;
    if (found->second.trace != nullptr)
        Q_EMIT loaded(message);
}

void AnswerTraces::begin(MessageId message, Begin how) {
    Entry& entry = m_entries[message];
    entry.isWritten = true;
    entry.lastUse = ++m_uses;
    if (how == Begin::Anew)
        entry.trace = std::make_shared<AnswerTrace>();
    else if (entry.trace == nullptr)
        submitLoad(message);
    Q_EMIT grew(message);
}

void AnswerTraces::append(MessageId message, const QByteArray& bytes) {
    const auto found = m_entries.find(message);
    if (found == m_entries.end())
        return;
    if (found->second.trace == nullptr) {
        found->second.waiting += bytes;
        return;
    }
    // What our own writer wrote can be read; if it cannot, that is our bug, and what was read stands.
    (void)found->second.trace->append(bytes).ok();
    Q_EMIT grew(message);
}

void AnswerTraces::finish(MessageId message) {
    const auto found = m_entries.find(message);
    if (found == m_entries.end())
        return;
    found->second.isWritten = false;
    Q_EMIT grew(message);
    forgetOldest();
}

void AnswerTraces::submitLoad(MessageId message) {
    m_storage.submit(LoadTrace{message}, this,
                     [this, message](const Result<AnswerTrace>& result) { loadEnded(message, result); });
}

void AnswerTraces::loadEnded(MessageId message, const Result<AnswerTrace>& result) {
    const auto found = m_entries.find(message);
    if (found == m_entries.end() || found->second.trace != nullptr)
        return;
    Entry& entry = found->second;
    if (!result.ok() && !entry.isWritten) {
        m_entries.erase(found);
        Q_EMIT failed(message, result.error());
        return;
    }
    entry.trace = std::make_shared<AnswerTrace>(result.ok() ? *result : AnswerTrace());
    (void)entry.trace->append(std::exchange(entry.waiting, {})).ok();
    forgetOldest();
    Q_EMIT loaded(message);
}

void AnswerTraces::forgetOldest() {
    while (true) {
        std::size_t finished = 0;
        auto oldest = m_entries.end();
        for (auto entry = m_entries.begin(); entry != m_entries.end(); ++entry) {
            if (entry->second.isWritten || entry->second.trace == nullptr)
                continue;
            ++finished;
            if (oldest == m_entries.end() || entry->second.lastUse < oldest->second.lastUse)
                oldest = entry;
        }
        if (finished <= kKept)
            return;
        m_entries.erase(oldest);
    }
}

} // namespace hearth
