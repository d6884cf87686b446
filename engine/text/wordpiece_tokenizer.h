#pragma once

#include "engine/text/byte_trie.h"
#include "engine/text/vocabulary_tokenizer.h"

#include <string>
#include <vector>

namespace hearth {

/// BERT's WordPiece (`tokenizer.ggml.model` = bert): words are cut at white space, punctuation and Chinese characters,
/// and each is covered by the longest tokens from its start on; a word that cannot be covered is the unknown token.
/// Model files mark the token that begins a word with U+2581. Thread: any.
/// Source: Devlin et al. 2018, arXiv 1810.04805 (basic tokenizer and WordPiece).
class WordPieceTokenizer final : public VocabularyTokenizer {
public:
    [[nodiscard]] static Result<std::unique_ptr<Tokenizer>> fromGguf(const GgufFile& file);

protected:
    void encodeText(std::string_view text, std::vector<TokenId>& output) const override;

private:
    struct Normalizer {
        bool lowercases = true;
        bool stripsAccents = true;
    };
    WordPieceTokenizer(std::unique_ptr<const Vocabulary> vocabulary, Normalizer normalizer);

    /// Normalised words, each with the mark of a word's beginning.
    [[nodiscard]] std::vector<std::string> wordsOf(std::string_view text) const;
    void encodeWord(std::string_view word, std::vector<TokenId>& output) const;

    Normalizer m_normalizer;
    ByteTrie m_tokens;
};

} // namespace hearth
