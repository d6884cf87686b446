#include "app/chat/answer_runner.h"

#include "app/chat/save_queue.h"
#include "app/engine_service/engine_service.h"
#include "app/errors/error_text.h"
#include "app/trace/answer_traces.h"

#include <QTimer>

#include <algorithm>
#include <utility>

namespace hearth {

namespace {

constexpr int kSaveIntervalMs = 500;

QString withoutLeadingSpace(const QString& text) {
    const auto first = std::find_if_not(text.begin(), text.end(), [](QChar character) { return character.isSpace(); });
    return text.mid(first - text.begin());
}

/// What both parts of a continued answer took; the rest is the later one's.
AnswerStats joined(const AnswerStats& before, AnswerStats after) {
    after.generatedTokens += before.generatedTokens;
    after.decodeSeconds += before.decodeSeconds;
    after.reasoningSeconds += before.reasoningSeconds;
    return after;
}

} // namespace

AnswerRunner::AnswerRunner(EngineService& engine, SaveQueue& saves, AnswerTraces& traces, QObject* parent)
    : QObject(parent), m_engine(engine), m_saves(saves), m_traces(traces), m_saveTimer(new QTimer(this)) {
    m_saveTimer->setInterval(kSaveIntervalMs);
    connect(m_saveTimer, &QTimer::timeout, this, &AnswerRunner::saveAll);
    connect(&engine, &EngineService::promptAssembled, this, [this](quint64 request, const PromptReport& report) {
        const auto found = m_answers.find(request);
        if (found == m_answers.end())
            return;
        found->second.promptTokens = report.promptTokens;
        const ConversationId conversation = found->second.message.conversation;
        setState(request, ChatState::Reading);
        Q_EMIT promptAssembled(conversation, report);
    });
    connect(&engine, &EngineService::promptProgress, this, [this](quint64 request, int done, int total) {
        const auto found = m_answers.find(request);
        if (found != m_answers.end() && found->second.state == ChatState::Reading)
            Q_EMIT promptProgress(found->second.message.conversation, done, total);
    });
    connect(&engine, &EngineService::textGenerated, this, [this](quint64 request, const QString& delta, int tokens) {
        append(request, AnswerPart::Text, delta, tokens);
    });
    connect(&engine, &EngineService::reasoningGenerated, this,
            [this](quint64 request, const QString& delta, int tokens) {
                append(request, AnswerPart::Reasoning, delta, tokens);
            });
    connect(&engine, &EngineService::traceGenerated, this, [this](quint64 request, const QByteArray& records) {
        const auto found = m_answers.find(request);
        if (found == m_answers.end())
            return;
        found->second.trace += records;
        m_traces.append(found->second.message.id, records);
    });
    connect(&engine, &EngineService::generationFinished, this, &AnswerRunner::finish);
}

void AnswerRunner::start(const Message& answer, GenerationJob job) {
    const RequestId request = m_engine.generate(std::move(job));
    m_answers[request].message = answer;
    m_answers[request].before = answer.stats;
    m_traces.begin(answer.id, answer.text.isEmpty() && answer.reasoning.isEmpty() ? AnswerTraces::Begin::Anew
                                                                                  : AnswerTraces::Begin::GoOn);
    m_saveTimer->start();
    Q_EMIT stateChanged(answer.conversation);
}

void AnswerRunner::stop(ConversationId conversation) {
    const auto found = findByConversation(conversation);
    if (found == m_answers.end() || found->second.state == ChatState::Stopping)
        return;
    const RequestId request = found->first;
    setState(request, ChatState::Stopping);
    m_engine.stop(request);
}

ChatState AnswerRunner::stateOf(ConversationId conversation) const {
    const auto found = findByConversation(conversation);
    return found == m_answers.end() ? ChatState::Idle : found->second.state;
}

const Message* AnswerRunner::answerOf(ConversationId conversation) const {
    const auto found = findByConversation(conversation);
    return found == m_answers.end() ? nullptr : &found->second.message;
}

void AnswerRunner::saveAll() {
    QList<Message> messages;
    QList<TracePiece> traces;
    for (auto& [request, answer] : m_answers) {
        if (std::exchange(answer.changed, false))
            messages.append(answer.message);
        traces.append(takeTrace(answer));
    }
    if (!messages.isEmpty() || !traces.isEmpty())
        m_saves.save({}, messages, traces);
}

QList<TracePiece> AnswerRunner::takeTrace(Answer& answer) {
    QByteArray data = std::exchange(answer.trace, {});
    return data.isEmpty() ? QList<TracePiece>() : QList<TracePiece>{{nextId(), answer.message.id, data}};
}

void AnswerRunner::setState(RequestId request, ChatState state) {
    const auto found = m_answers.find(request);
    if (found == m_answers.end() || found->second.state == ChatState::Stopping)
        return;
    if (std::exchange(found->second.state, state) != state)
        Q_EMIT stateChanged(found->second.message.conversation);
}

void AnswerRunner::append(RequestId request, AnswerPart part, const QString& delta, int generatedTokens) {
    const auto found = m_answers.find(request);
    if (found == m_answers.end())
        return;
    Answer& answer = found->second;
    QString& whole = part == AnswerPart::Text ? answer.message.text : answer.message.reasoning;
    const QString text = whole.isEmpty() ? withoutLeadingSpace(delta) : delta;
    whole += text;
    answer.changed |= !text.isEmpty();
    measure(answer, part, generatedTokens);
    // Whoever listens may stop the answer: it is not used from here on.
    const Message message = answer.message;
    const int usedTokens = answer.promptTokens + generatedTokens;
    setState(request, ChatState::Answering);
    Q_EMIT progressed(message.conversation, message.id, message.stats);
    if (text.isEmpty())
        return;
    if (part == AnswerPart::Text)
        Q_EMIT textAppended(message.conversation, message.id, text, usedTokens);
    else
        Q_EMIT reasoningAppended(message.conversation, message.id, text, usedTokens);
}

/// Figures while the answer is being written; the engine's own, which come at its end, are exact.
void AnswerRunner::measure(Answer& answer, AnswerPart part, int generatedTokens) {
    if (!answer.timer.isValid()) {
        answer.timer.start();
        answer.firstTokens = generatedTokens;
    }
    const double seconds = static_cast<double>(answer.timer.elapsed()) / 1000;
    AnswerStats stats = answer.message.stats;
    stats.generatedTokens = generatedTokens;
    // The first tokens took time before anybody saw them: as much for each as for those that followed.
    const int timed = generatedTokens - answer.firstTokens;
    stats.decodeSeconds = timed > 0 ? seconds * generatedTokens / timed : 0;
    if (part == AnswerPart::Reasoning)
        stats.reasoningSeconds = seconds;
    else
        stats.reasoningSeconds = answer.message.stats.reasoningSeconds - answer.before.reasoningSeconds;
    answer.message.stats = joined(answer.before, stats);
}

void AnswerRunner::finish(RequestId request, const GenerationOutcome& outcome) {
    const auto found = m_answers.find(request);
    if (found == m_answers.end())
        return;
    Message message = found->second.message;
    const AnswerStats before = found->second.before;
    const QList<TracePiece> trace = takeTrace(found->second);
    m_answers.erase(found);
    if (m_answers.empty())
        m_saveTimer->stop();
    message.stats = joined(before, outcome.stats);
    if (outcome.error) {
        message.state = MessageState::Failed;
        message.failure = presentError(*outcome.error, Activity::Answering).sentence;
    } else {
        const bool stopped = outcome.stats.stopReason == QStringLiteral("cancelled");
        message.state = stopped ? MessageState::Stopped : MessageState::Complete;
    }
    m_saves.save({}, {message}, trace);
    m_traces.finish(message.id);
    Q_EMIT finished(message);
    Q_EMIT stateChanged(message.conversation);
}

std::map<AnswerRunner::RequestId, AnswerRunner::Answer>::const_iterator
AnswerRunner::findByConversation(ConversationId conversation) const {
    return std::find_if(m_answers.begin(), m_answers.end(), [conversation](const auto& entry) {
        return entry.second.message.conversation == conversation;
    });
}

} // namespace hearth
