#include "engine/text/sentencepiece_tokenizer.h"

#include "engine/gguf/gguf_file.h"

#include <bit>
#include <utility>

namespace hearth {

namespace {

/// Numbers that are the lower the higher the score.
std::uint32_t orderOf(float score) {
    // Adding zero makes -0 and 0 one number, as comparing them does.
    const auto bits = std::bit_cast<std::uint32_t>(score + 0.0F);
    const std::uint32_t ascending = (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
    return ~ascending;
}

} // namespace

SentencePieceTokenizer::SentencePieceTokenizer(std::unique_ptr<const Vocabulary> vocabulary, SpacePrefix spacePrefix)
    : VocabularyTokenizer(std::move(vocabulary), Spelling::EscapedSpace, spacePrefix), m_boundary(this->vocabulary()) {}

Result<std::unique_ptr<Tokenizer>> SentencePieceTokenizer::fromGguf(const GgufFile& file) {
    HEARTH_TRY(std::unique_ptr<const Vocabulary> vocabulary, Vocabulary::read(file, VocabularyKind::SentencePiece, {}));
    HEARTH_TRY(const bool addsSpace, file.boolOr("tokenizer.ggml.add_space_prefix", true));
    return std::unique_ptr<Tokenizer>(
        new SentencePieceTokenizer(std::move(vocabulary), addsSpace ? SpacePrefix::Always : SpacePrefix::None));
}

void SentencePieceTokenizer::encodeText(std::string_view text, std::vector<TokenId>& output) const {
    const std::string escaped = escapeSpaces(text);
    SymbolMerger merger;
    WordCache cache(escaped.size());
    for (std::size_t start = 0; start < escaped.size();) {
        const std::size_t end = m_boundary.partEnd(escaped, start);
        const std::string_view word = std::string_view(escaped).substr(start, end - start);
        const std::uint64_t hash = hashText(word);
        if (!cache.append(word, hash, output)) {
            const std::size_t first = output.size();
            encodeWord(word, merger, output);
            cache.remember(word, hash, first, output);
        }
        start = end;
    }
}

void SentencePieceTokenizer::encodeWord(std::string_view word, SymbolMerger& merger,
                                        std::vector<TokenId>& output) const {
    const Vocabulary& tokens = vocabulary();
    merger.clear();
    for (std::size_t offset = 0; offset < word.size();) {
        const std::string_view character = WordBoundary::characterAt(word, offset);
        merger.add(static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(character.size()),
                   tokens.find(character).value_or(TextSymbol::kNone));
        offset += character.size();
    }
    merger.merge([&](const TextSymbol& left, const TextSymbol& right) -> std::optional<SymbolMerger::Merge> {
        const std::size_t sizeBytes = left.sizeBytes + right.sizeBytes;
        if (sizeBytes > tokens.longestTextBytes())
            return std::nullopt;
        const auto token = tokens.find(word.substr(left.offset, sizeBytes));
        if (!token)
            return std::nullopt;
        return SymbolMerger::Merge{orderOf(tokens.score(*token)), *token};
    });
    merger.forEach([&](const TextSymbol& symbol) {
        if (symbol.id != TextSymbol::kNone) {
            output.push_back(symbol.id);
            return;
        }
        for (const char byte : word.substr(symbol.offset, symbol.sizeBytes)) {
            auto token = tokens.findByte(static_cast<unsigned char>(byte));
            if (!token)
                token = tokens.find(std::string_view(&byte, 1));
            if (!token)
                token = tokens.unknownToken();
            if (token)
                output.push_back(*token);
        }
    });
}

} // namespace hearth
