#pragma once

#include "engine/text/tokenizer.h"

#include <string>
#include <vector>

namespace hearth {

/// A tokenizer whose vocabulary is a list of texts; it only says what its tokens are.
class FakeTokenizer final : public Tokenizer {
public:
    explicit FakeTokenizer(std::vector<std::string> texts) : m_texts(std::move(texts)) {}
    /// `size` tokens, each a letter.
    explicit FakeTokenizer(std::int32_t size) : m_texts(static_cast<std::size_t>(size), "x") {}

    std::vector<TokenId> encode(std::string_view, AddSpecial, ParseSpecial) const override { return {}; }
    std::string decode(std::span<const TokenId> ids, SpecialTokens) const override {
        std::string text;
        for (const TokenId id : ids)
            text += tokenBytes(id);
        return text;
    }
    std::string tokenBytes(TokenId id) const override { return std::string(tokenText(id)); }
    std::string_view tokenText(TokenId id) const override {
        const auto index = static_cast<std::size_t>(id);
        return index < m_texts.size() ? std::string_view(m_texts[index]) : std::string_view();
    }
    std::optional<TokenId> findToken(std::string_view) const override { return std::nullopt; }
    std::int32_t vocabularySize() const override { return static_cast<std::int32_t>(m_texts.size()); }
    std::optional<TokenId> beginToken() const override { return std::nullopt; }
    std::optional<TokenId> endToken() const override { return std::nullopt; }
    bool endsGeneration(TokenId) const override { return false; }
    bool isControl(TokenId) const override { return false; }

private:
    std::vector<std::string> m_texts;
};

} // namespace hearth
