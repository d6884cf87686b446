#pragma once

#include "engine/text/tokenizer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// The bytes of all tokens of a vocabulary as a tree in one array, each node before what is below it: walked from the
/// front, with a jump over everything that begins with what is not allowed. Tokens that add no text and tokens that
/// end answers are not in it. Immutable. Thread: any.
class TokenTrie {
public:
    struct Node {
        std::uint32_t behind;     ///< the next node that does not begin with this one's bytes
        std::uint32_t firstToken; ///< tokens() that are these bytes: up to the next node's firstToken
        std::uint16_t depth;      ///< bytes, from 1
        std::uint8_t byte;
    };

    explicit TokenTrie(const Tokenizer& tokenizer);

    [[nodiscard]] const std::vector<Node>& nodes() const { return m_nodes; }
    /// The tokens that end at nodes()[index].
    [[nodiscard]] std::span<const TokenId> tokensAt(std::size_t index) const {
        const std::size_t first = m_nodes[index].firstToken;
        const std::size_t end = index + 1 < m_nodes.size() ? m_nodes[index + 1].firstToken : m_tokens.size();
        return std::span(m_tokens).subspan(first, end - first);
    }
    [[nodiscard]] std::size_t longestBytes() const { return m_longestBytes; }
    [[nodiscard]] std::int32_t vocabularySize() const { return m_vocabularySize; }

private:
    std::vector<Node> m_nodes;
    std::vector<TokenId> m_tokens; ///< by their bytes
    std::size_t m_longestBytes = 0;
    std::int32_t m_vocabularySize;
};

} // namespace hearth
