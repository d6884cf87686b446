#include "engine/text/special_token_splitter.h"

#include <algorithm>

namespace hearth {

namespace {

bool isSpecial(const Vocabulary& vocabulary, TokenId id) {
    return vocabulary.has(id, TokenAttribute::Control) || vocabulary.has(id, TokenAttribute::UserDefined)
           || vocabulary.has(id, TokenAttribute::Unknown);
}

bool isHidden(const Vocabulary& vocabulary, TokenId id) {
    return vocabulary.has(id, TokenAttribute::Control) || vocabulary.has(id, TokenAttribute::Unknown);
}

std::vector<ByteTrie::Key> specialKeys(const Vocabulary& vocabulary) {
    std::vector<ByteTrie::Key> keys;
    for (TokenId id = 0; id < vocabulary.size(); ++id)
        if (isSpecial(vocabulary, id))
            keys.push_back({vocabulary.text(id), id});
    return keys;
}

/// White space of the C locale, bytes that a neighbouring token may take along.
bool isSpace(char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

} // namespace

SpecialTokenSplitter::SpecialTokenSplitter(const Vocabulary& vocabulary)
    : m_vocabulary(&vocabulary), m_trie(specialKeys(vocabulary)) {
    for (TokenId id = 0; id < vocabulary.size(); ++id) {
        if (!isSpecial(vocabulary, id))
            continue;
        m_beginnings[static_cast<unsigned char>(vocabulary.text(id).front())] = true;
        m_hasUserDefined = m_hasUserDefined || !isHidden(vocabulary, id);
    }
}

std::vector<TokenId> SpecialTokenSplitter::tokensIn(std::string_view text, ParseSpecial parseSpecial) const {
    std::vector<TokenId> tokens;
    if (parseSpecial == ParseSpecial::No && !m_hasUserDefined)
        return tokens;
    std::vector<bool> seen(static_cast<std::size_t>(m_vocabulary->size()), false);
    for (std::size_t start = 0; start < text.size(); ++start) {
        if (!m_beginnings[static_cast<unsigned char>(text[start])])
            continue;
        ByteTrie::Node node = ByteTrie::kRoot;
        for (std::size_t offset = start; offset < text.size(); ++offset) {
            node = m_trie.child(node, text[offset]);
            if (node == ByteTrie::kNone)
                break;
            const TokenId token = m_trie.value(node);
            if (token == ByteTrie::kNoValue || seen[static_cast<std::size_t>(token)])
                continue;
            seen[static_cast<std::size_t>(token)] = true;
            if (parseSpecial == ParseSpecial::Yes || !isHidden(*m_vocabulary, token))
                tokens.push_back(token);
        }
    }
    std::sort(tokens.begin(), tokens.end(), [this](TokenId left, TokenId right) {
        const std::size_t leftBytes = m_vocabulary->text(left).size();
        const std::size_t rightBytes = m_vocabulary->text(right).size();
        return leftBytes != rightBytes ? leftBytes > rightBytes : left < right;
    });
    return tokens;
}

void SpecialTokenSplitter::takeOut(TokenId token, std::string_view text, std::vector<Range>& left,
                                   std::vector<Occurrence>& found) const {
    const std::string_view wanted = m_vocabulary->text(token);
    const bool stripsLeft = m_vocabulary->has(token, TokenAttribute::StripsLeft);
    const bool stripsRight = m_vocabulary->has(token, TokenAttribute::StripsRight);
    std::vector<Range> remaining;
    const auto keep = [&remaining](Range range) {
        if (range.start < range.end)
            remaining.push_back(range);
    };
    for (Range range : left) {
        const std::string_view part = text.substr(0, range.end);
        for (std::size_t at = part.find(wanted, range.start); at != std::string_view::npos;
             at = part.find(wanted, range.start)) {
            found.push_back({{at, at + wanted.size()}, token});
            std::size_t before = at;
            while (stripsLeft && before > range.start && isSpace(text[before - 1]))
                --before;
            keep({range.start, before});
            range.start = at + wanted.size();
            while (stripsRight && range.start < range.end && isSpace(text[range.start]))
                ++range.start;
        }
        keep(range);
    }
    left.swap(remaining);
}

std::vector<TextFragment> SpecialTokenSplitter::split(std::string_view text, ParseSpecial parseSpecial) const {
    std::vector<Range> left;
    if (!text.empty())
        left.push_back({0, text.size()});
    std::vector<Occurrence> found;
    for (const TokenId token : tokensIn(text, parseSpecial))
        takeOut(token, text, left, found);
    std::sort(found.begin(), found.end(),
              [](const Occurrence& first, const Occurrence& second) { return first.range.start < second.range.start; });
    // Both lists are in order now; what begins first comes first.
    std::vector<TextFragment> fragments;
    fragments.reserve(left.size() + found.size());
    const auto viewOf = [text](const Range& range) { return text.substr(range.start, range.end - range.start); };
    auto occurrence = found.begin();
    for (const Range& range : left) {
        for (; occurrence != found.end() && occurrence->range.start < range.start; ++occurrence)
            fragments.push_back({occurrence->token, viewOf(occurrence->range)});
        fragments.push_back({std::nullopt, viewOf(range)});
    }
    for (; occurrence != found.end(); ++occurrence)
        fragments.push_back({occurrence->token, viewOf(occurrence->range)});
    return fragments;
}

} // namespace hearth
