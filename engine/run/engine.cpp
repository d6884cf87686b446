#include "engine/run/engine.h"

#include "engine/gguf/gguf_file.h"
#include "engine/run/answer_constraints.h"
#include "engine/run/bare_tokenizer.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"
#include "engine/run/generation.h"
#include "engine/run/speculation/head_drafter.h"
#include "engine/run/speculation/model_drafter.h"
#include "engine/run/speculation/prompt_lookup.h"
#include "engine/run/speculation/speculation.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace hearth {

namespace {

constexpr std::int32_t kDefaultContext = 8192;
constexpr std::int32_t kMostPrefillRows = 4096;

/// The storage type that most of the file's bytes have.
std::string mainQuantisation(const GgufFile& file) {
    std::array<std::uint64_t, 256> bytes{};
    for (const GgufTensor& tensor : file.tensors())
        bytes[static_cast<std::size_t>(tensor.dtype)] += tensor.sizeBytes;
    const auto largest = std::max_element(bytes.begin(), bytes.end()) - bytes.begin();
    return std::string(dtypeInfo(static_cast<DType>(largest)).name);
}

std::uint64_t parameterCount(const GgufFile& file) {
    std::uint64_t count = 0;
    for (const GgufTensor& tensor : file.tensors())
        count += tensor.sizeBytes / static_cast<std::uint64_t>(dtypeInfo(tensor.dtype).blockBytes)
                 * static_cast<std::uint64_t>(dtypeInfo(tensor.dtype).blockValues);
    return count;
}

Result<std::int32_t> chooseContext(const GgufFile& file, const EngineOptions& options) {
    HEARTH_TRY(const ModelFamily* const family, familyOf(file));
    HEARTH_TRY(const std::int32_t trained,
               file.int32(std::string(family->architecture) + ".context_length", 1, 1 << 28));
    if (options.contextTokens == 0)
        return std::min(trained, kDefaultContext);
    if (options.contextTokens < 0 || options.contextTokens > trained)
        return Error{ErrorCode::InvalidInput,
                     file.path().string() + ": a context of " + std::to_string(options.contextTokens)
                         + " tokens was asked for; this model holds 1 to " + std::to_string(trained)};
    return options.contextTokens;
}

Result<std::unique_ptr<Tokenizer>> readTokenizer(const GgufFile& file, Vocabulary vocabulary) {
    HEARTH_TRY(const std::string kind, file.stringOr("tokenizer.ggml.model", ""));
    const bool isBare = kind == "none" || kind == "no_vocab";
    if (vocabulary == Vocabulary::Required || !isBare)
        return Tokenizer::fromGguf(file);
    HEARTH_TRY(const ModelFamily* const family, familyOf(file));
    HEARTH_TRY(const ModelSpec spec, family->describe(file));
    return std::unique_ptr<Tokenizer>(std::make_unique<BareTokenizer>(spec.vocabulary));
}

struct TemplateOfFile {
    std::unique_ptr<ChatTemplate> parsed;
    std::string problem;
};

/// A template that does not parse keeps nobody from using the model: the problem is said, and callers fall back.
TemplateOfFile readChatTemplate(const GgufFile& file, const Tokenizer& tokenizer) {
    if (file.find("tokenizer.chat_template") == nullptr)
        return {};
    const auto source = file.string("tokenizer.chat_template");
    if (!source)
        return {nullptr, source.error().message};
    const auto text = [&](std::optional<TokenId> token) {
        return token ? std::string(tokenizer.tokenText(*token)) : std::string();
    };
    auto parsed = ChatTemplate::parse(*source, text(tokenizer.beginToken()), text(tokenizer.endToken()));
    if (!parsed)
        return {nullptr, parsed.error().message};
    return {std::make_unique<ChatTemplate>(std::move(parsed).value()), {}};
}

Status checkOptions(const EngineOptions& options) {
    if (options.prefillRows < 1 || options.prefillRows > kMostPrefillRows)
        return Error{ErrorCode::InvalidInput, "prompt chunks of " + std::to_string(options.prefillRows)
                                                  + " rows were asked for; 1 to " + std::to_string(kMostPrefillRows)
                                                  + " are possible"};
    if (!(options.expertShare > 0.0F && options.expertShare <= 1.0F)) // true for NaN
        return Error{ErrorCode::InvalidInput,
                     "a share of " + std::to_string(options.expertShare)
                         + " of the experts' probability was asked for; it must be above 0 and "
                           "at most 1"};
    return {};
}

/// What was asked for and the model does not have, as a sentence.
std::optional<std::string> whatIsMissing(const EngineOptions& options, const Decoder& decoder) {
    if (options.prediction == Prediction::On && !decoder.canPredict())
        return "this model has no head that predicts further tokens";
    if (options.expertShare < 1.0F && decoder.spec().experts.experts == 0)
        return "this model has no experts to leave out";
    return std::nullopt;
}

using Adapters = std::vector<std::unique_ptr<Adapter>>;

Result<Adapters> openAdapters(const GgufFile& file, std::span<const AdapterChoice> choices) {
    Adapters adapters;
    for (const AdapterChoice& choice : choices) {
        HEARTH_TRY(auto adapter, Adapter::open(choice.path, file));
        adapters.push_back(std::move(adapter));
    }
    return adapters;
}

Status applyScales(Decoder& decoder, std::span<const AdapterChoice> choices) {
    std::vector<float> scales;
    for (const AdapterChoice& choice : choices)
        scales.push_back(choice.scale);
    return decoder.setAdapterScales(scales);
}

class TextEngine final : public Engine {
public:
    TextEngine(std::unique_ptr<GgufFile> file, Adapters adapters, std::unique_ptr<Tokenizer> tokenizer,
               TemplateOfFile chatTemplate, std::unique_ptr<Decoder> decoder, std::unique_ptr<ModelDrafter> drafter)
        : m_file(std::move(file)), m_adapters(std::move(adapters)), m_tokenizer(std::move(tokenizer)),
          m_chatTemplate(std::move(chatTemplate.parsed)), m_decoder(std::move(decoder)), m_constraints(*m_tokenizer),
          m_speculation(*m_decoder), m_drafter(drafter.get()) {
        m_speculation.add(GuessSource::PromptLookup, std::make_unique<PromptLookup>());
        if (drafter != nullptr)
            m_speculation.add(GuessSource::DraftModel, std::move(drafter));
        if (m_decoder->canPredict())
            m_speculation.add(GuessSource::PredictionHead, std::make_unique<HeadDrafter>(*m_decoder));
        const ModelSpec& spec = m_decoder->spec();
        const auto name = m_file->stringOr("general.name", "");
        m_info.name = name && !name->empty() ? *name : m_file->path().stem().string();
        m_info.architecture = spec.architecture;
        m_info.quantisation = mainQuantisation(*m_file);
        m_info.fileBytes = m_file->sizeBytes();
        m_info.parameterCount = parameterCount(*m_file);
        m_info.layerCount = spec.layers;
        m_info.vocabularySize = spec.vocabulary;
        m_info.trainedContext = spec.trainedContext;
        m_info.contextTokens = m_decoder->contextTokens();
        m_info.cacheBytes = m_decoder->cacheBytes();
        m_info.hasPredictionHead = hasPredictionLayer(*m_file, spec);
        if (m_decoder->residency().needsDisk())
            m_info.memoryProblem = m_decoder->residency().summary();
        m_info.hasChatTemplate = m_chatTemplate != nullptr;
        m_info.chatTemplateProblem = std::move(chatTemplate.problem);
    }

    const ModelInfo& info() const override { return m_info; }
    const DeviceInfo& device() const override { return m_decoder->device(); }
    const Tokenizer& tokenizer() const override { return *m_tokenizer; }
    const ChatTemplate* chatTemplate() const override { return m_chatTemplate.get(); }
    Status setAdapterScales(std::span<const float> scales) override { return m_decoder->setAdapterScales(scales); }
    void clearCache() override {
        m_decoder->cache().clear();
        if (m_drafter != nullptr)
            m_drafter->clearCache();
    }

    Result<GenerationStats> generate(const GenerationRequest& request, const GenerationSink& sink,
                                     std::stop_token stop) override {
        HEARTH_TRY(TokenConstraint* const constraint, m_constraints.of(request));
        return generateText(*m_decoder, m_speculation, *m_tokenizer, constraint, request, sink, std::move(stop));
    }

    Result<std::vector<float>> logits(std::span<const TokenId> tokens, std::int32_t rows, std::int32_t decoded,
                                      std::stop_token stop) override {
        return m_decoder->score(tokens, rows, decoded, std::move(stop));
    }

    Result<std::vector<double>> logProbabilities(std::span<const TokenId> tokens, std::int32_t rows,
                                                 std::stop_token stop) override {
        return m_decoder->logProbabilities(tokens, rows, std::move(stop));
    }

    Result<SavedSequence> saveSequence(const std::filesystem::path& path, std::uint64_t mostBytes,
                                       std::stop_token stop) override {
        return m_decoder->save(path, mostBytes, std::move(stop));
    }

    Result<std::int32_t> restoreSequence(const std::filesystem::path& path, std::span<const TokenId> prompt) override {
        return m_decoder->restore(path, prompt);
    }

private:
    // In this order: what comes later borrows from what comes before.
    std::unique_ptr<GgufFile> m_file;
    Adapters m_adapters;
    std::unique_ptr<Tokenizer> m_tokenizer;
    std::unique_ptr<ChatTemplate> m_chatTemplate;
    std::unique_ptr<Decoder> m_decoder;
    AnswerConstraints m_constraints;
    Speculation m_speculation;
    ModelDrafter* m_drafter; ///< of m_speculation; null: none
    ModelInfo m_info;
};

} // namespace

Result<std::unique_ptr<Engine>> Engine::load(const std::filesystem::path& path, const EngineOptions& options,
                                             std::stop_token stop, const std::function<void(double)>& progress) {
    const auto advance = [&](double fraction) -> Status {
        if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, path.string() + ": loading was cancelled"};
        if (progress)
            progress(fraction);
        return {};
    };
    HEARTH_CHECK(checkOptions(options));
    HEARTH_CHECK(advance(0.0));
    HEARTH_TRY(auto file, GgufFile::open(path));
    HEARTH_CHECK(advance(0.1));
    HEARTH_TRY(auto backend, openDevice(options.device, options.threads));
    HEARTH_TRY(const std::int32_t context, chooseContext(*file, options));
    HEARTH_TRY(auto tokenizer, readTokenizer(*file, options.vocabulary));
    HEARTH_CHECK(advance(0.5));
    TemplateOfFile chatTemplate = readChatTemplate(*file, *tokenizer);
    HEARTH_CHECK(advance(0.6));
    HEARTH_TRY(Adapters adapters, openAdapters(*file, options.adapters));
    Decoder::Options decoderOptions{context, std::min(options.prefillRows, context), options.cacheType};
    decoderOptions.prediction = options.prediction;
    decoderOptions.expertShare = options.expertShare;
    decoderOptions.adapters = adapters;
    decoderOptions.memoryBytes = options.memoryBytes;
    HEARTH_TRY(auto decoder, Decoder::create(*file, std::move(backend), decoderOptions));
    HEARTH_CHECK(applyScales(*decoder, options.adapters));
    if (const auto why = whatIsMissing(options, *decoder))
        return Error{ErrorCode::InvalidInput, path.string() + ": " + *why};
    std::unique_ptr<ModelDrafter> drafter;
    if (!options.draftModel.empty()) {
        HEARTH_CHECK(advance(0.9));
        HEARTH_TRY(drafter, ModelDrafter::load(options.draftModel, *tokenizer,
                                               {options.device, options.threads, context, options.prefillRows}));
    }
    HEARTH_CHECK(advance(1.0));
    return std::unique_ptr<Engine>(std::make_unique<TextEngine>(std::move(file), std::move(adapters),
                                                                std::move(tokenizer), std::move(chatTemplate),
                                                                std::move(decoder), std::move(drafter)));
}

} // namespace hearth
