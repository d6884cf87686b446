#include "engine/text/byte_pair_tokenizer.h"

#include "engine/gguf/gguf_file.h"
#include "engine/text/byte_alphabet.h"
#include "engine/text/unicode.h"

#include <utility>

namespace hearth {

namespace {

/// A text as code points, and as the bytes that they are written with.
struct CleanText {
    std::vector<char32_t> codePoints;
    /// Only filled if the text's own bytes are not what its code points are written with.
    std::string rewritten;
};

constexpr std::size_t writtenBytes(char32_t codePoint) {
    return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
}

CleanText clean(std::string_view text) {
    CleanText result;
    result.codePoints.reserve(text.size());
    bool isClean = true;
    for (std::size_t offset = 0; offset < text.size();) {
        const DecodedCodePoint decoded = decodeUtf8(text, offset);
        isClean = isClean && decoded.valid && writtenBytes(decoded.codePoint) == decoded.sizeBytes;
        result.codePoints.push_back(decoded.codePoint);
        offset += decoded.sizeBytes;
    }
    if (!isClean)
        for (const char32_t codePoint : result.codePoints)
            appendUtf8(result.rewritten, codePoint);
    return result;
}

std::string lowercase(std::string_view text) {
    std::string result;
    for (const char32_t codePoint : codePointsOf(text))
        appendUtf8(result, toLowercase(codePoint));
    return result;
}

} // namespace

/// What encoding one text needs besides the tokenizer itself.
struct BytePairTokenizer::Session {
    Session(std::size_t textBytes, std::vector<TokenId>& tokens) : cache(textBytes), output(tokens) {}
    SymbolMerger merger;
    WordCache cache;
    std::vector<TokenId>& output;
    std::string spelled;
};

BytePairTokenizer::BytePairTokenizer(std::unique_ptr<const Vocabulary> vocabulary, Spelling spelling,
                                     PreTokenizer preTokenizer, MergeTable merges, Letters letters)
    : VocabularyTokenizer(std::move(vocabulary), spelling, SpacePrefix::None), m_preTokenizer(std::move(preTokenizer)),
      m_merges(std::move(merges)), m_letters(letters) {
    // A merge on the way to a token may join what no token holds.
    if (m_preTokenizer.traits().escapesSpaces && !m_merges.hasOtherTexts())
        m_boundary.emplace(this->vocabulary());
    for (unsigned byte = 0; byte < m_byteSymbols.size(); ++byte) {
        std::string character;
        appendUtf8(character, kByteAlphabet.characterOf(static_cast<unsigned char>(byte)));
        m_byteSymbols[byte] = m_merges.symbolOf(character);
    }
}

Result<std::unique_ptr<Tokenizer>> BytePairTokenizer::fromGguf(const GgufFile& file, std::string_view ruleName) {
    std::optional<PreTokenizer> preTokenizer = PreTokenizer::named(ruleName);
    if (!preTokenizer)
        return Error{ErrorCode::Unsupported, "'" + file.path().string() + "': the pre-tokenizer '"
                                                 + std::string(ruleName) + "' is not known to this program"};
    const PreTokenizer::Traits& traits = preTokenizer->traits();
    HEARTH_TRY(std::unique_ptr<const Vocabulary> vocabulary, Vocabulary::read(file, VocabularyKind::BytePair, traits));
    const auto required = ruleName == "kimi-k2" ? MergeTable::Required::No : MergeTable::Required::Yes;
    HEARTH_TRY(MergeTable merges, MergeTable::read(file, *vocabulary, required));
    HEARTH_TRY(const bool lowercases, file.boolOr("tokenizer.ggml.normalizer.lowercase", false));
    const Spelling spelling = traits.byteLevel       ? Spelling::ByteLevel
                              : traits.escapesSpaces ? Spelling::EscapedSpace
                                                     : Spelling::Plain;
    return std::unique_ptr<Tokenizer>(
        new BytePairTokenizer(std::move(vocabulary), spelling, std::move(*preTokenizer), std::move(merges),
                              lowercases && traits.dropsSpaces ? Letters::Lowercase : Letters::AsTheyAre));
}

void BytePairTokenizer::encodeText(std::string_view text, std::vector<TokenId>& output) const {
    const PreTokenizer::Traits& traits = m_preTokenizer.traits();
    std::string changed;
    if (traits.escapesSpaces)
        text = changed = escapeSpaces(text);
    else if (m_letters == Letters::Lowercase)
        text = changed = lowercase(text);
    const CleanText cleaned = clean(text);
    if (!cleaned.rewritten.empty())
        text = cleaned.rewritten;
    Session session(text.size(), output);
    std::size_t codePoint = 0;
    std::size_t start = 0;
    for (const std::uint32_t pieceEnd : m_preTokenizer.split(cleaned.codePoints)) {
        const bool isSpace = isWhiteSpace(cleaned.codePoints[codePoint]);
        std::size_t end = start;
        for (; codePoint < pieceEnd; ++codePoint)
            end += writtenBytes(cleaned.codePoints[codePoint]);
        if (!traits.dropsSpaces || !isSpace)
            encodePiece(text.substr(start, end - start), session);
        start = end;
    }
}

void BytePairTokenizer::encodePiece(std::string_view piece, Session& session) const {
    for (std::size_t start = 0; start < piece.size();) {
        const std::size_t end = m_boundary ? m_boundary->partEnd(piece, start) : piece.size();
        const std::string_view word = piece.substr(start, end - start);
        const std::uint64_t hash = hashText(word);
        if (!session.cache.append(word, hash, session.output)) {
            const std::size_t first = session.output.size();
            encodeWord(word, session);
            session.cache.remember(word, hash, first, session.output);
        }
        start = end;
    }
}

std::optional<TokenId> BytePairTokenizer::wholeToken(std::string_view word, std::string& spelled) const {
    const PreTokenizer::Traits& traits = m_preTokenizer.traits();
    if (traits.keepsNewlineTokens && word.find_first_not_of('\n') == std::string_view::npos)
        return vocabulary().find(word);
    if (!traits.ignoresMerges)
        return std::nullopt;
    spelled.clear();
    for (const char byte : word)
        appendUtf8(spelled, kByteAlphabet.characterOf(static_cast<unsigned char>(byte)));
    return vocabulary().find(spelled);
}

void BytePairTokenizer::addByteSymbols(std::string_view word, SymbolMerger& merger) const {
    for (std::size_t offset = 0; offset < word.size(); ++offset)
        merger.add(static_cast<std::uint32_t>(offset), 1, m_byteSymbols[static_cast<unsigned char>(word[offset])]);
}

void BytePairTokenizer::addCharacterSymbols(std::string_view word, SymbolMerger& merger) const {
    for (std::size_t offset = 0; offset < word.size();) {
        const std::string_view character = WordBoundary::characterAt(word, offset);
        merger.add(static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(character.size()),
                   m_merges.symbolOf(character));
        offset += character.size();
    }
}

void BytePairTokenizer::encodeWord(std::string_view word, Session& session) const {
    if (const auto token = wholeToken(word, session.spelled)) {
        session.output.push_back(*token);
        return;
    }
    const bool byteLevel = m_preTokenizer.traits().byteLevel;
    session.merger.clear();
    if (byteLevel)
        addByteSymbols(word, session.merger);
    else
        addCharacterSymbols(word, session.merger);
    session.merger.merge(
        [this](const TextSymbol& left, const TextSymbol& right) { return m_merges.find(left.id, right.id); });
    session.merger.forEach([&](const TextSymbol& symbol) {
        if (vocabulary().contains(symbol.id)) {
            session.output.push_back(symbol.id);
            return;
        }
        // No token: byte by byte, as far as the vocabulary goes.
        for (const char byte : word.substr(symbol.offset, symbol.sizeBytes)) {
            const auto number = static_cast<unsigned char>(byte);
            if (byteLevel && vocabulary().contains(m_byteSymbols[number]))
                session.output.push_back(m_byteSymbols[number]);
            else if (const auto token = byteLevel ? std::nullopt : vocabulary().findByte(number))
                session.output.push_back(*token);
        }
    });
}

} // namespace hearth
