#pragma once

#include "engine/text/byte_trie.h"
#include "engine/text/vocabulary.h"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace hearth {

/// A token that stands written out in a text, or the text between two such tokens.
struct TextFragment {
    std::optional<TokenId> token;
    std::string_view text;
};

/// Finds the tokens that are written out in a text. User-defined tokens are always looked for, control tokens and the
/// unknown token only if the caller wants them. Where two overlap the longer one counts, wherever it begins.
/// Immutable; the vocabulary must outlive it. Thread: any.
class SpecialTokenSplitter {
public:
    explicit SpecialTokenSplitter(const Vocabulary& vocabulary);

    /// The fragments in their order; none is empty. Views into `text`.
    [[nodiscard]] std::vector<TextFragment> split(std::string_view text, ParseSpecial parseSpecial) const;

private:
    struct Occurrence {
        std::size_t start;
        TokenId token;
    };
    [[nodiscard]] std::vector<Occurrence> findAll(std::string_view text, ParseSpecial parseSpecial) const;
    [[nodiscard]] std::size_t sizeOf(TokenId token) const { return m_vocabulary->text(token).size(); }

    const Vocabulary* m_vocabulary;
    ByteTrie m_trie;
    /// Which bytes a special token begins with.
    std::array<bool, 256> m_beginnings{};
    bool m_hasUserDefined = false;
};

} // namespace hearth
