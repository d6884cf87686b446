#pragma once

#include "engine/text/byte_trie.h"
#include "engine/text/vocabulary_tokenizer.h"

#include <array>

namespace hearth {

/// PLaMo 2's tokenizer (`tokenizer.ggml.model` = plamo2): the cover of the text with the lowest cost, counted from the
/// end, where a character without a token costs more than any token and becomes byte tokens. Thread: any.
class Plamo2Tokenizer final : public VocabularyTokenizer {
public:
    /// Errors: those of the vocabulary, and Corrupt if a byte has no token.
    [[nodiscard]] static Result<std::unique_ptr<Tokenizer>> fromGguf(const GgufFile& file);

protected:
    void encodeText(std::string_view text, std::vector<TokenId>& output) const override;

private:
    Plamo2Tokenizer(std::unique_ptr<const Vocabulary> vocabulary, const std::array<TokenId, 256>& byteTokens);

    ByteTrie m_tokens;
    std::array<TokenId, 256> m_byteTokens;
};

} // namespace hearth
