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

std::vector<SpecialTokenSplitter::Occurrence> SpecialTokenSplitter::findAll(std::string_view text,
                                                                            ParseSpecial parseSpecial) const {
    std::vector<Occurrence> found;
    if (parseSpecial == ParseSpecial::No && !m_hasUserDefined)
        return found;
    for (std::size_t start = 0; start < text.size(); ++start) {
        if (!m_beginnings[static_cast<unsigned char>(text[start])])
            continue;
        ByteTrie::Node node = ByteTrie::kRoot;
        for (std::size_t offset = start; offset < text.size(); ++offset) {
            node = m_trie.child(node, text[offset]);
            if (node == ByteTrie::kNone)
                break;
            const TokenId token = m_trie.value(node);
            if (token != ByteTrie::kNoValue && (parseSpecial == ParseSpecial::Yes || !isHidden(*m_vocabulary, token)))
                found.push_back({start, token});
        }
    }
    return found;
}

std::vector<TextFragment> SpecialTokenSplitter::split(std::string_view text, ParseSpecial parseSpecial) const {
    std::vector<Occurrence> found = findAll(text, parseSpecial);
    if (found.empty())
        return text.empty() ? std::vector<TextFragment>{} : std::vector<TextFragment>{{std::nullopt, text}};
    // Longer tokens first; equals by id, then from left to right.
    std::sort(found.begin(), found.end(), [this](const Occurrence& left, const Occurrence& right) {
        if (sizeOf(left.token) != sizeOf(right.token))
            return sizeOf(left.token) > sizeOf(right.token);
        return left.token != right.token ? left.token < right.token : left.start < right.start;
    });
    // Bytes that belong to a token, or to the white space that it takes along.
    std::vector<bool> taken(text.size(), false);
    std::vector<Occurrence> kept;
    for (const Occurrence& occurrence : found) {
        std::size_t first = occurrence.start;
        std::size_t last = occurrence.start + sizeOf(occurrence.token);
        const auto begin = taken.begin();
        if (std::find(begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(last), true)
            != begin + static_cast<std::ptrdiff_t>(last))
            continue;
        kept.push_back(occurrence);
        if (m_vocabulary->has(occurrence.token, TokenAttribute::StripsLeft))
            while (first > 0 && !taken[first - 1] && isSpace(text[first - 1]))
                --first;
        if (m_vocabulary->has(occurrence.token, TokenAttribute::StripsRight))
            while (last < text.size() && !taken[last] && isSpace(text[last]))
                ++last;
        std::fill(begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(last), true);
    }
    std::sort(kept.begin(), kept.end(),
              [](const Occurrence& left, const Occurrence& right) { return left.start < right.start; });
    std::vector<TextFragment> fragments;
    std::size_t position = 0;
    const auto addText = [&](std::size_t until) {
        // A token may have taken white space on either side of the text.
        while (position < until && taken[position])
            ++position;
        std::size_t end = until;
        while (end > position && taken[end - 1])
            --end;
        if (end > position)
            fragments.push_back({std::nullopt, text.substr(position, end - position)});
    };
    for (const Occurrence& occurrence : kept) {
        addText(occurrence.start);
        fragments.push_back({occurrence.token, text.substr(occurrence.start, sizeOf(occurrence.token))});
        position = occurrence.start + sizeOf(occurrence.token);
    }
    addText(text.size());
    return fragments;
}

} // namespace hearth
