#include "engine/run/speculation/model_drafter.h"

#include "engine/run/devices.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace hearth {

namespace {

/// Tokens by which vocabularies may differ: files of one family are padded to different round numbers.
constexpr std::int32_t kMostPadding = 1024;

} // namespace

std::optional<std::string> whyNotOneVocabulary(const Tokenizer& model, const Tokenizer& draft) {
    const std::int32_t modelSize = model.vocabularySize();
    const std::int32_t draftSize = draft.vocabularySize();
    const std::string sizes = std::to_string(modelSize) + " and " + std::to_string(draftSize);
    if (std::abs(modelSize - draftSize) > kMostPadding)
        return "the vocabularies have " + sizes + " tokens";
    for (TokenId token = 0; token < std::min(modelSize, draftSize); ++token)
        if (model.tokenText(token) != draft.tokenText(token))
            return "token " + std::to_string(token) + " is '" + std::string(model.tokenText(token)) + "' in one and '"
                   + std::string(draft.tokenText(token)) + "' in the other";
    return std::nullopt;
}

ModelDrafter::ModelDrafter(std::unique_ptr<GgufFile> file, std::unique_ptr<Decoder> decoder,
                           std::int32_t modelVocabulary)
    : m_file(std::move(file)), m_decoder(std::move(decoder)), m_modelVocabulary(modelVocabulary) {}

Result<std::unique_ptr<ModelDrafter>> ModelDrafter::load(const std::filesystem::path& path, const Tokenizer& model,
                                                         const Options& options) {
    HEARTH_TRY(auto file, GgufFile::open(path));
    HEARTH_TRY(const auto tokenizer, Tokenizer::fromGguf(*file));
    if (const auto why = whyNotOneVocabulary(model, *tokenizer))
        return Error{ErrorCode::InvalidInput,
                     path.string() + " cannot guess for this model, whose vocabulary must be the same: " + *why};
    HEARTH_TRY(const ModelFamily* const family, familyOf(*file));
    HEARTH_TRY(const std::int32_t trained,
               file->int32(std::string(family->architecture) + ".context_length", 1, 1 << 28));
    const std::int32_t context = std::min(options.contextTokens, trained);
    HEARTH_TRY(auto backend, openDevice(options.device, options.threads));
    HEARTH_TRY(auto decoder, Decoder::create(*file, std::move(backend),
                                             {context, std::min(options.prefillRows, context), DType::F16}));
    return std::unique_ptr<ModelDrafter>(new ModelDrafter(std::move(file), std::move(decoder), model.vocabularySize()));
}

void ModelDrafter::begin(const SamplerSettings& settings, const Sampler& sampler) {
    m_chooser.begin(settings, sampler);
    m_isOpen = false;
    m_checked = 0;
}

void ModelDrafter::clearCache() {
    m_isOpen = false;
    m_tried.clear();
    if (m_decoder->keepTried(0, {})) // what was tried would be behind no sequence
        m_decoder->cache().clear();
}

bool ModelDrafter::canRead(std::span<const TokenId> text) const {
    const std::int32_t own = m_decoder->spec().vocabulary;
    return text.size() < static_cast<std::size_t>(m_decoder->contextTokens())
           && std::ranges::all_of(text.subspan(std::min(m_checked, text.size())),
                                  [own](TokenId token) { return token < own; });
}

Status ModelDrafter::catchUp(std::span<const TokenId> text, std::stop_token stop) {
    KvCache& cache = m_decoder->cache();
    if (!m_isOpen) {
        HEARTH_CHECK(m_decoder->keepTried(0, {}));
        static_cast<void>(cache.open(text, KvCache::Reuse::Yes));
        m_isOpen = true;
    } else {
        const auto rest = text.subspan(static_cast<std::size_t>(cache.length()));
        // The last token is always computed: what follows it is wanted.
        const auto end = std::mismatch(m_tried.begin(), m_tried.end(), rest.begin(), rest.end() - 1).first;
        HEARTH_CHECK(m_decoder->keepTried(static_cast<std::int32_t>(end - m_tried.begin()), stop));
    }
    m_tried.clear();
    return m_decoder->append(text.subspan(static_cast<std::size_t>(cache.length())), std::move(stop), {});
}

Status ModelDrafter::start(std::span<const TokenId> text, std::stop_token stop) {
    m_last.reset();
    m_chooser.restart();
    m_canGuess = canRead(text);
    if (!m_canGuess)
        return {};
    m_checked = text.size();
    const Status status = catchUp(text, std::move(stop));
    if (!status) {
        m_isOpen = false; // a step may have broken off
        m_canGuess = false;
    }
    return status;
}

Result<std::optional<Guess>> ModelDrafter::next(std::stop_token stop) {
    const auto length = m_decoder->cache().length() + static_cast<std::int32_t>(m_tried.size());
    if (!m_canGuess || (m_last && length >= m_decoder->contextTokens()))
        return std::optional<Guess>{};
    if (m_last) {
        const Status status = m_decoder->tryTokens({&m_last->token, 1}, std::move(stop));
        if (!status) {
            m_tried.clear();
            return status.error();
        }
        m_tried.push_back(m_last->token);
    }
    const Guess guess = m_chooser.choose(m_last ? m_decoder->triedLogits(0) : m_decoder->logits());
    m_canGuess = guess.token < m_modelVocabulary;
    if (!m_canGuess)
        return std::optional<Guess>{};
    m_last = guess;
    return m_last;
}

} // namespace hearth
