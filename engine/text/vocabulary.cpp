#include "engine/text/vocabulary.h"

#include "engine/gguf/gguf_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace hearth {

namespace {

constexpr std::string_view kTokensKey = "tokenizer.ggml.tokens";
constexpr std::string_view kScoresKey = "tokenizer.ggml.scores";
constexpr std::string_view kTypesKey = "tokenizer.ggml.token_type";

/// Longer texts are no tokens but an attempt to make every search slow.
constexpr std::size_t kLongestSaneTextBytes = 65535;

Error corrupt(const GgufFile& file, std::string_view key, const std::string& reason) {
    return Error{ErrorCode::Corrupt, "'" + file.path().string() + "': '" + std::string(key) + "' " + reason};
}

Result<StringTable> readTexts(const GgufFile& file) {
    HEARTH_TRY(const std::vector<std::string_view> views, file.strings(kTokensKey));
    if (views.empty() || views.size() > static_cast<std::size_t>(std::numeric_limits<TokenId>::max()))
        return corrupt(file, kTokensKey, "lists " + std::to_string(views.size()) + " tokens");
    std::size_t sizeBytes = 0;
    for (const std::string_view view : views) {
        sizeBytes += view.size();
        if (view.size() > kLongestSaneTextBytes)
            return corrupt(file, kTokensKey, "holds a token of " + std::to_string(view.size()) + " bytes");
    }
    StringTable texts;
    texts.reserve(views.size(), sizeBytes);
    for (std::size_t id = 0; id < views.size(); ++id)
        texts.add(views[id].empty() ? "[EMPTY_" + std::to_string(id) + "]" : std::string(views[id]));
    return texts;
}

/// The file's numbers for the kinds of tokens.
std::uint8_t attributesOfType(std::int64_t type) {
    constexpr std::array<TokenAttribute, 6> kTypes{TokenAttribute::Normal,  TokenAttribute::Unknown,
                                                   TokenAttribute::Control, TokenAttribute::UserDefined,
                                                   TokenAttribute::Unused,  TokenAttribute::Byte};
    if (type < 1 || type > static_cast<std::int64_t>(kTypes.size()))
        return 0;
    return static_cast<std::uint8_t>(kTypes[static_cast<std::size_t>(type - 1)]);
}

} // namespace

Result<std::unique_ptr<Vocabulary>> Vocabulary::read(const GgufFile& file, VocabularyKind kind,
                                                     const PreTokenizer::Traits& traits) {
    HEARTH_TRY(StringTable texts, readTexts(file));
    std::unique_ptr<Vocabulary> vocabulary(new Vocabulary(std::move(texts)));
    for (std::size_t id = 0; id < vocabulary->m_texts.size(); ++id)
        vocabulary->m_longestTextBytes = std::max(vocabulary->m_longestTextBytes, vocabulary->m_texts[id].size());
    HEARTH_CHECK(vocabulary->readScores(file));
    HEARTH_CHECK(vocabulary->readTypes(file));
    HEARTH_CHECK(vocabulary->readSpecialIds(file, kind, traits));
    HEARTH_CHECK(vocabulary->markEnds(file));
    HEARTH_CHECK(vocabulary->markStripping(file));
    return vocabulary;
}

Status Vocabulary::readScores(const GgufFile& file) {
    const GgufValue* value = file.find(kScoresKey);
    if (value == nullptr)
        return {};
    const auto take = [&](const auto& scores) -> Status {
        if (scores.size() < m_texts.size())
            return corrupt(file, kScoresKey,
                           "lists " + std::to_string(scores.size()) + " scores for " + std::to_string(m_texts.size())
                               + " tokens");
        for (std::size_t id = 0; id < m_texts.size(); ++id) {
            const auto score = static_cast<float>(scores[id]);
            if (std::isnan(score))
                return corrupt(file, kScoresKey, "has no number for token " + std::to_string(id));
            m_scores.push_back(score);
        }
        return {};
    };
    if (const auto* scores = std::get_if<std::vector<double>>(value))
        return take(*scores);
    if (const auto* scores = std::get_if<std::vector<std::int64_t>>(value))
        return take(*scores);
    return corrupt(file, kScoresKey, "is not a list of numbers");
}

Status Vocabulary::readTypes(const GgufFile& file) {
    m_attributes.assign(m_texts.size(), static_cast<std::uint8_t>(TokenAttribute::Normal));
    const GgufValue* value = file.find(kTypesKey);
    if (value == nullptr)
        return {};
    const auto take = [&](const auto& types) -> Status {
        if (types.size() < m_texts.size())
            return corrupt(file, kTypesKey,
                           "lists " + std::to_string(types.size()) + " types for " + std::to_string(m_texts.size())
                               + " tokens");
        for (std::size_t id = 0; id < m_texts.size(); ++id)
            m_attributes[id] = attributesOfType(static_cast<std::int64_t>(types[id]));
        return {};
    };
    if (const auto* types = std::get_if<std::vector<std::int64_t>>(value))
        return take(*types);
    if (const auto* types = std::get_if<std::vector<std::uint64_t>>(value))
        return take(*types);
    return corrupt(file, kTypesKey, "is not a list of whole numbers");
}

std::optional<TokenId> Vocabulary::find(std::string_view text) const {
    const TokenId id = m_index.find(text);
    return id == TextIndex::kAbsent ? std::nullopt : std::optional<TokenId>(id);
}

std::optional<TokenId> Vocabulary::findByte(unsigned char byte) const {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const std::array<char, 6> text{'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
    return find(std::string_view(text.data(), text.size()));
}

std::optional<unsigned char> Vocabulary::byteOf(TokenId id) const {
    const std::string_view whole = text(id);
    if (whole.size() != 6 || !whole.starts_with("<0x") || whole.back() != '>')
        return std::nullopt;
    unsigned value = 0;
    for (const char digit : whole.substr(3, 2)) {
        value *= 16;
        if (digit >= '0' && digit <= '9')
            value += static_cast<unsigned>(digit - '0');
        else if (digit >= 'A' && digit <= 'F')
            value += static_cast<unsigned>(digit - 'A') + 10;
        else if (digit >= 'a' && digit <= 'f')
            value += static_cast<unsigned>(digit - 'a') + 10;
        else
            return std::nullopt;
    }
    return static_cast<unsigned char>(value);
}

bool Vocabulary::endsGeneration(TokenId id) const {
    return std::binary_search(m_endsOfGeneration.begin(), m_endsOfGeneration.end(), id);
}

} // namespace hearth
