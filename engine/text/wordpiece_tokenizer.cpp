#include "engine/text/wordpiece_tokenizer.h"

#include "engine/gguf/gguf_file.h"
#include "engine/text/unicode.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hearth {

namespace {

constexpr std::string_view kWordBeginning = "\u2581";

/// The CJK blocks that BERT's tokenizers set apart. One begins 0x100 late in the widespread ones, and so it does here.
bool isChinese(char32_t codePoint) {
    constexpr std::array<std::pair<char32_t, char32_t>, 8> kBlocks{{{0x3400, 0x4dbf},
                                                                    {0x4e00, 0x9fff},
                                                                    {0xf900, 0xfaff},
                                                                    {0x20000, 0x2a6df},
                                                                    {0x2a700, 0x2b73f},
                                                                    {0x2b740, 0x2b81f},
                                                                    {0x2b920, 0x2ceaf},
                                                                    {0x2f800, 0x2fa1f}}};
    return std::any_of(kBlocks.begin(), kBlocks.end(), [codePoint](const auto& block) {
        return codePoint >= block.first && codePoint <= block.second;
    });
}

bool standsAlone(char32_t codePoint) {
    const UnicodeClass kind = classOf(codePoint);
    return kind == UnicodeClass::Punctuation || (kind == UnicodeClass::Symbol && codePoint < 0x7f)
           || isChinese(codePoint);
}

std::vector<ByteTrie::Key> keysOf(const Vocabulary& vocabulary) {
    std::vector<ByteTrie::Key> keys;
    for (TokenId id = 0; id < vocabulary.size(); ++id)
        keys.push_back({vocabulary.text(id), id});
    return keys;
}

} // namespace

WordPieceTokenizer::WordPieceTokenizer(std::unique_ptr<const Vocabulary> vocabulary, Normalizer normalizer)
    : VocabularyTokenizer(std::move(vocabulary), Spelling::EscapedSpace, SpacePrefix::ByKind), m_normalizer(normalizer),
      m_tokens(keysOf(this->vocabulary())) {}

Result<std::unique_ptr<Tokenizer>> WordPieceTokenizer::fromGguf(const GgufFile& file) {
    HEARTH_TRY(std::unique_ptr<const Vocabulary> vocabulary, Vocabulary::read(file, VocabularyKind::WordPiece, {}));
    Normalizer normalizer;
    HEARTH_TRY(normalizer.lowercases, file.boolOr("tokenizer.ggml.normalizer.lowercase", true));
    HEARTH_TRY(normalizer.stripsAccents, file.boolOr("tokenizer.ggml.normalizer.strip_accents", normalizer.lowercases));
    return std::unique_ptr<Tokenizer>(new WordPieceTokenizer(std::move(vocabulary), normalizer));
}

std::vector<std::string> WordPieceTokenizer::wordsOf(std::string_view text) const {
    std::vector<std::string> words;
    bool inWord = false;
    for (char32_t codePoint : codePointsOf(text)) {
        if (m_normalizer.stripsAccents)
            codePoint = firstOfDecomposition(codePoint);
        if (isWhiteSpace(codePoint)) {
            inWord = false;
            continue;
        }
        const UnicodeClass kind = classOf(codePoint);
        if (codePoint == 0 || codePoint == kReplacementCharacter || kind == UnicodeClass::Other
            || (m_normalizer.stripsAccents && kind == UnicodeClass::Mark))
            continue;
        const bool alone = standsAlone(codePoint);
        if (!inWord || alone)
            words.emplace_back(kWordBeginning);
        appendUtf8(words.back(), m_normalizer.lowercases ? toLowercase(codePoint) : codePoint);
        inWord = !alone;
    }
    return words;
}

void WordPieceTokenizer::encodeWord(std::string_view word, std::vector<TokenId>& output) const {
    const std::size_t first = output.size();
    while (!word.empty()) {
        const ByteTrie::Match match = m_tokens.longestPrefix(word);
        if (match.value == ByteTrie::kNoValue) {
            output.resize(first);
            break;
        }
        output.push_back(match.value);
        word.remove_prefix(match.sizeBytes);
    }
    if (output.size() == first && vocabulary().unknownToken())
        output.push_back(*vocabulary().unknownToken());
}

void WordPieceTokenizer::encodeText(std::string_view text, std::vector<TokenId>& output) const {
    for (const std::string& word : wordsOf(text))
        encodeWord(word, output);
}

} // namespace hearth
