#pragma once

#include "engine/memory/saved_sequence.h"
#include "engine/run/sampler.h"
#include "engine/run/speculation/guess_source.h"
#include "engine/run/trace/generation_trace.h"
#include "engine/text/answer/answer_parser.h"
#include "engine/text/chat_template.h"
#include "engine/text/tokenizer.h"
#include "kernels/api/backend.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace hearth {

/// Whether a file without a vocabulary is refused, or its tokens are bare numbers (measuring, comparing logits).
enum class Vocabulary : std::uint8_t { Required, Optional };

class Grammar;

/// A LoRA adapter's file and how much of it is added; 1 is what it was trained with, 0 nothing.
struct AdapterChoice {
    std::filesystem::path path;
    float scale = 1.0F;
};

struct EngineOptions {
    std::string device = "cpu";     ///< an id of availableDevices()
    std::int32_t threads = 0;       ///< 0: one per core this process may use
    std::int32_t contextTokens = 0; ///< 0: the model's own, at most 8192
    DType cacheType = DType::F16;
    std::int32_t prefillRows = 512; ///< rows of a prompt computed at once; cancelling waits for at most one op of them
    Vocabulary vocabulary = Vocabulary::Required;
    /// A smaller model of the same vocabulary, for GuessSource::DraftModel; empty: none.
    std::filesystem::path draftModel{};
    /// Whether the file's head for multi-token prediction is loaded, for GuessSource::PredictionHead.
    Prediction prediction = Prediction::Off;
    /// Adaptive top-k of mixtures: of the experts chosen for a token, as many of the likeliest as it takes to reach
    /// this share of their probability (above 0). 1: all.
    float expertShare = 1.0F;
    /// Bytes that weights and cache may fill; 0: what the system has to give. A model that needs more still runs, from
    /// disk (see ModelInfo::memoryProblem).
    std::uint64_t memoryBytes = 0;
    std::vector<AdapterChoice> adapters = {}; ///< applied together, without changing the weights
};

/// What a person wants to know of a loaded model.
struct ModelInfo {
    std::string name;
    std::string architecture;
    std::string quantisation; ///< the type that holds most of the weights, e.g. "Q4_K"
    std::uint64_t fileBytes = 0;
    std::uint64_t parameterCount = 0;
    std::int32_t layerCount = 0;
    std::int32_t vocabularySize = 0;
    std::int32_t trainedContext = 0;
    std::int32_t contextTokens = 0; ///< of this load
    std::uint64_t cacheBytes = 0;
    bool hasPredictionHead = false; ///< in the file, loaded or not
    bool hasChatTemplate = false;
    std::string memoryProblem; ///< that the model does not fit into memory, and how slow it will be; empty if it does
    std::string chatTemplateProblem; ///< why the file's template cannot be used; empty if it can or there is none
};

/// Whether the model's end tokens end the answer. Ignore is for measuring: an answer of a given length.
enum class EndTokens : std::uint8_t { Stop, Ignore };

enum class StopReason : std::uint8_t { EndOfAnswer, StopString, MaxTokens, ContextFull, Cancelled };

struct GenerationRequest {
    std::vector<TokenId> prompt;
    SamplerSettings sampler;
    std::int32_t maxTokens = -1; ///< -1: until the context is full
    std::vector<std::string> stopStrings;
    EndTokens endTokens = EndTokens::Stop;
    /// How the model writes its reasoning and its calls; plain: all is text.
    AnswerFormat answerFormat = {};
    AnswerStart answerStart = AnswerStart::Fresh;
    ToolsOffered toolsOffered = ToolsOffered::No;
    /// What the answer's text must be; null: anything. Reasoning may come before it.
    std::shared_ptr<const Grammar> grammar = {};
    /// Where guesses of coming tokens come from; the answer is the same with any.
    GuessSource guesses = GuessSource::None;
    /// Guesses a step, as long as there are any; 0: as many as pay.
    std::int32_t guessCount = 0;
};

struct GenerationStats {
    std::int32_t promptTokens = 0;
    std::int32_t reusedTokens = 0; ///< of the prompt, found in the cache
    std::int32_t generatedTokens = 0;
    std::int32_t reasoningTokens = 0; ///< of generatedTokens
    double promptSeconds = 0;
    double firstTokenSeconds = 0;
    double decodeSeconds = 0;
    double reasoningSeconds = 0;      ///< from the first token to the end of the reasoning
    std::int32_t steps = 0;           ///< of the model, for the generated tokens
    std::int32_t guessedTokens = 0;   ///< checked by the model along with others
    std::int32_t acceptedGuesses = 0; ///< of them, those that came true
    double guessSeconds = 0;          ///< of decodeSeconds, making guesses
    StopReason stopReason = StopReason::EndOfAnswer;
};

/// Called on the engine's thread while generate() runs.
struct GenerationSink {
    /// Prompt tokens done of all that had to be computed.
    std::function<void(std::int32_t done, std::int32_t total)> promptProgress;
    /// Bytes to append to the answer: whole UTF-8 characters only, never part of a stop string. May block (full ring).
    std::function<void(std::string_view text, std::int32_t generatedTokens)> text;
    /// How each token came about, in order; null: not traced, which costs nothing.
    TraceSink trace = {};
    /// The same for the reasoning; it comes before the text that it leads to.
    std::function<void(std::string_view text, std::int32_t generatedTokens)> reasoning = {};
    std::function<void(const ToolCall& call)> toolCall = {};
};

/// A model ready to answer: mapped weights, compiled programs, a cache of pages shared by content.
/// Thread: one at a time, whichever that is; calls block.
class Engine {
public:
    /// Errors: everything GgufFile and Tokenizer say; InvalidInput (a draft model of another vocabulary, a head for
    /// prediction or a share of experts where the model has none); Unsupported architecture (with the known ones);
    /// NotFound or Corrupt tensors; what Adapter::open says; OutOfMemory with what is missing and what would help;
    /// Cancelled.
    [[nodiscard]] static Result<std::unique_ptr<Engine>> load(const std::filesystem::path& path,
                                                              const EngineOptions& options, std::stop_token stop,
                                                              const std::function<void(double fraction)>& progress);
    virtual ~Engine() = default;

    [[nodiscard]] virtual const ModelInfo& info() const = 0;
    [[nodiscard]] virtual const DeviceInfo& device() const = 0;
    [[nodiscard]] virtual const Tokenizer& tokenizer() const = 0;
    /// Null if the file has none.
    [[nodiscard]] virtual const ChatTemplate* chatTemplate() const = 0;

    /// Answers a prompt. The longest prefix that is still in the cache is not computed again.
    /// Errors: InvalidInput (empty prompt, a token out of range, a prompt longer than the context, with numbers;
    /// guesses from a source that was not loaded). Cancelling is not an error: the stats say so and what was generated
    /// stands.
    [[nodiscard]] virtual Result<GenerationStats> generate(const GenerationRequest& request, const GenerationSink& sink,
                                                           std::stop_token stop) = 0;

    /// Logits (rows, vocabulary) of the last `rows` of `tokens`, from an empty cache: computed in prefill chunks, then
    /// the last `decoded` tokens one at a time. For comparing with other engines and for perplexity.
    [[nodiscard]] virtual Result<std::vector<float>> logits(std::span<const TokenId> tokens, std::int32_t rows,
                                                            std::int32_t decoded, std::stop_token stop) = 0;

    /// The natural logarithm of the probability of each of the last `rows` of `tokens` after those before it, from an
    /// empty cache, computed in prefill chunks. rows: 1 to one less than there are tokens.
    [[nodiscard]] virtual Result<std::vector<double>> logProbabilities(std::span<const TokenId> tokens,
                                                                       std::int32_t rows, std::stop_token stop) = 0;

    /// How much each of EngineOptions::adapters adds from now on; what is cached is forgotten if that changes anything.
    /// Errors: InvalidInput (not one for each adapter, or no finite number).
    [[nodiscard]] virtual Status setAdapterScales(std::span<const float> scales) = 0;

    /// Writes to a file what the cache holds of the text that was generated last, its prompt included:
    /// restoreSequence() takes it up in another run of the program. Errors: InvalidInput (nothing was generated, or it
    /// takes more than `mostBytes`), Io, Cancelled.
    [[nodiscard]] virtual Result<SavedSequence> saveSequence(const std::filesystem::path& path, std::uint64_t mostBytes,
                                                             std::stop_token stop) = 0;

    /// Takes up what the saved sequence has in common with `prompt`, unless the cache holds as much. The result: how
    /// many of the prompt's tokens generate() will not compute.
    /// Errors: NotFound, Io; Corrupt, Unsupported (another model, another kind of cache): the file is of no use.
    [[nodiscard]] virtual Result<std::int32_t> restoreSequence(const std::filesystem::path& path,
                                                               std::span<const TokenId> prompt) = 0;

    /// Forgets every cached page.
    virtual void clearCache() = 0;
};

/// Devices that this build and machine can use, best first; "cpu" and "reference" always.
[[nodiscard]] std::vector<DeviceInfo> availableDevices();

} // namespace hearth
