#include "engine/run/text_pair.h"

#include "engine/gguf/gguf_file.h"

#include <algorithm>
#include <array>
#include <limits>

namespace hearth {

namespace {

constexpr std::string_view kQueryPlace = "{query}";
constexpr std::string_view kDocumentPlace = "{document}";

/// Vocabularies whose pairs have a second separator although files do not say so.
bool separatesTwice(std::string_view preTokenizer) {
    constexpr std::array<std::string_view, 3> kNames{"jina-v1-en", "jina-v2-code", "roberta-bpe"};
    return std::find(kNames.begin(), kNames.end(), preTokenizer) != kNames.end();
}

void append(std::vector<TokenId>& tokens, const std::vector<TokenId>& more) {
    tokens.insert(tokens.end(), more.begin(), more.end());
}

void append(std::vector<TokenId>& tokens, std::optional<TokenId> token) {
    if (token)
        tokens.push_back(*token);
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
        pair.setPrompt(prompt);
        return pair;
    }
    HEARTH_TRY(const std::string kind, file.stringOr("tokenizer.ggml.model", ""));
    if (kind == "bert") // [SEP] is what its texts end with
        return pair;
    HEARTH_TRY(const std::string preTokenizer, file.stringOr("tokenizer.ggml.pre", ""));
    HEARTH_TRY(const bool separates, file.boolOr("tokenizer.ggml.add_sep_token", separatesTwice(preTokenizer)));
    if (separates) {
        HEARTH_TRY(const std::int32_t id,
                   file.int32Or("tokenizer.ggml.seperator_token_id", -1, -1, tokenizer.vocabularySize() - 1));
        pair.m_separator = id >= 0 ? std::optional<TokenId>(id) : tokenizer.endToken();
    }
    return pair;
}

void TextPair::setPrompt(std::string_view prompt) {
    const auto query = prompt.find(kQueryPlace);
    const auto document = prompt.find(kDocumentPlace);
    const std::size_t afterQuery = query + kQueryPlace.size();
    m_hasPrompt = true;
    m_beforeQuery = prompt.substr(0, query);
    m_between = prompt.substr(afterQuery, document - afterQuery);
    m_afterDocument = prompt.substr(document + kDocumentPlace.size());
}

Result<std::vector<TokenId>> TextPair::encode(std::string_view query, std::string_view document,
                                              std::int32_t mostTokens) const {
    const auto plain = [&](std::string_view text) {
        return m_tokenizer->encode(text, AddSpecial::No, ParseSpecial::No);
    };
    const auto ofPrompt = [&](const std::string& text) {
        return m_tokenizer->encode(text, AddSpecial::No, ParseSpecial::Yes);
    };
    std::vector<TokenId> tokens;
    std::vector<TokenId> ending;
    if (m_hasPrompt) {
        // Control tokens that stand in the texts are plain text: they must not end the query or answer for the model.
        append(tokens, ofPrompt(m_beforeQuery));
        append(tokens, plain(query));
        append(tokens, ofPrompt(m_between));
        append(ending, ofPrompt(m_afterDocument));
    } else {
        append(tokens, m_surround.leading);
        append(tokens, plain(query));
        append(tokens, m_surround.trailing);
        append(tokens, m_separator);
        append(ending, m_surround.trailing);
    }
    const auto room = static_cast<std::int64_t>(mostTokens) - static_cast<std::int64_t>(tokens.size())
                      - static_cast<std::int64_t>(ending.size());
    if (room < 1)
        return Error{ErrorCode::InvalidInput, "the query takes " + std::to_string(tokens.size() + ending.size())
                                                  + " of " + std::to_string(mostTokens)
                                                  + " tokens and leaves no room for a document"};
    std::vector<TokenId> middle = plain(document);
    middle.resize(std::min(middle.size(), static_cast<std::size_t>(room)));
    append(tokens, middle);
    append(tokens, ending);
    return tokens;
}

} // namespace hearth
