#pragma once

#include "engine/text/tokenizer.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

class GgufFile;

/// The tokens that a model puts before and behind a text.
struct Surround {
    std::optional<TokenId> leading;
    std::optional<TokenId> trailing;
};
[[nodiscard]] Surround surroundOf(const Tokenizer& tokenizer);

/// How a reranker sees a query and a document: its file's prompt (tokenizer.chat_template.rerank with {query} and
/// {document}), or LEADING query TRAILING [SEPARATOR] document TRAILING, the separator where the file asks for one
/// (XLM-RoBERTa). Immutable. Thread: any.
class TextPair {
public:
    /// The tokenizer outlives the result. Errors: Corrupt keys.
    [[nodiscard]] static Result<TextPair> read(const GgufFile& file, const Tokenizer& tokenizer);

    /// At most `mostTokens` ids; the document loses its end where there would be more.
    /// Errors: InvalidInput if the query leaves no room for a document, with the numbers.
    [[nodiscard]] Result<std::vector<TokenId>> encode(std::string_view query, std::string_view document,
                                                      std::int32_t mostTokens) const;

private:
    /// A part of the prompt.
    struct Piece {
        enum class Kind : std::uint8_t { Control, Text, Query, Document };
        Kind kind = Kind::Text;
        TokenId control = -1;
        std::string text;
    };

    explicit TextPair(const Tokenizer& tokenizer) : m_tokenizer(&tokenizer), m_surround(surroundOf(tokenizer)) {}
    [[nodiscard]] static std::vector<Piece> piecesOf(std::string_view prompt, const Tokenizer& tokenizer);
    [[nodiscard]] std::vector<TokenId> encodePrompt(std::string_view query, std::string_view document) const;
    [[nodiscard]] std::vector<TokenId> plain(std::string_view text) const {
        return m_tokenizer->encode(text, AddSpecial::No, ParseSpecial::No);
    }
    [[nodiscard]] Result<std::vector<TokenId>> encodeInPrompt(std::string_view query, std::string_view document,
                                                              std::size_t mostTokens) const;
    [[nodiscard]] Result<std::vector<TokenId>> encodeSurrounded(std::string_view query, std::string_view document,
                                                                std::size_t mostTokens) const;

    const Tokenizer* m_tokenizer;
    Surround m_surround;
    std::optional<TokenId> m_separator;
    std::vector<Piece> m_prompt; ///< empty: none
};

} // namespace hearth
