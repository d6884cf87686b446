#pragma once

#include "engine/text/tokenizer.h"

namespace hearth {

/// Stands for the vocabulary of a file that has none: tokens are numbers without text, and no text has tokens.
class BareTokenizer final : public Tokenizer {
public:
    explicit BareTokenizer(std::int32_t vocabularySize) : m_size(vocabularySize) {}

    std::vector<TokenId> encode(std::string_view, AddSpecial, ParseSpecial) const override { return {}; }
    std::string decode(std::span<const TokenId>, SpecialTokens) const override { return {}; }
    std::string tokenBytes(TokenId) const override { return {}; }
    std::string_view tokenText(TokenId) const override { return {}; }
    std::optional<TokenId> findToken(std::string_view) const override { return std::nullopt; }
    std::int32_t vocabularySize() const override { return m_size; }
    std::optional<TokenId> beginToken() const override { return std::nullopt; }
    std::optional<TokenId> endToken() const override { return std::nullopt; }
    bool endsGeneration(TokenId) const override { return false; }
    bool isControl(TokenId) const override { return false; }

private:
    std::int32_t m_size;
};

} // namespace hearth
