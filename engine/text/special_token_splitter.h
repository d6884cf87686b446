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
    /// A part of the text by its bytes.
    struct Range {
        std::size_t start;
        std::size_t end;
    };
    struct Occurrence {
        Range range;
        TokenId token;
    };

    /// The tokens that occur in the text, longest first.
    [[nodiscard]] std::vector<TokenId> tokensIn(std::string_view text, ParseSpecial parseSpecial) const;
    /// Takes every occurrence of one token out of the text that is left.
    void takeOut(TokenId token, std::string_view text, std::vector<Range>& left, std::vector<Occurrence>& found) const;

    const Vocabulary* m_vocabulary;
    ByteTrie m_trie;
    /// Which bytes a special token begins with.
    std::array<bool, 256> m_beginnings{};
    bool m_hasUserDefined = false;
};

} // namespace hearth
