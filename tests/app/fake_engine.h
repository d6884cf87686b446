#pragma once

#include "app/engine_service/engine_service.h"
#include "engine/run/engine.h"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearth {

/// Bytes are tokens 0 to 255; "<|begin|>" is 256, "<|end|>" is 257 and ends an answer. For tests of what stands above
/// the engine.
class ByteTokenizer : public Tokenizer {
public:
    static constexpr TokenId kBegin = 256;
    static constexpr TokenId kEnd = 257;

    [[nodiscard]] std::vector<TokenId> encode(std::string_view text, AddSpecial addSpecial,
                                              ParseSpecial parseSpecial) const override;
    [[nodiscard]] std::string decode(std::span<const TokenId> ids, SpecialTokens special) const override;
    [[nodiscard]] std::string tokenBytes(TokenId id) const override;
    [[nodiscard]] std::string_view tokenText(TokenId id) const override;
    [[nodiscard]] std::optional<TokenId> findToken(std::string_view text) const override;
    [[nodiscard]] std::int32_t vocabularySize() const override { return 258; }
    [[nodiscard]] std::optional<TokenId> beginToken() const override { return kBegin; }
    [[nodiscard]] std::optional<TokenId> endToken() const override { return kEnd; }
    [[nodiscard]] bool endsGeneration(TokenId id) const override { return id == kEnd; }
    [[nodiscard]] bool isControl(TokenId id) const override { return id >= 256; }
};

/// Bytes as above, and pieces of text that get ids as they come: what a scripted answer is traced with.
class PieceTokenizer : public ByteTokenizer {
public:
    [[nodiscard]] std::string tokenBytes(TokenId id) const override;
    [[nodiscard]] TokenId idOf(const std::string& piece);

private:
    std::vector<std::string> m_pieces;
};

/// How a piece of a scripted answer came about.
struct FakeTrace {
    float probability = 1.0F;
    std::vector<std::pair<std::string, float>> runnersUp;
    std::vector<std::int32_t> experts; ///< TraceShape::choices(), or none
    std::vector<float> weights;
};

/// The same for the same number: half as likely each time for four tokens, experts that wander.
[[nodiscard]] FakeTrace plainTrace(const TraceShape& shape, int index);

/// What scripted engines do, and what was asked of them. Tests keep one and hand its factory to the service.
/// Thread: any.
class FakeEngineScript {
public:
    /// What the engine answers, piece by piece; the next answer each time, the last one again and again.
    std::vector<std::vector<std::string>> answers{{"Hello", " ", "world"}};
    /// Between two pieces; ends early when stopped.
    std::chrono::milliseconds pieceDelay{0};
    std::optional<Error> loadError;
    /// After all pieces of an answer.
    std::optional<Error> generateError;
    int contextTokens = 4096;
    /// The model's mixture; no layers: a dense model.
    TraceShape traceShape;
    /// How piece `index` of an answer came about; plainTrace() if there is no function.
    std::function<FakeTrace(const std::string& piece, int index)> trace;
    /// A chat template; empty: the model has none.
    std::string chatTemplate;
    /// Where load() or generate() (before its first piece) waits for release().
    enum class Stall { None, Stoppable, Deaf };
    Stall loadStall = Stall::None;
    Stall generateStall = Stall::None;
    /// The time that saving takes; it ends early when stopped.
    std::chrono::milliseconds saveDelay{0};
    /// Thrown instead of an answer, as broken foreign code does.
    bool throwsInGenerate = false;

    ~FakeEngineScript();
    [[nodiscard]] EngineFactory factory();
    /// Lets go what stalls, now and later.
    void release();
    /// Prompts that were generated from, as text with control tokens written out.
    [[nodiscard]] std::vector<std::string> prompts() const;
    [[nodiscard]] std::vector<GenerationRequest> requests() const;
    [[nodiscard]] int loads() const;
    [[nodiscard]] int engines() const; ///< that exist now
    /// Files that were saved whole, and those that were taken up, in order.
    [[nodiscard]] std::vector<std::filesystem::path> saved() const;
    [[nodiscard]] std::vector<std::filesystem::path> restored() const;

private:
    friend class FakeEngine;
    void wait(Stall stall, std::stop_token stop);
    void pause(std::stop_token stop);
    std::vector<std::string> nextAnswer(const GenerationRequest& request);
    Result<SavedSequence> save(const std::filesystem::path& path, std::uint64_t mostBytes, std::stop_token stop);
    Result<std::int32_t> restore(const std::filesystem::path& path);

    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    bool m_released = false;
    std::vector<GenerationRequest> m_requests;
    int m_loads = 0;
    int m_engines = 0;
    std::vector<std::filesystem::path> m_saved;
    std::vector<std::filesystem::path> m_restored;
};

} // namespace hearth
