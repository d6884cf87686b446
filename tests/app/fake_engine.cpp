#include "tests/app/fake_engine.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace hearth {

namespace {

constexpr std::array<std::string_view, 2> kControlTexts{"<|begin|>", "<|end|>"};

} // namespace

std::vector<TokenId> ByteTokenizer::encode(std::string_view text, AddSpecial, ParseSpecial parseSpecial) const {
    std::vector<TokenId> ids;
    while (!text.empty()) {
        const auto* control = std::find_if(kControlTexts.begin(), kControlTexts.end(),
                                           [text](std::string_view candidate) { return text.starts_with(candidate); });
        if (parseSpecial == ParseSpecial::Yes && control != kControlTexts.end()) {
            ids.push_back(kBegin + static_cast<TokenId>(control - kControlTexts.begin()));
            text.remove_prefix(control->size());
        } else {
            ids.push_back(static_cast<unsigned char>(text.front()));
            text.remove_prefix(1);
        }
    }
    return ids;
}

std::string ByteTokenizer::decode(std::span<const TokenId> ids, SpecialTokens special) const {
    std::string text;
    for (const TokenId id : ids) {
        if (id < 256)
            text += static_cast<char>(id);
        else if (special == SpecialTokens::Show)
            text += tokenText(id);
    }
    return text;
}

std::string ByteTokenizer::tokenBytes(TokenId id) const {
    return id < 256 ? std::string(1, static_cast<char>(id)) : std::string();
}

std::string_view ByteTokenizer::tokenText(TokenId id) const {
    static const std::string bytes = [] {
        std::string all;
        for (int byte = 0; byte < 256; ++byte)
            all += static_cast<char>(byte);
        return all;
    }();
    if (id < 0 || id >= vocabularySize())
        return {};
    return id < 256 ? std::string_view(bytes).substr(std::size_t(id), 1) : kControlTexts[std::size_t(id) - 256];
}

std::optional<TokenId> ByteTokenizer::findToken(std::string_view text) const {
    for (TokenId id = 0; id < vocabularySize(); ++id) {
        if (tokenText(id) == text)
            return id;
    }
    return std::nullopt;
}

std::string PieceTokenizer::tokenBytes(TokenId id) const {
    const auto piece = static_cast<std::size_t>(id - vocabularySize());
    return id >= vocabularySize() && piece < m_pieces.size() ? m_pieces[piece] : ByteTokenizer::tokenBytes(id);
}

TokenId PieceTokenizer::idOf(const std::string& piece) {
    auto found = std::find(m_pieces.begin(), m_pieces.end(), piece);
    if (found == m_pieces.end())
        found = m_pieces.insert(found, piece);
    return vocabularySize() + static_cast<TokenId>(found - m_pieces.begin());
}

FakeTrace plainTrace(const TraceShape& shape, int index) {
    FakeTrace trace;
    trace.probability = 0.8F / static_cast<float>(1 << (index % 4));
    trace.runnersUp = {{"other", (1 - trace.probability) / 2}, {"another", (1 - trace.probability) / 4}};
    for (const TracedLayer& layer : shape.layers)
        for (std::int32_t choice = 0; choice < layer.used; ++choice) {
            trace.experts.push_back((index * 3 + layer.layer + choice * 2) % layer.experts);
            trace.weights.push_back(1.0F / static_cast<float>(choice + 1));
        }
    return trace;
}

/// An engine that plays its script.
class FakeEngine : public Engine {
public:
    FakeEngine(FakeEngineScript& script, const EngineOptions& options, std::optional<ChatTemplate> chatTemplate)
        : m_script(script), m_template(std::move(chatTemplate)) {
        const std::lock_guard lock(m_script.m_mutex);
        ++m_script.m_engines;
        m_info.name = "Fake";
        m_info.architecture = "script";
        m_info.contextTokens = options.contextTokens > 0 ? options.contextTokens : m_script.contextTokens;
        m_info.hasChatTemplate = m_template.has_value();
        m_device.id = options.device;
        m_device.name = "a script";
    }
    ~FakeEngine() override {
        const std::lock_guard lock(m_script.m_mutex);
        --m_script.m_engines;
    }
    const ModelInfo& info() const override { return m_info; }
    const DeviceInfo& device() const override { return m_device; }
    const Tokenizer& tokenizer() const override { return m_tokenizer; }
    Status setAdapterScales(std::span<const float>) override { return {}; }
    const ChatTemplate* chatTemplate() const override { return m_template ? &*m_template : nullptr; }

    Result<GenerationStats> generate(const GenerationRequest& request, const GenerationSink& sink,
                                     std::stop_token stop) override {
        const std::vector<std::string> pieces = m_script.nextAnswer(request);
        GenerationStats stats;
        stats.promptTokens = static_cast<std::int32_t>(request.prompt.size());
        sink.promptProgress(stats.promptTokens, stats.promptTokens);
        m_script.wait(m_script.generateStall, stop);
        if (m_script.throwsInGenerate)
            throw std::runtime_error("driver says no");
        const auto parser = AnswerParser::create(request.answerFormat, request.answerStart, request.toolsOffered);
        std::vector<AnswerPiece> parts;
        for (const std::string& piece : pieces) {
            if (stop.stop_requested()) {
                stats.stopReason = StopReason::Cancelled;
                return stats;
            }
            if (stats.generatedTokens == request.maxTokens) {
                stats.stopReason = StopReason::MaxTokens;
                return stats;
            }
            ++stats.generatedTokens;
            parser->push(piece, parts);
            give(parts, sink, stats);
            if (sink.trace)
                handOver(piece, stats.generatedTokens - 1, sink.trace);
            m_script.pause(stop);
        }
        parser->finish(parts);
        give(parts, sink, stats);
        stats.decodeSeconds = 0.5;
        if (m_script.generateError)
            return *m_script.generateError;
        return stats;
    }
    Result<std::vector<double>> logProbabilities(std::span<const TokenId>, std::int32_t, std::stop_token) override {
        return Error{ErrorCode::Unsupported, "a scripted engine knows no probabilities"};
    }
    Result<std::vector<float>> logits(std::span<const TokenId>, std::int32_t, std::int32_t, std::stop_token) override {
        return Error{ErrorCode::Unsupported, "a script has no logits"};
    }
    Result<SavedSequence> saveSequence(const std::filesystem::path& path, std::uint64_t mostBytes,
                                       std::stop_token stop) override {
        return m_script.save(path, mostBytes, std::move(stop));
    }
    Result<std::int32_t> restoreSequence(const std::filesystem::path& path, std::span<const TokenId>) override {
        return m_script.restore(path);
    }
    void clearCache() override {}

private:
    static void give(std::vector<AnswerPiece>& parts, const GenerationSink& sink, GenerationStats& stats) {
        for (const AnswerPiece& part : parts) {
            const bool reasoning = part.kind == AnswerPiece::Kind::Reasoning;
            if (reasoning)
                stats.reasoningSeconds = 12;
            (reasoning ? sink.reasoning : sink.text)(part.text, stats.generatedTokens);
        }
        parts.clear();
    }
    void handOver(const std::string& piece, int index, const TraceSink& sink) {
        const FakeTrace trace = m_script.trace ? m_script.trace(piece, index) : plainTrace(m_script.traceShape, index);
        std::vector<TokenChance> runnersUp;
        for (const auto& [text, probability] : trace.runnersUp)
            runnersUp.push_back({m_tokenizer.idOf(text), probability});
        sink(m_script.traceShape,
             {{m_tokenizer.idOf(piece), trace.probability}, runnersUp, trace.experts, trace.weights});
    }

    FakeEngineScript& m_script;
    PieceTokenizer m_tokenizer;
    std::optional<ChatTemplate> m_template;
    ModelInfo m_info;
    DeviceInfo m_device;
};

FakeEngineScript::~FakeEngineScript() {
    release();
}

EngineFactory FakeEngineScript::factory() {
    return [this](const std::filesystem::path&, const EngineOptions& options, std::stop_token stop,
                  const std::function<void(double)>& progress) -> Result<std::unique_ptr<Engine>> {
        {
            const std::lock_guard lock(m_mutex);
            ++m_loads;
        }
        m_changed.notify_all();
        progress(0.5);
        wait(loadStall, stop);
        if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, "loading was cancelled"};
        if (loadError)
            return *loadError;
        progress(1.0);
        std::optional<ChatTemplate> parsed;
        if (!chatTemplate.empty()) {
            HEARTH_TRY(parsed, ChatTemplate::parse(chatTemplate, "<|begin|>", "<|end|>"));
        }
        return std::unique_ptr<Engine>(std::make_unique<FakeEngine>(*this, options, std::move(parsed)));
    };
}

void FakeEngineScript::release() {
    {
        const std::lock_guard lock(m_mutex);
        m_released = true;
    }
    m_changed.notify_all();
}

std::vector<std::string> FakeEngineScript::prompts() const {
    std::vector<std::string> texts;
    for (const GenerationRequest& request : requests())
        texts.push_back(ByteTokenizer().decode(request.prompt, SpecialTokens::Show));
    return texts;
}

std::vector<GenerationRequest> FakeEngineScript::requests() const {
    const std::lock_guard lock(m_mutex);
    return m_requests;
}

int FakeEngineScript::loads() const {
    const std::lock_guard lock(m_mutex);
    return m_loads;
}

int FakeEngineScript::engines() const {
    const std::lock_guard lock(m_mutex);
    return m_engines;
}

void FakeEngineScript::wait(Stall stall, std::stop_token stop) {
    std::unique_lock lock(m_mutex);
    if (stall == Stall::Stoppable)
        m_changed.wait(lock, stop, [this] { return m_released; });
    if (stall == Stall::Deaf)
        m_changed.wait(lock, [this] { return m_released; });
}

void FakeEngineScript::pause(std::stop_token stop) {
    if (pieceDelay.count() == 0)
        return;
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, stop, pieceDelay, [] { return false; });
}

std::vector<std::string> FakeEngineScript::nextAnswer(const GenerationRequest& request) {
    const std::lock_guard lock(m_mutex);
    const std::size_t index = std::min(m_requests.size(), answers.size() - 1);
    m_requests.push_back(request);
    return answers[index];
}

std::vector<std::filesystem::path> FakeEngineScript::saved() const {
    const std::lock_guard lock(m_mutex);
    return m_saved;
}

std::vector<std::filesystem::path> FakeEngineScript::restored() const {
    const std::lock_guard lock(m_mutex);
    return m_restored;
}

Result<SavedSequence> FakeEngineScript::save(const std::filesystem::path& path, std::uint64_t mostBytes,
                                             std::stop_token stop) {
    static constexpr std::uint64_t kBytes = 1000;
    std::unique_lock lock(m_mutex);
    if (saveDelay.count() > 0)
        m_changed.wait_for(lock, stop, saveDelay, [] { return false; });
    if (stop.stop_requested())
        return Error{ErrorCode::Cancelled, "saving was cancelled"};
    if (kBytes > mostBytes)
        return Error{ErrorCode::InvalidInput, "too large"};
    std::ofstream(path, std::ios::binary) << std::string(kBytes, 'x');
    m_saved.push_back(path);
    return SavedSequence{10, kBytes};
}

Result<std::int32_t> FakeEngineScript::restore(const std::filesystem::path& path) {
    if (!std::filesystem::exists(path))
        return Error{ErrorCode::NotFound, "it is not there"};
    const std::lock_guard lock(m_mutex);
    m_restored.push_back(path);
    return 10;
}

} // namespace hearth
