#include "engine/text/unigram_tokenizer.h"

#include "engine/gguf/gguf_file.h"
#include "engine/text/unicode.h"
#include "engine/text/word_boundary.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace hearth {

namespace {

bool canCover(const Vocabulary& vocabulary, TokenId id) {
    return vocabulary.has(id, TokenAttribute::Normal) || vocabulary.has(id, TokenAttribute::UserDefined)
           || (vocabulary.has(id, TokenAttribute::Unused) && !vocabulary.has(id, TokenAttribute::Control));
}

template <typename Predicate>
std::vector<ByteTrie::Key> keysOf(const Vocabulary& vocabulary, Predicate isWanted) {
    std::vector<ByteTrie::Key> keys;
    for (TokenId id = 0; id < vocabulary.size(); ++id)
        if (isWanted(vocabulary, id))
            keys.push_back({vocabulary.text(id), id});
    return keys;
}

/// Stands for the unknown token while a text is covered, whether the vocabulary has one or not.
constexpr TokenId kUnknown = -1;

/// The best way to cover a text up to some position.
struct Cover {
    double score = -std::numeric_limits<double>::max();
    /// Where its last token begins.
    std::size_t start = 0;
    TokenId token = kUnknown;
};

} // namespace

UnigramTokenizer::UnigramTokenizer(std::unique_ptr<const Vocabulary> vocabulary, SpacePrefix spacePrefix,
                                   ExtraSpaces extraSpaces, CharacterMap characterMap)
    : VocabularyTokenizer(std::move(vocabulary), Spelling::EscapedSpace, spacePrefix), m_extraSpaces(extraSpaces),
      m_characterMap(std::move(characterMap)), m_tokens(keysOf(this->vocabulary(), canCover)),
      m_userDefined(keysOf(this->vocabulary(), [](const Vocabulary& tokens, TokenId id) {
          return tokens.has(id, TokenAttribute::UserDefined);
      })) {
    // As far below the worst token as SentencePiece puts it.
    constexpr float kUnknownPenalty = 10.0F;
    float lowest = std::numeric_limits<float>::max();
    for (TokenId id = 0; id < this->vocabulary().size(); ++id)
        if (this->vocabulary().has(id, TokenAttribute::Normal))
            lowest = std::min(lowest, this->vocabulary().score(id));
    m_unknownScore = lowest - kUnknownPenalty;
}

Result<std::unique_ptr<Tokenizer>> UnigramTokenizer::fromGguf(const GgufFile& file) {
    HEARTH_TRY(std::unique_ptr<const Vocabulary> vocabulary, Vocabulary::read(file, VocabularyKind::Unigram, {}));
    HEARTH_TRY(CharacterMap characterMap, CharacterMap::read(file));
    HEARTH_TRY(const bool addsSpace, file.boolOr("tokenizer.ggml.add_space_prefix", false));
    HEARTH_TRY(const bool removesSpaces, file.boolOr("tokenizer.ggml.remove_extra_whitespaces", false));
    return std::unique_ptr<Tokenizer>(
        new UnigramTokenizer(std::move(vocabulary), addsSpace ? SpacePrefix::ByKind : SpacePrefix::None,
                             removesSpaces ? ExtraSpaces::Remove : ExtraSpaces::Keep, std::move(characterMap)));
}

UnigramTokenizer::Normalized UnigramTokenizer::normalizeBeginning(std::string_view text) const {
    const ByteTrie::Match userDefined = m_userDefined.longestPrefix(text);
    if (userDefined.sizeBytes > 0)
        return {text.substr(0, userDefined.sizeBytes), userDefined.sizeBytes};
    if (const auto replacement = m_characterMap.find(text))
        return {replacement->text, replacement->consumedBytes};
    const DecodedCodePoint decoded = decodeUtf8(text, 0);
    return {decoded.valid ? text.substr(0, decoded.sizeBytes) : "\ufffd", decoded.sizeBytes};
}

std::string UnigramTokenizer::normalize(std::string_view text) const {
    std::string normalized;
    normalized.reserve(text.size() + text.size() / 2);
    bool prefixed = spacePrefix() == SpacePrefix::None;
    bool inWord = false;
    for (std::size_t offset = 0; offset < text.size();) {
        const Normalized next = normalizeBeginning(text.substr(offset));
        offset += next.consumedBytes;
        for (const char byte : next.text) {
            if (byte == ' ') {
                inWord = false;
                if (m_extraSpaces == ExtraSpaces::Keep)
                    normalized += kEscapedSpace;
                continue;
            }
            if (!inWord && (!prefixed || m_extraSpaces == ExtraSpaces::Remove)) {
                normalized += kEscapedSpace;
                prefixed = true;
            }
            inWord = true;
            normalized += byte;
        }
    }
    return normalized;
}

double UnigramTokenizer::scoreOf(TokenId token) const {
    // Scores are logarithms of probabilities: nothing beats a token that the user defined.
    return vocabulary().has(token, TokenAttribute::UserDefined) ? 0.0 : vocabulary().score(token);
}

void UnigramTokenizer::encodeText(std::string_view text, std::vector<TokenId>& output) const {
    const std::string normalized = normalize(text);
    std::vector<Cover> covers(normalized.size() + 1);
    covers[0].score = 0;
    const auto offer = [&covers](std::size_t end, const Cover& cover) {
        if (cover.score > covers[end].score)
            covers[end] = cover;
    };
    for (std::size_t start = 0; start < normalized.size();) {
        const double score = covers[start].score;
        const std::size_t character = std::min(utf8Length(normalized[start]), normalized.size() - start);
        bool characterIsToken = false;
        ByteTrie::Node node = ByteTrie::kRoot;
        for (std::size_t end = start + 1; end <= normalized.size(); ++end) {
            node = m_tokens.child(node, normalized[end - 1]);
            if (node == ByteTrie::kNone)
                break;
            const TokenId token = m_tokens.value(node);
            if (token == ByteTrie::kNoValue)
                continue;
            characterIsToken = characterIsToken || end - start == character;
            offer(end, {score + scoreOf(token), start, token});
        }
        if (!characterIsToken)
            offer(start + character, {score + m_unknownScore, start, kUnknown});
        start += character;
    }
    const std::size_t first = output.size();
    TokenId following = 0;
    for (std::size_t end = normalized.size(); end > 0; end = covers[end].start) {
        const TokenId token =
            covers[end].token == kUnknown ? vocabulary().unknownToken().value_or(kUnknown) : covers[end].token;
        const bool repeated = covers[end].token == kUnknown && following == kUnknown;
        if (!repeated && token != kUnknown)
            output.push_back(token);
        following = covers[end].token;
    }
    std::reverse(output.begin() + static_cast<std::ptrdiff_t>(first), output.end());
}

} // namespace hearth
