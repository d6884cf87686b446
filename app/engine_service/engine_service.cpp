#include "app/engine_service/engine_service.h"

#include "app/engine_service/engine_worker.h"
#include "app/threads/task_thread.h"

#include <QTimer>

#include <algorithm>
#include <map>
#include <utility>

namespace hearth {

namespace {

// Two frames of a 60 Hz display.
constexpr int kDrainIntervalMs = 33;
// Leaves time for painting within the promised 100 ms.
constexpr int kStopPatienceMs = 80;
// Rest before a conversation is saved: the next question may come right after an answer, and the more there is to write
// anew each time, the longer it is waited for (so many bytes for a second, in which a slow disk writes them).
constexpr int kSaveRestMs = 2000;
constexpr double kSaveBytesPerMs = 16 * 1024 * 1024 / 1000.0;
constexpr int kMostSaveRestMs = 60'000;
// What a save that is given up needs to end.
constexpr std::chrono::milliseconds kSaveEnd{100};

} // namespace

/// State of the UI thread, and the thread itself. The worker is touched by the engine's thread alone.
class EngineService::Private {
public:
    // Shared with the engine's thread: a generation that was given up after its patience may still be running there.
    using Channel = std::shared_ptr<GenerationChannel>;
    struct Running {
        Channel channel;
        int shownProgress = -1;
        int generatedTokens = 0;
    };

    Private(EngineService& service, EngineFactory factory)
        : m_service(service), m_worker(std::move(factory)), m_thread(TaskThread::Pending::Drop) {
        m_drainTimer->setInterval(kDrainIntervalMs);
        QObject::connect(m_drainTimer, &QTimer::timeout, &service, [this] { drainAll(); });
        m_saveTimer->setSingleShot(true);
        QObject::connect(m_saveTimer, &QTimer::timeout, &service, &EngineService::saveConversation);
    }

    ~Private() { stopEverything(); }

    template <typename Call>
    void onUiThread(Call call) {
        QMetaObject::invokeMethod(&m_service, std::move(call), Qt::QueuedConnection);
    }

    void stopEverything() {
        m_loadStop.request_stop();
        for (const auto& [request, running] : m_running)
            running.channel->stop.request_stop();
    }

    void drain(RequestId request) {
        const auto found = m_running.find(request);
        if (found == m_running.end())
            return;
        Running& running = found->second;
        const int total = running.channel->promptTotal.load(std::memory_order_acquire);
        const int done = running.channel->promptDone.load(std::memory_order_relaxed);
        const bool progressed = total > 0 && std::exchange(running.shownProgress, done) != done;
        const TokenRing::Content content = running.channel->ring.take();
        if (!content.text.empty() || !content.reasoning.empty())
            running.generatedTokens = content.generatedTokens;
        const QByteArray records = running.channel->trace.take();
        // Whoever listens may stop or start answers: nothing of the map is used from here on.
        if (progressed)
            Q_EMIT m_service.promptProgress(request, done, total);
        const auto textOf = [](const std::string& utf8) {
            return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
        };
        if (!content.reasoning.empty())
            Q_EMIT m_service.reasoningGenerated(request, textOf(content.reasoning), content.generatedTokens);
        if (!content.text.empty())
            Q_EMIT m_service.textGenerated(request, textOf(content.text), content.generatedTokens);
        if (!records.isEmpty())
            Q_EMIT m_service.traceGenerated(request, records);
    }

    void drainAll() {
        std::vector<RequestId> requests;
        for (const auto& [request, running] : m_running)
            requests.push_back(request);
        for (const RequestId request : requests)
            drain(request);
    }

    void finish(RequestId request, GenerationOutcome outcome) {
        drain(request);
        if (m_running.erase(request) == 0)
            return;
        if (m_running.empty()) {
            m_drainTimer->stop();
            if (m_keeps)
                m_saveTimer->start(restBeforeSaving(outcome.stats));
        }
        Q_EMIT m_service.generationFinished(request, outcome);
    }

    [[nodiscard]] int restBeforeSaving(const AnswerStats& stats) const {
        const std::optional<LoadedModel>& model = m_service.m_model;
        const double tokenBytes =
            model && model->contextTokens > 0 ? static_cast<double>(model->cacheBytes) / model->contextTokens : 0.0;
        const double bytes = tokenBytes * (stats.promptTokens + stats.generatedTokens);
        return kSaveRestMs + static_cast<int>(std::min<double>(bytes / kSaveBytesPerMs, kMostSaveRestMs));
    }

    void giveUp(RequestId request) {
        const auto found = m_running.find(request);
        if (found == m_running.end())
            return;
        drain(request);
        GenerationOutcome outcome;
        outcome.stats.stopReason = QStringLiteral("cancelled");
        const auto still = m_running.find(request);
        if (still != m_running.end())
            outcome.stats.generatedTokens = still->second.generatedTokens;
        finish(request, outcome);
    }

    EngineService& m_service;
    EngineWorker m_worker;
    std::map<RequestId, Running> m_running;
    RequestId m_lastRequest = 0;
    std::stop_source m_loadStop;
    std::stop_source m_saveStop; ///< of the saves that were posted last
    std::stop_source m_quitStop; ///< of the save at the end
    bool m_keeps = false;
    ConversationId m_conversation = kNoId; ///< of the newest question
    quint64 m_loadNumber = 0;              ///< of the newest load or unload; older answers are dropped
    std::atomic<RequestId> m_newestMeasure{0};
    QTimer* m_drainTimer = new QTimer(&m_service);
    QTimer* m_saveTimer = new QTimer(&m_service);
    TaskThread m_thread; ///< last: its tasks use all the others
};

EngineService::EngineService(EngineFactory factory, QObject* parent)
    : QObject(parent), m_private(std::make_unique<Private>(*this, std::move(factory))) {}

EngineService::~EngineService() = default;

void EngineService::load(const QString& path, const ModelLoadOptions& options) {
    m_private->stopEverything();
    m_private->m_loadStop = std::stop_source();
    const quint64 number = ++m_private->m_loadNumber;
    m_model.reset();
    m_modelPath = path;
    m_private->m_thread.post(
        [this, &shared = *m_private, number, path, options, stop = m_private->m_loadStop.get_token()](std::stop_token) {
            int shownPercent = -1;
            const auto result = shared.m_worker.load(path, options, stop, [&, number](double fraction) {
                // A model has hundreds of tensors; a bar has a hundred steps.
                const int percent = static_cast<int>(fraction * 100);
                if (std::exchange(shownPercent, percent) == percent)
                    return;
                shared.onUiThread([this, number, fraction] {
                    if (number == m_private->m_loadNumber && m_state == EngineState::Loading)
                        Q_EMIT loadProgress(fraction);
                });
            });
            shared.onUiThread([this, number, path, result] { loadEnded(number, path, result); });
        });
    setState(EngineState::Loading);
}

void EngineService::loadEnded(quint64 number, const QString& path, const Result<LoadedModel>& result) {
    if (number != m_private->m_loadNumber)
        return;
    if (result.ok()) {
        m_model = result.value();
        setState(EngineState::Ready);
        Q_EMIT modelLoaded(*m_model);
        return;
    }
    m_modelPath.clear();
    setState(EngineState::Empty);
    Q_EMIT loadFailed(path, result.error());
}

void EngineService::cancelLoad() {
    if (m_state == EngineState::Loading)
        m_private->m_loadStop.request_stop();
}

void EngineService::unload() {
    m_private->stopEverything();
    const quint64 number = ++m_private->m_loadNumber;
    m_private->m_thread.post([this, &shared = *m_private, number](std::stop_token) {
        shared.m_worker.saveConversation({});
        shared.m_worker.unload();
        shared.onUiThread([this, number] {
            if (number == m_private->m_loadNumber)
                Q_EMIT modelUnloaded();
        });
    });
    m_model.reset();
    m_modelPath.clear();
    setState(EngineState::Empty);
}

EngineService::RequestId EngineService::generate(GenerationJob job) {
    const RequestId request = ++m_private->m_lastRequest;
    auto channel = std::make_shared<GenerationChannel>();
    m_private->m_saveTimer->stop();
    // What would be saved is about to change. Another conversation's answer waits for the save instead.
    if (std::exchange(m_private->m_conversation, job.conversation) == job.conversation)
        m_private->m_saveStop.request_stop();
    m_private->m_running[request] = {channel};
    m_private->m_drainTimer->start();
    m_private->m_thread.post([this, &shared = *m_private, request, channel, job = std::move(job)](std::stop_token) {
        auto outcome = shared.m_worker.generate(job, *channel, [this, &shared, request](const PromptReport& report) {
            shared.onUiThread([this, request, report] {
                if (m_private->m_running.contains(request))
                    Q_EMIT promptAssembled(request, report);
            });
        });
        shared.onUiThread([this, request, outcome = std::move(outcome)] { m_private->finish(request, outcome); });
    });
    return request;
}

void EngineService::stop(RequestId request) {
    const auto found = m_private->m_running.find(request);
    if (found == m_private->m_running.end())
        return;
    found->second.channel->stop.request_stop();
    QTimer::singleShot(kStopPatienceMs, Qt::PreciseTimer, this, [this, request] { m_private->giveUp(request); });
}

EngineService::RequestId EngineService::measure(const PromptInput& prompt, const QString& draft) {
    const RequestId request = ++m_private->m_lastRequest;
    m_private->m_newestMeasure.store(request, std::memory_order_relaxed);
    m_private->m_thread.post([this, &shared = *m_private, request, prompt, draft](std::stop_token) {
        // Behind a long answer many of them may wait; only the newest is of use.
        if (shared.m_newestMeasure.load(std::memory_order_relaxed) != request)
            return;
        const auto measurement = shared.m_worker.measure(prompt, draft);
        if (!measurement)
            return;
        shared.onUiThread([this, request, measurement] {
            if (m_private->m_newestMeasure.load(std::memory_order_relaxed) == request)
                Q_EMIT measured(request, measurement->report, measurement->draftTokens);
        });
    });
    return request;
}

void EngineService::keepConversations(const QString& folder, quint64 mostBytes) {
    m_private->m_keeps = mostBytes > 0;
    m_private->m_thread.post([&shared = *m_private, folder, mostBytes](std::stop_token) {
        shared.m_worker.keepConversations(folder, mostBytes);
    });
}

void EngineService::saveConversation() {
    m_private->m_saveTimer->stop();
    if (!m_private->m_keeps || m_state != EngineState::Ready)
        return;
    if (m_private->m_saveStop.stop_requested())
        m_private->m_saveStop = std::stop_source();
    m_private->m_thread.post([&shared = *m_private, stop = m_private->m_saveStop.get_token()](std::stop_token) {
        shared.m_worker.saveConversation(stop);
    });
}

void EngineService::forgetConversation(ConversationId conversation) {
    m_private->m_thread.post(
        [&shared = *m_private, conversation](std::stop_token) { shared.m_worker.forgetConversation(conversation); });
}

void EngineService::forgetAllConversationsBut(const QList<ConversationId>& conversations) {
    m_private->m_thread.post([&shared = *m_private, conversations](std::stop_token) {
        shared.m_worker.forgetAllConversationsBut({conversations.begin(), conversations.end()});
    });
}

bool EngineService::shutdown(std::chrono::milliseconds limit) {
    m_private->stopEverything();
    m_private->m_drainTimer->stop();
    m_private->m_saveTimer->stop();
    m_private->m_running.clear();
    ++m_private->m_loadNumber;
    m_private->m_newestMeasure.store(0, std::memory_order_relaxed);
    m_private->m_thread.stop(
        [&shared = *m_private](std::stop_token) { shared.m_worker.saveConversation(shared.m_quitStop.get_token()); });
    const std::chrono::milliseconds patience = std::max(limit - kSaveEnd, std::chrono::milliseconds(0));
    if (m_private->m_thread.waitFor(patience))
        return true;
    if (limit.count() == 0) // only told to stop; the wait comes later
        return false;
    m_private->m_saveStop.request_stop();
    m_private->m_quitStop.request_stop();
    return m_private->m_thread.waitFor(limit - patience);
}

void EngineService::setState(EngineState state) {
    if (std::exchange(m_state, state) != state)
        Q_EMIT stateChanged(state);
}

} // namespace hearth
