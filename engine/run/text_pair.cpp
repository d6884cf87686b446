#include "engine/run/text_pair.h"

#include "engine/gguf/gguf_file.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hearth {

namespace {

constexpr std::string_view kQueryPlace = "{query}";
constexpr std::string_view kDocumentPlace = "{document}";

/// Vocabularies whose pairs have a second separator although files do not say so: RoBERTa's, and XLM-RoBERTa's (of the
/// kind t5), whose older files lack the key.
bool separatesTwice(std::string_view kind, std::string_view preTokenizer) {
    constexpr std::array<std::string_view, 3> kNames{"jina-v1-en", "jina-v2-code", "roberta-bpe"};
    return kind == "t5" || std::find(kNames.begin(), kNames.end(), preTokenizer) != kNames.end();
}

void append(std::vector<TokenId>& tokens, const std::vector<TokenId>& more) {
    tokens.insert(tokens.end(), more.begin(), more.end());
}

void append(std::vector<TokenId>& tokens, std::optional<TokenId> token) {
    if (token)
        tokens.push_back(*token);
}

Error noRoom(std::size_t taken, std::size_t mostTokens) {
    return {ErrorCode::InvalidInput, "the query takes " + std::to_string(taken) + " of " + std::to_string(mostTokens)
                                         + " tokens and leaves no room for a document"};
}

/// The start of the character that the byte at `place` belongs to.
std::size_t characterStart(std::string_view text, std::size_t place) {
    while (place > 0 && place < text.size() && (static_cast<unsigned char>(text[place]) & 0xc0U) == 0x80U)
        --place;
    return place;
}

} // namespace

Surround surroundOf(const Tokenizer& tokenizer) {
    // A text that is encoded with and without its surroundings tells them apart, whatever the tokenizer's kind.
    constexpr std::string_view kText = "a";
    const std::vector<TokenId> plain = tokenizer.encode(kText, AddSpecial::No, ParseSpecial::No);
    const std::vector<TokenId> full = tokenizer.encode(kText, AddSpecial::Yes, ParseSpecial::No);
    const auto inside = std::search(full.begin(), full.end(), plain.begin(), plain.end());
    Surround surround;
    if (inside != full.begin())
        surround.leading = full.front();
    if (full.end() - inside > static_cast<std::ptrdiff_t>(plain.size()))
        surround.trailing = full.back();
    return surround;
}

Result<TextPair> TextPair::read(const GgufFile& file, const Tokenizer& tokenizer) {
    TextPair pair(tokenizer);
    HEARTH_TRY(const std::string prompt, file.stringOr("tokenizer.chat_template.rerank", ""));
    if (!prompt.empty()) {
        const auto query = prompt.find(kQueryPlace);
        const auto document = prompt.find(kDocumentPlace);
        if (query == std::string::npos || document == std::string::npos || document < query)
            return Error{ErrorCode::Unsupported,
                         file.path().string() + ": the rerank template does not name {query} and then {document}"};
        pair.m_prompt = piecesOf(prompt, tokenizer);
        return pair;
    }
    HEARTH_TRY(const std::string kind, file.stringOr("tokenizer.ggml.model", ""));
    if (kind == "bert") // [SEP] is what its texts end with
        return pair;
    HEARTH_TRY(const std::string preTokenizer, file.stringOr("tokenizer.ggml.pre", ""));
    HEARTH_TRY(const bool separates, file.boolOr("tokenizer.ggml.add_sep_token", separatesTwice(kind, preTokenizer)));
    if (separates) {
        HEARTH_TRY(const std::int32_t id,
                   file.int32Or("tokenizer.ggml.seperator_token_id", -1, -1, tokenizer.vocabularySize() - 1));
        pair.m_separator = id >= 0 ? std::optional<TokenId>(id) : tokenizer.endToken();
    }
    return pair;
}

std::vector<TextPair::Piece> TextPair::piecesOf(std::string_view prompt, const Tokenizer& tokenizer) {
    // Control tokens count where the prompt has them and nowhere else: one that stands in a query or a document must
    // not end it or answer for the model. All other text is encoded in one piece with what is put into it, for tokens
    // reach over the seams.
    std::vector<std::pair<std::string_view, Piece>> marks{{kQueryPlace, {Piece::Kind::Query, -1, {}}},
                                                          {kDocumentPlace, {Piece::Kind::Document, -1, {}}}};
    for (TokenId id = 0; id < tokenizer.vocabularySize(); ++id)
        if (const std::string_view text = tokenizer.tokenText(id);
            !text.empty() && tokenizer.isControl(id) && prompt.find(text) != std::string_view::npos)
            marks.push_back({text, {Piece::Kind::Control, id, {}}});
    std::vector<Piece> pieces;
    while (!prompt.empty()) {
        std::size_t nearest = prompt.size();
        const std::pair<std::string_view, Piece>* found = nullptr;
        for (const auto& mark : marks) {
            const std::size_t place = prompt.find(mark.first);
            const bool isLonger = found != nullptr && place == nearest && mark.first.size() > found->first.size();
            if (place < nearest || isLonger) {
                nearest = place;
                found = &mark;
            }
        }
        if (nearest > 0)
            pieces.push_back({Piece::Kind::Text, -1, std::string(prompt.substr(0, nearest))});
        if (found != nullptr)
            pieces.push_back(found->second);
        prompt.remove_prefix(nearest + (found == nullptr ? 0 : found->first.size()));
    }
    return pieces;
}

std::vector<TokenId> TextPair::encodePrompt(std::string_view query, std::string_view document) const {
    std::vector<TokenId> tokens;
    std::string text;
    const auto flush = [&] {
        if (!text.empty())
            append(tokens, plain(text));
        text.clear();
    };
    for (const Piece& piece : m_prompt) {
        switch (piece.kind) {
        case Piece::Kind::Control:
            flush();
            tokens.push_back(piece.control);
            break;
        case Piece::Kind::Text:
            text += piece.text;
            break;
        case Piece::Kind::Query:
            text += query;
            break;
        case Piece::Kind::Document:
            text += document;
            break;
        }
    }
    flush();
    return tokens;
}

Result<std::vector<TokenId>> TextPair::encodeInPrompt(std::string_view query, std::string_view document,
                                                      std::size_t mostTokens) const {
    std::vector<TokenId> tokens = encodePrompt(query, document);
    if (tokens.size() <= mostTokens)
        return tokens;
    tokens = encodePrompt(query, {});
    if (tokens.size() >= mostTokens)
        return noRoom(tokens.size(), mostTokens);
    // Tokens do not tell where the document ends among them, so its bytes are halved until it fits.
    std::size_t fits = 0;
    for (std::size_t beyond = document.size(); beyond - fits > 1;) {
        const std::size_t middle = fits + (beyond - fits) / 2;
        std::vector<TokenId> shorter = encodePrompt(query, document.substr(0, characterStart(document, middle)));
        if (shorter.size() <= mostTokens) {
            fits = middle;
            tokens = std::move(shorter);
        } else {
            beyond = middle;
        }
    }
    return tokens;
}

Result<std::vector<TokenId>> TextPair::encodeSurrounded(std::string_view query, std::string_view document,
                                                        std::size_t mostTokens) const {
    std::vector<TokenId> tokens;
    append(tokens, m_surround.leading);
    append(tokens, plain(query));
    append(tokens, m_surround.trailing);
    append(tokens, m_separator);
    const std::size_t around = tokens.size() + (m_surround.trailing ? 1 : 0);
    if (around >= mostTokens)
        return noRoom(around, mostTokens);
    std::vector<TokenId> middle = plain(document);
    middle.resize(std::min(middle.size(), mostTokens - around));
    append(tokens, middle);
    append(tokens, m_surround.trailing);
    return tokens;
}

Result<std::vector<TokenId>> TextPair::encode(std::string_view query, std::string_view document,
                                              std::int32_t mostTokens) const {
    const auto most = static_cast<std::size_t>(std::max(mostTokens, 0));
    return m_prompt.empty() ? encodeSurrounded(query, document, most) : encodeInPrompt(query, document, most);
}

} // namespace hearth
