#pragma once

#include "engine/text/special_token_splitter.h"
#include "engine/text/tokenizer.h"
#include "engine/text/vocabulary.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// What all kinds of tokenizers share: tokens that are written out in the text, what is added around it, and the way
/// back. A kind adds how plain text becomes tokens. Immutable after creation. Thread: any.
class VocabularyTokenizer : public Tokenizer {
public:
    [[nodiscard]] std::vector<TokenId> encode(std::string_view text, AddSpecial addSpecial,
                                              ParseSpecial parseSpecial) const final;
    [[nodiscard]] std::string decode(std::span<const TokenId> ids, SpecialTokens special) const final;
    [[nodiscard]] std::string tokenBytes(TokenId id) const final;
    [[nodiscard]] std::string_view tokenText(TokenId id) const final;
    [[nodiscard]] std::optional<TokenId> findToken(std::string_view text) const final;
    [[nodiscard]] std::int32_t vocabularySize() const final;
    [[nodiscard]] std::optional<TokenId> beginToken() const final;
    [[nodiscard]] std::optional<TokenId> endToken() const final;
    [[nodiscard]] bool endsGeneration(TokenId id) const final;
    [[nodiscard]] bool isControl(TokenId id) const final;

protected:
    /// How a token's text stands for the bytes that it adds.
    enum class Spelling : std::uint8_t {
        Plain,        ///< as it is
        EscapedSpace, ///< U+2581 is a space
        ByteLevel,    ///< each character is a byte, as in GPT-2
        Backslashes,  ///< \n, \t, \xff
    };
    /// Whether encoding puts a space before text that follows no other text. Decoding takes it off again.
    enum class SpacePrefix : std::uint8_t {
        None,
        Always,
        ByKind, ///< encodeText() sees to it
    };

    VocabularyTokenizer(std::unique_ptr<const Vocabulary> vocabulary, Spelling spelling, SpacePrefix spacePrefix);

    /// Appends the tokens of a text without special tokens. `text` is not empty and at most kLongestTextBytes.
    virtual void encodeText(std::string_view text, std::vector<TokenId>& output) const = 0;

    [[nodiscard]] const Vocabulary& vocabulary() const { return *m_vocabulary; }
    [[nodiscard]] SpacePrefix spacePrefix() const { return m_spacePrefix; }
    [[nodiscard]] static std::string spell(std::string_view text, Spelling spelling);

private:
    /// Positions in a text have 32 bits; a longer text is encoded in parts.
    static constexpr std::size_t kLongestTextBytes = std::size_t{1} << 30;

    [[nodiscard]] std::string pieceOf(TokenId id, Spelling spelling) const;
    void encodeFragment(std::string_view text, bool followsText, std::vector<TokenId>& output) const;

    std::unique_ptr<const Vocabulary> m_vocabulary;
    SpecialTokenSplitter m_splitter;
    SpacePrefix m_spacePrefix;
    /// The bytes that each token adds to a text, special ones as they are written.
    StringTable m_pieces;
};

} // namespace hearth
