#include "app/engine_service/engine_worker.h"

#include "app/models/model_name.h"
#include "app/settings/sampler_json.h"

#include <QFileInfo>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <new>
#include <utility>

namespace hearth {

namespace {

/// Calls foreign code: what it throws becomes an error.
template <typename T, typename Call>
Result<T> guarded(Call&& call) {
    try {
        return std::forward<Call>(call)();
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::OutOfMemory, "the engine ran out of memory"};
    } catch (const std::exception& exception) {
        return Error{ErrorCode::Internal, std::string("the engine failed: ") + exception.what()};
    }
}

std::filesystem::path toPath(const QString& path) {
    const QByteArray utf8 = path.toUtf8();
    return std::filesystem::path(std::u8string(utf8.begin(), utf8.end()));
}

QString stopReasonName(StopReason reason) {
    switch (reason) {
    case StopReason::EndOfAnswer:
        return QStringLiteral("endOfAnswer");
    case StopReason::StopString:
        return QStringLiteral("stopString");
    case StopReason::MaxTokens:
        return QStringLiteral("maxTokens");
    case StopReason::ContextFull:
        return QStringLiteral("contextFull");
    case StopReason::Cancelled:
        return QStringLiteral("cancelled");
    }
    return QStringLiteral("error");
}

DType cacheTypeOf(const QString& name) {
    if (name == QStringLiteral("f32"))
        return DType::F32;
    if (name == QStringLiteral("q8_0"))
        return DType::Q8_0;
    return name == QStringLiteral("q4_0") ? DType::Q4_0 : DType::F16;
}

LoadedModel describe(const Engine& engine, const QString& path) {
    const ModelInfo& info = engine.info();
    LoadedModel model;
    model.filePath = path;
    model.name = modelDisplayName(QFileInfo(path).fileName(), QString::fromStdString(info.name));
    model.architecture = QString::fromStdString(info.architecture);
    model.quantisation = QString::fromStdString(info.quantisation);
    model.device = QString::fromStdString(engine.device().name);
    model.fileBytes = info.fileBytes;
    model.parameterCount = info.parameterCount;
    model.cacheBytes = info.cacheBytes;
    model.contextTokens = info.contextTokens;
    model.trainedContext = info.trainedContext;
    model.hasChatTemplate = engine.chatTemplate() != nullptr;
    model.memoryProblem = QString::fromStdString(info.memoryProblem);
    model.chatTemplateProblem = QString::fromStdString(info.chatTemplateProblem);
    return model;
}

} // namespace

EngineWorker::EngineWorker(EngineFactory factory) : m_factory(std::move(factory)) {}

Result<LoadedModel> EngineWorker::load(const QString& path, const ModelLoadOptions& options, std::stop_token stop,
                                       const std::function<void(double fraction)>& progress) {
    if (stop.stop_requested())
        return Error{ErrorCode::Cancelled, "loading was cancelled"};
    saveConversation(stop);
    // The old model goes first: both together may not fit into memory.
    unload();
    EngineOptions engineOptions;
    if (!options.device.isEmpty())
        engineOptions.device = options.device.toStdString();
    engineOptions.threads = options.threads;
    engineOptions.contextTokens = options.contextTokens;
    engineOptions.cacheType = cacheTypeOf(options.cacheType);
    HEARTH_TRY(m_engine, guarded<std::unique_ptr<Engine>>(
                             [&] { return m_factory(toPath(path), engineOptions, stop, progress); }));
    if (stop.stop_requested()) {
        unload();
        return Error{ErrorCode::Cancelled, "loading was cancelled"};
    }
    m_model = describe(*m_engine, path);
    m_assembler.emplace(m_engine->tokenizer(), m_engine->chatTemplate(), m_model.contextTokens);
    return m_model;
}

void EngineWorker::unload() {
    m_assembler.reset();
    m_engine.reset();
    m_model = {};
    m_conversation = kNoId;
    m_isUnsaved = false;
}

void EngineWorker::keepConversations(const QString& folder, quint64 mostBytes) {
    m_kept.emplace(toPath(folder), mostBytes);
    if (mostBytes > 0)
        return;
    m_kept->removeAllBut({});
    m_kept.reset();
}

void EngineWorker::saveConversation(std::stop_token stop) {
    if (!m_kept || m_engine == nullptr || m_conversation == kNoId || !m_isUnsaved)
        return;
    const auto saved = guarded<SavedSequence>(
        [&] { return m_engine->saveSequence(m_kept->fileOf(m_conversation), m_kept->mostBytesOfOne(), stop); });
    // What does not fit, or cannot be written, is not tried again before there is more to save.
    m_isUnsaved = !saved.ok() && saved.error().code == ErrorCode::Cancelled;
    if (saved.ok())
        m_kept->trim();
}

void EngineWorker::forgetConversation(ConversationId conversation) {
    if (m_kept)
        m_kept->remove(conversation);
    if (conversation == m_conversation)
        m_isUnsaved = false;
}

void EngineWorker::forgetAllConversationsBut(const std::set<ConversationId>& conversations) {
    if (m_kept)
        m_kept->removeAllBut(conversations);
}

void EngineWorker::openConversation(ConversationId conversation, std::span<const TokenId> prompt,
                                    std::stop_token stop) {
    if (conversation == m_conversation)
        return;
    saveConversation(std::move(stop));
    m_conversation = conversation;
    if (!m_kept || conversation == kNoId)
        return;
    const auto restored = m_engine->restoreSequence(m_kept->fileOf(conversation), prompt);
    if (restored.ok())
        m_kept->touch(conversation);
    else if (restored.error().code == ErrorCode::Corrupt || restored.error().code == ErrorCode::Unsupported)
        m_kept->remove(conversation);
}

GenerationOutcome EngineWorker::generate(const GenerationJob& job, GenerationChannel& channel,
                                         const std::function<void(const PromptReport& report)>& assembled) {
    GenerationOutcome outcome;
    outcome.stats.modelName = m_model.name;
    outcome.stats.modelFile = m_model.filePath;
    outcome.stats.device = m_model.device;
    outcome.stats.sampler = toJson(job.sampler);
    outcome.stats.seed = job.sampler.seed;
    const auto result = guarded<GenerationStats>([&] { return run(job, channel, assembled); });
    if (!result.ok()) {
        const bool cancelled = result.error().code == ErrorCode::Cancelled;
        outcome.stats.stopReason = cancelled ? stopReasonName(StopReason::Cancelled) : QStringLiteral("error");
        if (!cancelled)
            outcome.error = result.error();
        return outcome;
    }
    outcome.stats.promptTokens = result->promptTokens;
    outcome.stats.reusedTokens = result->reusedTokens;
    outcome.stats.generatedTokens = result->generatedTokens;
    outcome.stats.promptSeconds = result->promptSeconds;
    outcome.stats.firstTokenSeconds = result->firstTokenSeconds;
    outcome.stats.decodeSeconds = result->decodeSeconds;
    outcome.stats.reasoningSeconds = result->reasoningSeconds;
    outcome.stats.stopReason = stopReasonName(result->stopReason);
    return outcome;
}

Result<GenerationStats> EngineWorker::run(const GenerationJob& job, GenerationChannel& channel,
                                          const std::function<void(const PromptReport& report)>& assembled) {
    const std::stop_token stop = channel.stop.get_token();
    if (stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped before it began"};
    if (m_engine == nullptr)
        return Error{ErrorCode::NotFound, "no model is loaded"};
    HEARTH_TRY(AssembledPrompt prompt, m_assembler->assemble(job.prompt));
    assembled(prompt.report);
    GenerationRequest request;
    request.prompt = std::move(prompt.tokens);
    request.sampler = job.sampler;
    request.maxTokens = job.maxTokens;
    request.guesses = job.guesses;
    request.stopStrings = std::move(prompt.stopStrings);
    request.answerFormat = std::move(prompt.answerFormat);
    request.answerStart = prompt.answerStart;
    GenerationSink sink;
    // The total is written last and read first: whoever sees it sees a done that belongs to it.
    sink.promptProgress = [&channel](std::int32_t done, std::int32_t total) {
        channel.promptDone.store(done, std::memory_order_relaxed);
        channel.promptTotal.store(total, std::memory_order_release);
    };
    sink.text = [&channel, &stop](std::string_view text, std::int32_t generatedTokens) {
        channel.ring.write(AnswerPart::Text, text, generatedTokens, stop);
    };
    sink.reasoning = [&channel, &stop](std::string_view text, std::int32_t generatedTokens) {
        channel.ring.write(AnswerPart::Reasoning, text, generatedTokens, stop);
    };
    openConversation(job.conversation, request.prompt, stop);
    m_isUnsaved = true;
    TraceWriter writer(m_engine->tokenizer(), channel.trace);
    if (job.recording == Recording::On)
        sink.trace = [&writer](const TraceShape& shape, const TracedToken& token) { writer.write(shape, token); };
    return m_engine->generate(request, sink, stop);
}

std::optional<EngineWorker::Measurement> EngineWorker::measure(PromptInput prompt, const QString& draft) {
    if (m_engine == nullptr)
        return std::nullopt;
    // The draft is the question that would be asked; a stop stands for one that is still empty.
    const QString question = draft.trimmed().isEmpty() ? QStringLiteral(".") : draft;
    const int questionTokens = m_assembler->count(question);
    Measurement measurement;
    measurement.draftTokens = draft.isEmpty() ? 0 : questionTokens;
    measurement.report.contextTokens = m_model.contextTokens;
    prompt.messages.append({kNoId, MessageRole::User, question});
    const auto assembled = guarded<AssembledPrompt>([&] { return m_assembler->assemble(prompt); });
    if (assembled.ok()) {
        measurement.report = assembled->report;
        measurement.report.promptTokens = std::max(measurement.report.promptTokens - questionTokens, 0);
    }
    return measurement;
}

} // namespace hearth
