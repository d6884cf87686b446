#pragma once

#include "app/chat/prompt_assembler.h"
#include "app/engine_service/engine_service.h"
#include "app/engine_service/kept_sequences.h"
#include "app/engine_service/token_ring.h"
#include "app/trace/trace_writer.h"
#include "engine/run/engine.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>

namespace hearth {

/// One answer on its way: shared by the service and the engine's thread, kept by whoever needs it last.
struct GenerationChannel {
    TokenRing ring;
    TraceChannel trace;
    std::stop_source stop;
    std::atomic<int> promptDone{0};
    std::atomic<int> promptTotal{0};
};

/// The engine and what is done with it. Everything blocks; nothing throws. Thread: the engine's.
class EngineWorker {
public:
    explicit EngineWorker(EngineFactory factory);

    [[nodiscard]] Result<LoadedModel> load(const QString& path, const ModelLoadOptions& options, std::stop_token stop,
                                           const std::function<void(double fraction)>& progress);
    /// The conversation is not saved: do so before.
    void unload();
    /// As EngineService says.
    void keepConversations(const QString& folder, quint64 mostBytes);
    void saveConversation(std::stop_token stop);
    void forgetConversation(ConversationId conversation);
    void forgetAllConversationsBut(const std::set<ConversationId>& conversations);
    /// `assembled` is called once, before the engine begins.
    [[nodiscard]] GenerationOutcome generate(const GenerationJob& job, GenerationChannel& channel,
                                             const std::function<void(const PromptReport& report)>& assembled);

    struct Measurement {
        PromptReport report;
        int draftTokens = 0;
    };
    /// What a prompt takes with `draft` as the next question, the draft's own tokens apart. Nothing if no model is
    /// loaded; 0 prompt tokens if the draft alone does not fit.
    [[nodiscard]] std::optional<Measurement> measure(PromptInput prompt, const QString& draft);

private:
    [[nodiscard]] Result<GenerationStats> run(const GenerationJob& job, GenerationChannel& channel,
                                              const std::function<void(const PromptReport& report)>& assembled);

    /// Makes a conversation the one whose cache is open, with what was kept of it.
    void openConversation(ConversationId conversation, std::span<const TokenId> prompt, std::stop_token stop);

    const EngineFactory m_factory;
    std::unique_ptr<Engine> m_engine;
    std::optional<PromptAssembler> m_assembler;
    LoadedModel m_model;
    std::optional<KeptSequences> m_kept;
    ConversationId m_conversation = kNoId; ///< whose cache is open in the engine
    bool m_isUnsaved = false;
};

} // namespace hearth
