#include "engine/gguf/gguf_file.h"
#include "engine/text/vocabulary.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

// Which tokens begin, end and structure a text. Files name some by id; others are known by their text alone, because
// files often leave them out or give them the wrong type.

namespace hearth {

namespace {

/// Tokens that end an answer, whatever the file says.
constexpr std::array<std::string_view, 22> kEnds{"<|eot_id|>",
                                                 "<|im_end|>",
                                                 "<|end|>",
                                                 "<|return|>",
                                                 "<|call|>",
                                                 "<|flush|>",
                                                 "<|calls|>",
                                                 "<end_of_turn>",
                                                 "<|endoftext|>",
                                                 "</s>",
                                                 "<|eom_id|>",
                                                 "<EOT>",
                                                 "_<EOT>",
                                                 "[EOT]",
                                                 "[EOS]",
                                                 "<eos>",
                                                 "<|end_of_text|>",
                                                 "<turn|>",
                                                 "<end_of_utterance>",
                                                 "<|tool_response>",
                                                 "[e~[",
                                                 "<\uff5cend\u2581of\u2581sentence\uff5c>"};

/// Tokens for filling in the middle of code. The last three end an answer: the model goes on to another file.
struct FillInTokens {
    std::string_view key;
    std::string_view olderKey;
    bool endsGeneration;
    std::array<std::string_view, 8> texts;
};
constexpr std::array<FillInTokens, 6> kFillIn{{
    {"tokenizer.ggml.fim_pre_token_id",
     "tokenizer.ggml.prefix_token_id",
     false,
     {"<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<\uff5cfim\u2581begin\uff5c>", "<PRE>", "\u2581<PRE>",
      "<|code_prefix|>", "<|prefix|>"}},
    {"tokenizer.ggml.fim_suf_token_id",
     "tokenizer.ggml.suffix_token_id",
     false,
     {"<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<\uff5cfim\u2581hole\uff5c>", "<SUF>", "\u2581<SUF>",
      "<|code_suffix|>", "<|suffix|>"}},
    {"tokenizer.ggml.fim_mid_token_id",
     "tokenizer.ggml.middle_token_id",
     false,
     {"<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<\uff5cfim\u2581end\uff5c>", "<MID>", "\u2581<MID>",
      "<|code_middle|>", "<|middle|>"}},
    {"tokenizer.ggml.fim_pad_token_id", "", true, {"<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"}},
    {"tokenizer.ggml.fim_rep_token_id",
     "",
     true,
     {"<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"}},
    {"tokenizer.ggml.fim_sep_token_id", "", true, {"<|file_sep|>"}},
}};

/// What a family does when the file is silent.
struct Defaults {
    std::optional<TokenId> begin = std::nullopt;
    std::optional<TokenId> end = std::nullopt;
    std::optional<TokenId> unknown = std::nullopt;
    std::optional<TokenId> separator = std::nullopt;
    bool addsBegin = false;
    bool addsEnd = false;
};

Defaults defaultsOf(VocabularyKind kind) {
    switch (kind) {
    case VocabularyKind::SentencePiece:
        return {.begin = 1, .end = 2, .unknown = 0, .addsBegin = true};
    case VocabularyKind::WordPiece:
        return {.begin = 101, .unknown = 100, .separator = 102};
    case VocabularyKind::Unigram:
        return {.end = 1, .unknown = 2, .addsEnd = true};
    case VocabularyKind::Plamo2:
        return {.begin = 1, .end = 2, .unknown = 0};
    case VocabularyKind::BytePair:
    case VocabularyKind::Rwkv:
        break;
    }
    return {};
}

bool containsAny(std::string_view text, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [text](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

} // namespace

Result<std::optional<TokenId>> Vocabulary::readId(const GgufFile& file, std::string_view key,
                                                  std::optional<TokenId> fallback) const {
    if (fallback && !contains(*fallback))
        fallback.reset();
    const GgufValue* value = file.find(key);
    if (value == nullptr)
        return fallback;
    std::int64_t id = -1;
    if (const auto* number = std::get_if<std::uint64_t>(value))
        id = *number <= std::numeric_limits<std::uint32_t>::max() ? static_cast<std::int64_t>(*number) : size();
    else if (const auto* signedNumber = std::get_if<std::int64_t>(value))
        id = *signedNumber;
    else
        return Error{ErrorCode::Corrupt,
                     "'" + file.path().string() + "': '" + std::string(key) + "' is not a whole number"};
    // Converters write -1 for "none", often in an unsigned field.
    if (id == -1 || id == std::numeric_limits<std::uint32_t>::max())
        return fallback;
    if (id < 0 || id >= size())
        return Error{ErrorCode::Corrupt, "'" + file.path().string() + "': '" + std::string(key) + "' is "
                                             + std::to_string(id) + ", but there are " + std::to_string(size())
                                             + " tokens"};
    return std::optional<TokenId>(static_cast<TokenId>(id));
}

Status Vocabulary::readSpecialIds(const GgufFile& file, VocabularyKind kind, const PreTokenizer::Traits& traits) {
    const Defaults defaults = defaultsOf(kind);
    HEARTH_TRY(m_begin, readId(file, "tokenizer.ggml.bos_token_id", defaults.begin));
    HEARTH_TRY(m_end, readId(file, "tokenizer.ggml.eos_token_id", defaults.end));
    HEARTH_TRY(m_unknown, readId(file, "tokenizer.ggml.unknown_token_id", defaults.unknown));
    HEARTH_TRY(const auto separator, readId(file, "tokenizer.ggml.seperator_token_id", defaults.separator));
    if (kind == VocabularyKind::WordPiece) {
        m_leading = m_begin;
        m_trailing = separator;
        return {};
    }
    HEARTH_TRY(const bool addsBegin,
               file.boolOr("tokenizer.ggml.add_bos_token", defaults.addsBegin || traits.addsBegin));
    HEARTH_TRY(const bool addsEnd, file.boolOr("tokenizer.ggml.add_eos_token", defaults.addsEnd));
    const bool addsNothing = kind == VocabularyKind::Rwkv || kind == VocabularyKind::Plamo2;
    if ((addsBegin || traits.alwaysAddsBegin) && !addsNothing)
        m_leading = m_begin;
    if (addsEnd && !addsNothing)
        m_trailing = m_end;
    return {};
}

Status Vocabulary::markEnds(const GgufFile& file) {
    const auto addEnd = [this](TokenId id) { m_endsOfGeneration.push_back(id); };
    for (const FillInTokens& tokens : kFillIn) {
        HEARTH_TRY(std::optional<TokenId> id, readId(file, tokens.key, std::nullopt));
        if (!id && !tokens.olderKey.empty()) {
            HEARTH_TRY(id, readId(file, tokens.olderKey, std::nullopt));
        }
        for (const std::string_view text : tokens.texts) {
            if (id || text.empty())
                break;
            id = find(text);
            if (id)
                add(*id, TokenAttribute::Control);
        }
        if (id && tokens.endsGeneration)
            addEnd(*id);
    }
    for (TokenId id = 0; id < size(); ++id)
        if (has(id, TokenAttribute::Control) && text(id).find("unused") != std::string_view::npos)
            add(id, TokenAttribute::Unused);
    for (const std::string_view text : kEnds) {
        if (const auto id = find(text)) {
            add(*id, TokenAttribute::Control);
            addEnd(*id);
        }
    }
    // The parts of a Harmony message are written out: programs read the answer's channel from them.
    for (const std::string_view text : {"<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"})
        if (const auto id = find(text))
            setOnly(*id, TokenAttribute::UserDefined);
    if (m_end)
        addEnd(*m_end);
    for (const std::string_view key : {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"}) {
        HEARTH_TRY(const auto id, readId(file, key, std::nullopt));
        if (id)
            addEnd(*id);
    }
    correctEnds();
    return {};
}

void Vocabulary::correctEnds() {
    std::sort(m_endsOfGeneration.begin(), m_endsOfGeneration.end());
    m_endsOfGeneration.erase(std::unique(m_endsOfGeneration.begin(), m_endsOfGeneration.end()),
                             m_endsOfGeneration.end());
    const auto ends = [this](std::string_view text) {
        const auto id = find(text);
        return id && endsGeneration(*id);
    };
    const auto remove = [this](TokenId id, TokenAttribute attribute) {
        std::erase(m_endsOfGeneration, id);
        setOnly(id, attribute);
    };
    // Where other tokens end the answer, "<|end|>" only ends one message of it.
    const bool hasCall = ends("<|call|>") || ends("<|calls|>");
    if (ends("<|end|>") && hasCall && (ends("<|return|>") || ends("<|flush|>")))
        remove(*find("<|end|>"), TokenAttribute::UserDefined);
    // In these vocabularies "</s>" is text: the tag of struck-out words in HTML.
    if (ends("</s>") && ends("<|tool_response>"))
        remove(*find("</s>"), TokenAttribute::Normal);
}

Status Vocabulary::markStripping(const GgufFile& file) {
    HEARTH_TRY(std::string name, file.stringOr("general.name", ""));
    HEARTH_TRY(const std::string rule, file.stringOr("tokenizer.ggml.pre", ""));
    HEARTH_TRY(const std::string architecture, file.stringOr("general.architecture", ""));
    std::transform(name.begin(), name.end(), name.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    const auto stripLeft = [this](std::string_view text) {
        if (const auto id = find(text))
            add(*id, TokenAttribute::StripsLeft);
    };
    if (containsAny(rule, {"jina-v2-de", "jina-v2-es", "jina-v2-code"})
        || containsAny(architecture, {"nomic-bert-moe", "jina-bert-v3"})) {
        stripLeft("<mask>");
    } else if (containsAny(name, {"phi-3", "phi3"})) {
        for (TokenId id = 0; id < size(); ++id) {
            const bool special = has(id, TokenAttribute::Control) || has(id, TokenAttribute::UserDefined)
                                 || has(id, TokenAttribute::Unknown);
            const bool excepted = text(id) == "<unk>" || text(id) == "<s>" || text(id) == "<|endoftext|>";
            if ((special || text(id) == "</s>") && !excepted)
                add(id, TokenAttribute::StripsRight);
        }
    } else if (containsAny(name, {"modern-bert"})) {
        stripLeft("[MASK]");
    }
    return {};
}

} // namespace hearth
