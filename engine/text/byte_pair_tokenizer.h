#pragma once

#include "engine/text/merge_table.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/vocabulary_tokenizer.h"
#include "engine/text/word_boundary.h"

#include <array>
#include <optional>
#include <string>

namespace hearth {

/// Byte-pair encoding with ranked merges (`tokenizer.ggml.model` = gpt2 and gemma4): text is cut by the pre-tokenizer
/// that the file names, and the merges happen within the pieces. Broken UTF-8 becomes U+FFFD. Thread: any.
/// Source: Sennrich et al. 2016, arXiv 1508.07909; byte level: Radford et al. 2019 (GPT-2).
class BytePairTokenizer final : public VocabularyTokenizer {
public:
    /// `ruleName` names the pre-tokenizer.
    [[nodiscard]] static Result<std::unique_ptr<Tokenizer>> fromGguf(const GgufFile& file, std::string_view ruleName);

protected:
    void encodeText(std::string_view text, std::vector<TokenId>& output) const override;

private:
    enum class Letters : std::uint8_t { AsTheyAre, Lowercase };

    BytePairTokenizer(std::unique_ptr<const Vocabulary> vocabulary, Spelling spelling, PreTokenizer preTokenizer,
                      MergeTable merges, Letters letters);

    struct Session;
    void encodePiece(std::string_view piece, Session& session) const;
    void encodeWord(std::string_view word, Session& session) const;
    void addByteSymbols(std::string_view word, SymbolMerger& merger) const;
    void addCharacterSymbols(std::string_view word, SymbolMerger& merger) const;
    [[nodiscard]] std::optional<TokenId> wholeToken(std::string_view word, std::string& spelled) const;

    PreTokenizer m_preTokenizer;
    MergeTable m_merges;
    /// Only where pieces are long and their parts may be encoded one by one.
    std::optional<WordBoundary> m_boundary;
    Letters m_letters;
    /// What each byte is before any merge.
    std::array<std::int32_t, 256> m_byteSymbols{};
};

} // namespace hearth
