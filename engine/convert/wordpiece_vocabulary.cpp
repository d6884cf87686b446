#include "engine/convert/wordpiece_vocabulary.h"

#include "engine/convert/json_document.h"

#include <algorithm>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace hearth {

namespace {

constexpr std::string_view kWordBeginning = "\u2581";
constexpr std::string_view kContinuation = "##";
constexpr std::int32_t kPlain = 1;
constexpr std::int32_t kControl = 3;
constexpr std::size_t kMostTokens = std::size_t{1} << 24;

bool isFile(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

/// The tokens as they stand in the file, and what else it says.
struct RawVocabulary {
    std::string source; ///< for errors
    std::vector<std::string> tokens;
    std::vector<std::string> specials;
    std::optional<bool> lowercases;
    std::optional<bool> stripsAccents;
};

Result<std::vector<std::string>> readIds(const std::string& source, const nlohmann::json& ids) {
    if (!ids.is_object() || ids.empty() || ids.size() > kMostTokens)
        return Error{ErrorCode::Corrupt, source + ": the model has no vocabulary"};
    std::vector<std::string> tokens(ids.size());
    std::vector<bool> taken(ids.size(), false);
    for (const auto& [token, id] : ids.items()) {
        const bool isId = id.is_number_unsigned() && id.get<std::uint64_t>() < ids.size();
        const std::size_t index = isId ? static_cast<std::size_t>(id.get<std::uint64_t>()) : 0;
        if (!isId || taken[index])
            return Error{ErrorCode::Corrupt, source + ": the token '" + token + "' has no id of its own below "
                                                 + std::to_string(ids.size())};
        taken[index] = true;
        tokens[index] = token;
    }
    return tokens;
}

/// The part `key` of a tokenizer.json as a document; empty where it is absent.
Result<JsonDocument> part(const JsonDocument& document, const char* key) {
    const nlohmann::json* value = document.find(key);
    return JsonDocument::parse(value == nullptr ? "{}" : value->dump(), document.name() + ", '" + key + "'");
}

Result<RawVocabulary> readTokenizerJson(const std::filesystem::path& path) {
    HEARTH_TRY(const JsonDocument document, JsonDocument::open(path));
    const nlohmann::json* model = document.find("model");
    if (model == nullptr || !model->is_object() || !model->contains("vocab"))
        return document.wrong("model", "a tokenizer with a vocabulary");
    const auto kind = model->find("type");
    const auto prefix = model->find("continuing_subword_prefix");
    // Files of the first versions leave out the type.
    const bool isWordPiece = kind == model->end() || (kind->is_string() && *kind == "WordPiece");
    if (!isWordPiece || (prefix != model->end() && (!prefix->is_string() || *prefix != std::string(kContinuation))))
        return Error{ErrorCode::Unsupported, document.name() + ": its tokenizer is no WordPiece with the prefix '##'"};
    RawVocabulary raw{document.name(), {}, {}, {}, {}};
    HEARTH_TRY(raw.tokens, readIds(document.name(), (*model)["vocab"]));
    HEARTH_TRY(const JsonDocument normalizer, part(document, "normalizer"));
    HEARTH_TRY(raw.lowercases, normalizer.optionalBool("lowercase"));
    HEARTH_TRY(raw.stripsAccents, normalizer.optionalBool("strip_accents"));
    if (const nlohmann::json* added = document.find("added_tokens"); added != nullptr && added->is_array())
        for (const nlohmann::json& token : *added)
            if (token.is_object() && token.contains("content") && token["content"].is_string())
                raw.specials.push_back(token["content"].get<std::string>());
    return raw;
}

Result<RawVocabulary> readVocabText(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "vocab.txt";
    HEARTH_TRY(const std::string text, readWholeFile(path));
    RawVocabulary raw{"'" + path.string() + "'", {}, {}, {}, {}};
    for (std::size_t start = 0; start < text.size() && raw.tokens.size() < kMostTokens;) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        std::string line = text.substr(start, end - start);
        if (line.ends_with('\r'))
            line.pop_back();
        raw.tokens.push_back(std::move(line));
        start = end + 1;
    }
    if (isFile(folder / "tokenizer_config.json")) {
        HEARTH_TRY(const JsonDocument config, JsonDocument::open(folder / "tokenizer_config.json"));
        HEARTH_TRY(raw.lowercases, config.optionalBool("do_lower_case"));
        HEARTH_TRY(raw.stripsAccents, config.optionalBool("strip_accents"));
    }
    return raw;
}

bool isUtf8(const std::string& text) {
    try {
        static_cast<void>(nlohmann::json(text).dump());
        return true;
    } catch (const nlohmann::json::exception&) { // how the library says it
        return false;
    }
}

/// The special tokens by their roles; folders may rename them.
struct SpecialNames {
    std::string cls = "[CLS]";
    std::string separator = "[SEP]";
    std::string unknown = "[UNK]";
    std::string padding = "[PAD]";
    std::string mask = "[MASK]";
};

/// A name stands as a text, or as an object with the text in it.
Result<std::string> nameOf(const JsonDocument& document, const std::string& key, const std::string& fallback) {
    const nlohmann::json* value = document.find(key);
    if (value == nullptr)
        return fallback;
    if (value->is_object() && value->contains("content") && (*value)["content"].is_string())
        return (*value)["content"].get<std::string>();
    return document.stringOr(key, fallback);
}

Result<SpecialNames> readSpecialNames(const std::filesystem::path& folder) {
    SpecialNames names;
    for (const char* file : {"tokenizer_config.json", "special_tokens_map.json"}) {
        if (!isFile(folder / file))
            continue;
        HEARTH_TRY(const JsonDocument document, JsonDocument::open(folder / file));
        HEARTH_TRY(names.cls, nameOf(document, "cls_token", names.cls));
        HEARTH_TRY(names.separator, nameOf(document, "sep_token", names.separator));
        HEARTH_TRY(names.unknown, nameOf(document, "unk_token", names.unknown));
        HEARTH_TRY(names.padding, nameOf(document, "pad_token", names.padding));
        HEARTH_TRY(names.mask, nameOf(document, "mask_token", names.mask));
    }
    return names;
}

std::string spelled(const std::string& token) {
    return token.starts_with(kContinuation) && token.size() > kContinuation.size()
               ? token.substr(kContinuation.size())
               : std::string(kWordBeginning) + token;
}

/// Finds tokens by their text; of two that are alike the later one counts, as in the tokenizers that these files are
/// for.
class TokenIds {
public:
    explicit TokenIds(const RawVocabulary& raw) : m_source(raw.source) {
        for (std::size_t id = 0; id < raw.tokens.size(); ++id)
            m_ids[raw.tokens[id]] = static_cast<std::uint32_t>(id);
    }
    [[nodiscard]] std::optional<std::uint32_t> find(const std::string& token) const {
        const auto entry = m_ids.find(token);
        return entry == m_ids.end() ? std::nullopt : std::optional<std::uint32_t>(entry->second);
    }
    [[nodiscard]] Result<std::uint32_t> get(const std::string& token) const {
        if (const auto id = find(token))
            return *id;
        return Error{ErrorCode::Corrupt, m_source + ": the vocabulary has no token '" + token + "'"};
    }

private:
    std::string m_source;
    std::unordered_map<std::string_view, std::uint32_t> m_ids;
};

} // namespace

Result<WordPieceVocabulary> WordPieceVocabulary::read(const std::filesystem::path& folder) {
    if (!isFile(folder / "tokenizer.json") && !isFile(folder / "vocab.txt"))
        return Error{ErrorCode::NotFound, "'" + folder.string() + "' has neither tokenizer.json nor vocab.txt"};
    HEARTH_TRY(RawVocabulary raw, isFile(folder / "tokenizer.json") ? readTokenizerJson(folder / "tokenizer.json")
                                                                    : readVocabText(folder));
    HEARTH_TRY(const SpecialNames names, readSpecialNames(folder));
    const TokenIds ids(raw);
    WordPieceVocabulary vocabulary;
    HEARTH_TRY(vocabulary.classId, ids.get(names.cls));
    HEARTH_TRY(vocabulary.separatorId, ids.get(names.separator));
    HEARTH_TRY(vocabulary.unknownId, ids.get(names.unknown));
    HEARTH_TRY(vocabulary.paddingId, ids.get(names.padding));
    vocabulary.maskId = ids.find(names.mask);
    vocabulary.lowercases = raw.lowercases.value_or(true);
    vocabulary.stripsAccents = raw.stripsAccents;

    raw.specials.insert(raw.specials.end(), {names.cls, names.separator, names.unknown, names.padding, names.mask});
    vocabulary.types.assign(raw.tokens.size(), kPlain);
    for (const std::string& special : raw.specials)
        if (const auto id = ids.find(special))
            vocabulary.types[*id] = kControl;
    for (std::size_t id = 0; id < raw.tokens.size(); ++id) {
        const std::string& token = raw.tokens[id];
        if (!isUtf8(token))
            return Error{ErrorCode::Corrupt, raw.source + ": token " + std::to_string(id) + " is not UTF-8"};
        vocabulary.tokens.push_back(vocabulary.types[id] == kControl ? token : spelled(token));
    }
    return vocabulary;
}

} // namespace hearth
