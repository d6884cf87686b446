#pragma once

#include "engine/text/symbol_merger.h"
#include "engine/text/vocabulary_tokenizer.h"
#include "engine/text/word_boundary.h"

namespace hearth {

/// SentencePiece's byte-pair model (`tokenizer.ggml.model` = llama): of all neighbours that together are a token, those
/// with the highest score merge first. Characters without a token become byte tokens. Thread: any.
/// Source: Kudo and Richardson 2018, arXiv 1808.06226.
class SentencePieceTokenizer final : public VocabularyTokenizer {
public:
    [[nodiscard]] static Result<std::unique_ptr<Tokenizer>> fromGguf(const GgufFile& file);

protected:
    void encodeText(std::string_view text, std::vector<TokenId>& output) const override;

private:
    SentencePieceTokenizer(std::unique_ptr<const Vocabulary> vocabulary, SpacePrefix spacePrefix);

    void encodeWord(std::string_view word, SymbolMerger& merger, std::vector<TokenId>& output) const;

    WordBoundary m_boundary;
};

} // namespace hearth
