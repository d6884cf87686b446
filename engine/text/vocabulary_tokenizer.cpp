#include "engine/text/vocabulary_tokenizer.h"

#include "engine/text/byte_alphabet.h"
#include "engine/text/unicode.h"
#include "engine/text/word_boundary.h"

#include <algorithm>
#include <utility>

namespace hearth {

namespace {

std::string unescapeSpaces(std::string_view text) {
    std::string result;
    for (std::size_t offset = 0; offset < text.size();) {
        const bool isSpace = text.substr(offset).starts_with(kEscapedSpace);
        result += isSpace ? ' ' : text[offset];
        offset += isSpace ? kEscapedSpace.size() : 1;
    }
    return result;
}

std::string bytesOfAlphabet(std::string_view text) {
    std::string result;
    for (std::size_t offset = 0; offset < text.size();) {
        const DecodedCodePoint decoded = decodeUtf8(text, offset);
        // Characters outside the alphabet cannot come out of encoding; they are shown as they are.
        if (const auto byte = decoded.valid ? kByteAlphabet.byteOf(decoded.codePoint) : std::nullopt)
            result += static_cast<char>(*byte);
        else
            result += text.substr(offset, decoded.sizeBytes);
        offset += decoded.sizeBytes;
    }
    return result;
}

int hexDigit(char digit) {
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : 0;
}

std::string unescapeBackslashes(std::string_view text) {
    std::string result;
    for (std::size_t offset = 0; offset < text.size(); ++offset) {
        if (text[offset] != '\\' || offset + 1 == text.size()) {
            result += text[offset];
            continue;
        }
        const char letter = text[++offset];
        if (letter == 'x' && offset + 2 < text.size()) {
            result += static_cast<char>(hexDigit(text[offset + 1]) * 16 + hexDigit(text[offset + 2]));
            offset += 2;
        } else {
            result += letter == 't' ? '\t' : letter == 'n' ? '\n' : letter == 'r' ? '\r' : letter;
        }
    }
    return result;
}

} // namespace

VocabularyTokenizer::VocabularyTokenizer(std::unique_ptr<const Vocabulary> vocabulary, Spelling spelling,
                                         SpacePrefix spacePrefix)
    : m_vocabulary(std::move(vocabulary)), m_splitter(*m_vocabulary), m_spacePrefix(spacePrefix) {
    for (TokenId id = 0; id < m_vocabulary->size(); ++id)
        m_pieces.add(pieceOf(id, spelling));
}

std::string VocabularyTokenizer::spell(std::string_view text, Spelling spelling) {
    switch (spelling) {
    case Spelling::Plain:
        break;
    case Spelling::EscapedSpace:
        return unescapeSpaces(text);
    case Spelling::ByteLevel:
        return bytesOfAlphabet(text);
    case Spelling::Backslashes:
        return unescapeBackslashes(text);
    }
    return std::string(text);
}

std::string VocabularyTokenizer::pieceOf(TokenId id, Spelling spelling) const {
    const std::string_view text = m_vocabulary->text(id);
    if (m_vocabulary->has(id, TokenAttribute::Control) || m_vocabulary->has(id, TokenAttribute::Unknown)
        || m_vocabulary->has(id, TokenAttribute::UserDefined))
        return std::string(text);
    if (m_vocabulary->has(id, TokenAttribute::Normal))
        return spell(text, spelling);
    if (m_vocabulary->has(id, TokenAttribute::Byte))
        if (const auto byte = m_vocabulary->byteOf(id))
            return std::string(1, static_cast<char>(*byte));
    return {};
}

std::vector<TokenId> VocabularyTokenizer::encode(std::string_view text, AddSpecial addSpecial,
                                                 ParseSpecial parseSpecial) const {
    std::vector<TokenId> output;
    // Ordinary text has three to four bytes a token.
    output.reserve(text.size() / 3 + 4);
    if (addSpecial == AddSpecial::Yes && m_vocabulary->leadingToken())
        output.push_back(*m_vocabulary->leadingToken());
    bool followsText = false;
    for (const TextFragment& fragment : m_splitter.split(text, parseSpecial)) {
        if (fragment.token)
            output.push_back(*fragment.token);
        else
            encodeFragment(fragment.text, followsText, output);
        followsText = !fragment.token;
    }
    if (addSpecial == AddSpecial::Yes && m_vocabulary->trailingToken())
        output.push_back(*m_vocabulary->trailingToken());
    return output;
}

void VocabularyTokenizer::encodeFragment(std::string_view text, bool followsText, std::vector<TokenId>& output) const {
    std::string prefixed;
    if (m_spacePrefix == SpacePrefix::Always && !followsText) {
        prefixed.reserve(text.size() + 1);
        prefixed += ' ';
        prefixed += text;
        text = prefixed;
    }
    while (!text.empty()) {
        const std::string_view part = text.substr(0, kLongestTextBytes);
        encodeText(part, output);
        text.remove_prefix(part.size());
    }
}

std::string VocabularyTokenizer::decode(std::span<const TokenId> ids, SpecialTokens special) const {
    std::string text;
    bool followsText = false;
    for (const TokenId id : ids) {
        if (!m_vocabulary->contains(id))
            continue;
        const bool hidden = isControl(id) || m_vocabulary->has(id, TokenAttribute::Unknown);
        const bool writtenOut = hidden || m_vocabulary->has(id, TokenAttribute::UserDefined);
        std::string_view piece = m_pieces[static_cast<std::size_t>(id)];
        if (m_spacePrefix != SpacePrefix::None && !writtenOut && !followsText && piece.starts_with(' '))
            piece.remove_prefix(1);
        if (!hidden || special == SpecialTokens::Show)
            text += piece;
        followsText = !writtenOut;
    }
    return text;
}

std::string VocabularyTokenizer::tokenBytes(TokenId id) const {
    if (!m_vocabulary->contains(id) || isControl(id) || m_vocabulary->has(id, TokenAttribute::Unknown))
        return {};
    return std::string(m_pieces[static_cast<std::size_t>(id)]);
}

std::string_view VocabularyTokenizer::tokenText(TokenId id) const {
    return m_vocabulary->contains(id) ? m_vocabulary->text(id) : std::string_view{};
}

std::optional<TokenId> VocabularyTokenizer::findToken(std::string_view text) const {
    return m_vocabulary->find(text);
}

std::int32_t VocabularyTokenizer::vocabularySize() const {
    return m_vocabulary->size();
}

std::optional<TokenId> VocabularyTokenizer::beginToken() const {
    return m_vocabulary->beginToken();
}

std::optional<TokenId> VocabularyTokenizer::endToken() const {
    return m_vocabulary->endToken();
}

bool VocabularyTokenizer::endsGeneration(TokenId id) const {
    return m_vocabulary->endsGeneration(id);
}

bool VocabularyTokenizer::isControl(TokenId id) const {
    return m_vocabulary->contains(id) && m_vocabulary->has(id, TokenAttribute::Control);
}

} // namespace hearth
