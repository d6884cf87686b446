#pragma once

#include "engine/text/pre_tokenizer.h"
#include "engine/text/string_table.h"
#include "engine/text/tokenizer.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace hearth {

/// What a token is; several may hold at once. A token with none of these is never written out.
enum class TokenAttribute : std::uint8_t {
    Normal = 1,
    Unknown = 2,
    Control = 4,
    UserDefined = 8,
    Unused = 16,
    Byte = 32,
    /// White space before or behind the token, where it is written out in a text, belongs to it.
    StripsLeft = 64,
    StripsRight = 128,
};

/// The model families of `tokenizer.ggml.model`.
enum class VocabularyKind : std::uint8_t { BytePair, SentencePiece, Unigram, WordPiece, Rwkv, Plamo2 };

/// The token list of a model file with everything that the file says about single tokens. Immutable once read, and not
/// movable, since its index points into it. Thread: any.
class Vocabulary {
public:
    /// `traits` are those of the pre-tokenizer, or none.
    /// Errors: NotFound (no token list), Corrupt (lists too short, ids out of range, values that are no numbers).
    [[nodiscard]] static Result<std::unique_ptr<Vocabulary>> read(const GgufFile& file, VocabularyKind kind,
                                                                  const PreTokenizer::Traits& traits);
    Vocabulary(const Vocabulary&) = delete;
    Vocabulary& operator=(const Vocabulary&) = delete;

    [[nodiscard]] std::int32_t size() const { return static_cast<std::int32_t>(m_attributes.size()); }
    [[nodiscard]] bool contains(TokenId id) const { return id >= 0 && id < size(); }
    [[nodiscard]] std::string_view text(TokenId id) const { return m_texts[static_cast<std::size_t>(id)]; }
    /// 0 if the file has no scores.
    [[nodiscard]] float score(TokenId id) const {
        return m_scores.empty() ? 0.0F : m_scores[static_cast<std::size_t>(id)];
    }
    [[nodiscard]] bool has(TokenId id, TokenAttribute attribute) const {
        return (m_attributes[static_cast<std::size_t>(id)] & static_cast<std::uint8_t>(attribute)) != 0;
    }
    [[nodiscard]] std::optional<TokenId> find(std::string_view text) const;
    /// The token "<0x0A>" of a byte, if there is one.
    [[nodiscard]] std::optional<TokenId> findByte(unsigned char byte) const;
    /// The byte that a token "<0x0A>" stands for.
    [[nodiscard]] std::optional<unsigned char> byteOf(TokenId id) const;
    [[nodiscard]] std::size_t longestTextBytes() const { return m_longestTextBytes; }

    [[nodiscard]] std::optional<TokenId> beginToken() const { return m_begin; }
    [[nodiscard]] std::optional<TokenId> endToken() const { return m_end; }
    [[nodiscard]] std::optional<TokenId> unknownToken() const { return m_unknown; }
    /// What AddSpecial puts before and behind a text.
    [[nodiscard]] std::optional<TokenId> leadingToken() const { return m_leading; }
    [[nodiscard]] std::optional<TokenId> trailingToken() const { return m_trailing; }
    [[nodiscard]] bool endsGeneration(TokenId id) const;

private:
    explicit Vocabulary(StringTable texts) : m_texts(std::move(texts)), m_index(m_texts) {}

    [[nodiscard]] Status readScores(const GgufFile& file);
    [[nodiscard]] Status readTypes(const GgufFile& file);
    [[nodiscard]] Status readSpecialIds(const GgufFile& file, VocabularyKind kind, const PreTokenizer::Traits& traits);
    [[nodiscard]] Result<std::optional<TokenId>> readId(const GgufFile& file, std::string_view key,
                                                        std::optional<TokenId> fallback) const;
    [[nodiscard]] Status markEnds(const GgufFile& file);
    void correctEnds();
    [[nodiscard]] Status markStripping(const GgufFile& file);
    void add(TokenId id, TokenAttribute attribute) {
        m_attributes[static_cast<std::size_t>(id)] |= static_cast<std::uint8_t>(attribute);
    }
    void setOnly(TokenId id, TokenAttribute attribute) {
        m_attributes[static_cast<std::size_t>(id)] = static_cast<std::uint8_t>(attribute);
    }

    StringTable m_texts;
    TextIndex m_index;
    std::vector<float> m_scores;
    std::vector<std::uint8_t> m_attributes;
    std::size_t m_longestTextBytes = 0;
    std::optional<TokenId> m_begin;
    std::optional<TokenId> m_end;
    std::optional<TokenId> m_unknown;
    std::optional<TokenId> m_leading;
    std::optional<TokenId> m_trailing;
    /// Sorted.
    std::vector<TokenId> m_endsOfGeneration;
};

} // namespace hearth
