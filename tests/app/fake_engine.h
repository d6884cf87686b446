#pragma once

#include "app/engine_service/engine_service.h"
#include "engine/run/engine.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
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
    /// A chat template; empty: the model has none.
    std::string chatTemplate;
    /// Where load() or generate() (before its first piece) waits for release().
    enum class Stall { None, Stoppable, Deaf };
    Stall loadStall = Stall::None;
    Stall generateStall = Stall::None;
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

private:
    friend class FakeEngine;
    void wait(Stall stall, std::stop_token stop);
    void pause(std::stop_token stop);
    std::vector<std::string> nextAnswer(const GenerationRequest& request);

    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    bool m_released = false;
    std::vector<GenerationRequest> m_requests;
    int m_loads = 0;
    int m_engines = 0;
};

} // namespace hearth
