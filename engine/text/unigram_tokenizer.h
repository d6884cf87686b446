#pragma once

#include "engine/text/byte_trie.h"
#include "engine/text/character_map.h"
#include "engine/text/vocabulary_tokenizer.h"

#include <string>

namespace hearth {

/// SentencePiece's unigram model (`tokenizer.ggml.model` = t5): of all ways to cover the normalised text with tokens,
/// the one with the highest sum of scores. Characters without a token are the unknown token, neighbours together.
/// Thread: any. Source: Kudo 2018, arXiv 1804.10959.
class UnigramTokenizer final : public VocabularyTokenizer {
public:
    [[nodiscard]] static Result<std::unique_ptr<Tokenizer>> fromGguf(const GgufFile& file);

protected:
    void encodeText(std::string_view text, std::vector<TokenId>& output) const override;

private:
    enum class ExtraSpaces : std::uint8_t { Keep, Remove };

    UnigramTokenizer(std::unique_ptr<const Vocabulary> vocabulary, SpacePrefix spacePrefix, ExtraSpaces extraSpaces,
                     CharacterMap characterMap);

    struct Normalized {
        std::string_view text;
        std::size_t consumedBytes;
    };
    [[nodiscard]] Normalized normalizeBeginning(std::string_view text) const;
    [[nodiscard]] std::string normalize(std::string_view text) const;
    [[nodiscard]] double scoreOf(TokenId token) const;

    ExtraSpaces m_extraSpaces;
    CharacterMap m_characterMap;
    ByteTrie m_tokens;
    /// These are not normalised.
    ByteTrie m_userDefined;
    double m_unknownScore = 0;
};

} // namespace hearth
