#include "engine/text/plamo2_tokenizer.h"

#include "engine/gguf/gguf_file.h"
#include "engine/text/unicode.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace hearth {

namespace {

/// Costs are whole numbers, so that sums do not depend on their order.
constexpr double kCostsPerScore = 1e4;
constexpr std::int64_t kUnknownCost = 10'000'000;
/// What costs this much or more is no token.
constexpr std::int64_t kHighestCost = 20'000'000;

std::vector<ByteTrie::Key> keysOf(const Vocabulary& vocabulary) {
    std::vector<ByteTrie::Key> keys;
    for (TokenId id = 0; id < vocabulary.size(); ++id)
        if (!vocabulary.has(id, TokenAttribute::Byte))
            keys.push_back({vocabulary.text(id), id});
    return keys;
}

std::int64_t costOf(const Vocabulary& vocabulary, TokenId token) {
    const double cost = std::round(vocabulary.score(token) * -kCostsPerScore);
    return std::abs(cost) < static_cast<double>(kHighestCost) ? static_cast<std::int64_t>(cost) : kHighestCost;
}

/// The best way to cover a text from some position to its end.
struct Cover {
    std::int64_t cost = std::numeric_limits<std::int64_t>::max();
    std::size_t end = 0;
    TokenId token = ByteTrie::kNoValue;
};

} // namespace

Plamo2Tokenizer::Plamo2Tokenizer(std::unique_ptr<const Vocabulary> vocabulary,
                                 const std::array<TokenId, 256>& byteTokens)
    : VocabularyTokenizer(std::move(vocabulary), Spelling::Plain, SpacePrefix::None),
      m_tokens(keysOf(this->vocabulary())), m_byteTokens(byteTokens) {}

Result<std::unique_ptr<Tokenizer>> Plamo2Tokenizer::fromGguf(const GgufFile& file) {
    HEARTH_TRY(std::unique_ptr<const Vocabulary> vocabulary, Vocabulary::read(file, VocabularyKind::Plamo2, {}));
    std::array<TokenId, 256> byteTokens{};
    for (unsigned byte = 0; byte < byteTokens.size(); ++byte) {
        const auto token = vocabulary->findByte(static_cast<unsigned char>(byte));
        if (!token || !vocabulary->has(*token, TokenAttribute::Byte))
            return Error{ErrorCode::Corrupt, "'" + file.path().string() + "': the vocabulary has no token for byte "
                                                 + std::to_string(byte)};
        byteTokens[byte] = *token;
    }
    return std::unique_ptr<Tokenizer>(new Plamo2Tokenizer(std::move(vocabulary), byteTokens));
}

void Plamo2Tokenizer::encodeText(std::string_view text, std::vector<TokenId>& output) const {
    std::string clean;
    for (const char32_t codePoint : codePointsOf(text))
        appendUtf8(clean, codePoint);
    constexpr std::string_view kByteOrderMark = "\ufeff";
    if (clean.starts_with(kByteOrderMark))
        clean.erase(0, kByteOrderMark.size());
    std::vector<Cover> covers(clean.size() + 1);
    covers[clean.size()].cost = 0;
    for (std::size_t start = clean.size(); start-- > 0;) {
        if ((static_cast<unsigned char>(clean[start]) & 0xc0) == 0x80)
            continue;
        Cover& best = covers[start];
        ByteTrie::Node node = ByteTrie::kRoot;
        for (std::size_t end = start + 1; end <= clean.size(); ++end) {
            node = m_tokens.child(node, clean[end - 1]);
            if (node == ByteTrie::kNone)
                break;
            const TokenId token = m_tokens.value(node);
            // A token that ends inside a character leads nowhere.
            if (token == ByteTrie::kNoValue || covers[end].cost == std::numeric_limits<std::int64_t>::max())
                continue;
            const std::int64_t cost = costOf(vocabulary(), token);
            // Of equal costs the longer token counts.
            if (cost < kHighestCost && covers[end].cost + cost <= best.cost)
                best = {covers[end].cost + cost, end, token};
        }
        const std::size_t next = start + utf8Length(clean[start]);
        if (covers[next].cost + kUnknownCost < best.cost)
            best = {covers[next].cost + kUnknownCost, next, ByteTrie::kNoValue};
    }
    for (std::size_t start = 0; start < clean.size(); start = covers[start].end) {
        if (covers[start].token != ByteTrie::kNoValue) {
            output.push_back(covers[start].token);
            continue;
        }
        for (std::size_t offset = start; offset < covers[start].end; ++offset)
            output.push_back(m_byteTokens[static_cast<unsigned char>(clean[offset])]);
    }
}

} // namespace hearth
