#pragma once

#include "engine/gguf/gguf_file.h"
#include "engine/run/decoder.h"
#include "engine/run/speculation/draft_chooser.h"

#include <filesystem>
#include <memory>

namespace hearth {

/// Why a model of vocabulary `draft` cannot guess for one of vocabulary `model`, as a sentence; nothing if it can: the
/// tokens of both have the same texts as far as both go, and one goes hardly further than the other (files are padded).
[[nodiscard]] std::optional<std::string> whyNotOneVocabulary(const Tokenizer& model, const Tokenizer& draft);

/// Guesses by a smaller model, which reads the text along, as much of it as guessing needs and not before.
class ModelDrafter final : public Drafter {
public:
    struct Options {
        std::string device;
        std::int32_t threads = 0;
        std::int32_t contextTokens = 0; ///< of the model that is guessed for
        std::int32_t prefillRows = 512;
    };

    /// Errors: what GgufFile, Tokenizer and Decoder say; InvalidInput if the vocabularies differ.
    [[nodiscard]] static Result<std::unique_ptr<ModelDrafter>> load(const std::filesystem::path& path,
                                                                    const Tokenizer& model, const Options& options);

    void begin(const SamplerSettings& settings, const Sampler& sampler) override;
    [[nodiscard]] Status start(std::span<const TokenId> text, std::stop_token stop) override;
    [[nodiscard]] Result<std::optional<Guess>> next(std::stop_token stop) override;
    /// Forgets every cached page.
    void clearCache();

private:
    ModelDrafter(std::unique_ptr<GgufFile> file, std::unique_ptr<Decoder> decoder, std::int32_t modelVocabulary);
    [[nodiscard]] bool canRead(std::span<const TokenId> text) const;
    /// Makes the sequence the text without its last token, or a beginning of that.
    [[nodiscard]] Status catchUp(std::span<const TokenId> text, std::stop_token stop);

    std::unique_ptr<GgufFile> m_file;
    std::unique_ptr<Decoder> m_decoder;
    std::int32_t m_modelVocabulary; ///< tokens beyond it cannot be guessed
    DraftChooser m_chooser;
    std::vector<TokenId> m_tried; ///< guesses that the decoder has tried since start()
    std::optional<Guess> m_last;  ///< the guess made last
    bool m_isOpen = false;        ///< a sequence of this text is open
    bool m_canGuess = false;
    std::size_t m_checked = 0; ///< tokens of the text that are known to be of this model's vocabulary
};

} // namespace hearth
