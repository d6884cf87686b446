#pragma once

#include "kernels/base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

class GgufFile;

using TokenId = std::int32_t;

/// Whether encode() puts the model's own begin (and end) tokens around the text, as its file says.
enum class AddSpecial : std::uint8_t { No, Yes };
/// Whether control tokens written out in the text ("<|im_start|>") become those tokens or are read as plain text.
enum class ParseSpecial : std::uint8_t { No, Yes };
/// Whether decode() writes out control tokens or leaves them out.
enum class SpecialTokens : std::uint8_t { Omit, Show };

/// Text to token ids and back, as the model's file defines it. Immutable after creation. Thread: any.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    /// Reads tokenizer.ggml.* of a model file.
    /// Errors: Unsupported (a kind or pre-tokenizer this program does not know, named), Corrupt (ids out of range,
    /// lists of unlike lengths), NotFound (no vocabulary).
    [[nodiscard]] static Result<std::unique_ptr<Tokenizer>> fromGguf(const GgufFile& file);

    /// Any bytes are accepted: invalid UTF-8 is encoded by byte tokens or U+FFFD, as the model's kind does.
    [[nodiscard]] virtual std::vector<TokenId> encode(std::string_view text, AddSpecial addSpecial,
                                                      ParseSpecial parseSpecial) const = 0;
    /// The bytes that the ids stand for; they need not be whole UTF-8 characters. Ids out of range give nothing.
    [[nodiscard]] virtual std::string decode(std::span<const TokenId> ids, SpecialTokens special) const = 0;
    /// The bytes that one token adds to a text in the middle of an answer (streaming); control tokens give nothing.
    [[nodiscard]] virtual std::string tokenBytes(TokenId id) const = 0;
    /// The token's text as it stands in the vocabulary; empty if the id is out of range.
    [[nodiscard]] virtual std::string_view tokenText(TokenId id) const = 0;
    [[nodiscard]] virtual std::optional<TokenId> findToken(std::string_view text) const = 0;

    [[nodiscard]] virtual std::int32_t vocabularySize() const = 0;
    [[nodiscard]] virtual std::optional<TokenId> beginToken() const = 0;
    [[nodiscard]] virtual std::optional<TokenId> endToken() const = 0;
    /// True for every token that ends an answer: end of text, end of turn, end of message.
    [[nodiscard]] virtual bool endsGeneration(TokenId id) const = 0;
    [[nodiscard]] virtual bool isControl(TokenId id) const = 0;
};

} // namespace hearth
