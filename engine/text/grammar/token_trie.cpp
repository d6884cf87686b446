#include "engine/text/grammar/token_trie.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace hearth {

TokenTrie::TokenTrie(const Tokenizer& tokenizer) : m_vocabularySize(tokenizer.vocabularySize()) {
    // Longer tokens do not occur; they would only make the depth overflow.
    constexpr std::size_t kLongestToken = std::numeric_limits<std::uint16_t>::max();
    std::vector<std::pair<std::string, TokenId>> tokens;
    for (TokenId id = 0; id < m_vocabularySize; ++id) {
        std::string bytes = tokenizer.endsGeneration(id) ? std::string() : tokenizer.tokenBytes(id);
        if (!bytes.empty() && bytes.size() <= kLongestToken)
            tokens.emplace_back(std::move(bytes), id);
    }
    std::sort(tokens.begin(), tokens.end());
    std::vector<std::uint32_t> path; // nodes of the last token's bytes
    const std::string* before = nullptr;
    for (const auto& [bytes, id] : tokens) {
        std::size_t common = 0;
        while (before != nullptr && common < before->size() && common < bytes.size()
               && (*before)[common] == bytes[common])
            ++common;
        for (std::size_t depth = common; depth < path.size(); ++depth)
            m_nodes[path[depth]].behind = static_cast<std::uint32_t>(m_nodes.size());
        path.resize(common);
        for (std::size_t depth = common; depth < bytes.size(); ++depth) {
            path.push_back(static_cast<std::uint32_t>(m_nodes.size()));
            m_nodes.push_back({0, static_cast<std::uint32_t>(m_tokens.size()), static_cast<std::uint16_t>(depth + 1),
                               static_cast<std::uint8_t>(bytes[depth])});
        }
        m_tokens.push_back(id);
        m_longestBytes = std::max(m_longestBytes, bytes.size());
        before = &bytes;
    }
    for (const std::uint32_t node : path)
        m_nodes[node].behind = static_cast<std::uint32_t>(m_nodes.size());
}

} // namespace hearth
