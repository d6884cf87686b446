#pragma once

#include "app/chat/prompt_input.h"
#include "engine/run/sampler.h"
#include "engine/run/speculation/guess_source.h"
#include "kernels/base/result.h"

#include <QObject>
#include <QString>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace hearth {

class Engine;
struct EngineOptions;

/// Makes an engine: Engine::load in the program, a scripted one in tests. Called on the engine's thread.
using EngineFactory = std::function<Result<std::unique_ptr<Engine>>(
    const std::filesystem::path& path, const EngineOptions& options, std::stop_token stop,
    const std::function<void(double fraction)>& progress)>;
/// The factory of the program.
[[nodiscard]] EngineFactory engineFactory();

enum class EngineState : quint8 { Empty, Loading, Ready };

/// How to load a model.
struct ModelLoadOptions {
    QString device;        ///< empty: the best there is
    int threads = 0;       ///< 0: one per core that this process may use
    int contextTokens = 0; ///< 0: the model's own, at most 8192
    QString cacheType;     ///< "f16", "f32", "q8_0" or "q4_0", how keys and values are stored; empty: f16
    friend bool operator==(const ModelLoadOptions&, const ModelLoadOptions&) = default;
};

/// What is loaded.
struct LoadedModel {
    QString filePath;
    QString name;
    QString architecture;
    QString quantisation;
    QString device; ///< as a person reads it
    quint64 fileBytes = 0;
    quint64 parameterCount = 0;
    quint64 cacheBytes = 0;
    int contextTokens = 0;
    int trainedContext = 0;
    bool hasChatTemplate = false; ///< false: a plain format is used, see PromptAssembler
    QString memoryProblem;        ///< that it does not fit into memory, and how slow it will be; usually empty
    QString chatTemplateProblem;  ///< why the file's own template cannot be used; usually empty
    friend bool operator==(const LoadedModel&, const LoadedModel&) = default;
};

/// Whether it is recorded how an answer comes about.
enum class Recording : quint8 { Off, On };

/// A question to the engine.
struct GenerationJob {
    PromptInput prompt;
    SamplerSettings sampler;
    int maxTokens = -1; ///< -1: until the context is full
    Recording recording = Recording::Off;
    ConversationId conversation = kNoId; ///< whose cache this is; kNoId: nobody's, it is not kept
    GuessSource guesses = GuessSource::None;
};

/// How an answer ended. With an error, the stats are those up to it.
struct GenerationOutcome {
    AnswerStats stats;
    std::optional<Error> error; ///< nothing: ended well, at a limit, or stopped (see stats.stopReason)
};

/// The engine as the UI thread sees it. Commands are queued and return at once; answers come as signals on the UI
/// thread. The engine's thread writes text into a bounded ring; one timer here (33 ms, running only while something is
/// being generated) empties it; when it is full the engine waits, and nothing is lost. Thread: UI.
class EngineService : public QObject {
    Q_OBJECT
public:
    using RequestId = quint64;

    explicit EngineService(EngineFactory factory, QObject* parent = nullptr);
    /// Stops everything and waits for the thread. Call shutdown() first where waiting must be bounded.
    ~EngineService() override;

    [[nodiscard]] EngineState state() const { return m_state; }
    /// Nothing unless the state is Ready.
    [[nodiscard]] const std::optional<LoadedModel>& loadedModel() const { return m_model; }
    /// Path of the model that is loading or loaded; empty if none.
    [[nodiscard]] const QString& modelPath() const { return m_modelPath; }

    /// Loads a model in place of the present one; stops what runs first. A load that runs is cancelled.
    void load(const QString& path, const ModelLoadOptions& options);
    /// loadFailed() with Cancelled follows if one was running (but not if load() replaced it).
    void cancelLoad();
    void unload();

    /// Queued behind a load or another answer. generationFinished() follows, always once.
    RequestId generate(GenerationJob job);
    /// generationFinished() follows within 100 ms, whatever the engine does; what it still writes is dropped.
    void stop(RequestId request);
    /// Counts what a prompt takes with `draft` as the next question; measured() follows unless a newer request came or
    /// no model is loaded. Its report is without the draft's own tokens.
    RequestId measure(const PromptInput& prompt, const QString& draft);

    /// From now on what the model has read of a conversation is kept in a file of `folder`, and taken up when the
    /// conversation goes on after another one or another run of the program. Saved when nothing has run for some
    /// seconds (more where more is to be written), before another conversation is answered, and before the model is
    /// unloaded. mostBytes: of all files, the least recently used make room; 0: none are kept, and those there are
    /// removed.
    void keepConversations(const QString& folder, quint64 mostBytes);
    /// Saves the conversation that was answered last now, if anything has changed.
    void saveConversation();
    /// Removes what is kept of a conversation.
    void forgetConversation(ConversationId conversation);
    /// Removes what is kept of all others.
    void forgetAllConversationsBut(const QList<ConversationId>& conversations);

    /// Stops everything, saves the conversation, and waits at most `limit` for the thread to end. False: it hangs in
    /// something that does not listen; the caller may only end the process. A save that takes longer is given up. No
    /// signals come after it.
    [[nodiscard]] bool shutdown(std::chrono::milliseconds limit);

Q_SIGNALS:
    void stateChanged(hearth::EngineState state);
    void loadProgress(double fraction); ///< 0 to 1
    void modelLoaded(const hearth::LoadedModel& model);
    void loadFailed(const QString& path, const hearth::Error& error);
    void modelUnloaded();

    /// The prompt was put together; the engine begins to read it.
    void promptAssembled(quint64 request, const hearth::PromptReport& report);
    void promptProgress(quint64 request, int doneTokens, int totalTokens);
    /// Reasoning comes before the text.
    void reasoningGenerated(quint64 request, const QString& delta, int generatedTokens);
    void textGenerated(quint64 request, const QString& delta, int generatedTokens);
    /// Whole records of trace_format.h, if the job asked for them; a token's come soon after its text.
    void traceGenerated(quint64 request, const QByteArray& records);
    void generationFinished(quint64 request, const hearth::GenerationOutcome& outcome);
    void measured(quint64 request, const hearth::PromptReport& report, int draftTokens);

private:
    class Private;

    void loadEnded(quint64 number, const QString& path, const Result<LoadedModel>& result);
    void setState(EngineState state);

    std::unique_ptr<Private> m_private;
    EngineState m_state = EngineState::Empty;
    std::optional<LoadedModel> m_model;
    QString m_modelPath;
};

} // namespace hearth
