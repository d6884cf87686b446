#pragma once

#include "engine/text/split_pattern.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace hearth {

/// Cuts text into the pieces within which byte-pair merges happen, as `tokenizer.ggml.pre` of a model file names it.
/// A rule is a list of steps, each of which cuts the pieces of the one before further. Immutable. Thread: any.
class PreTokenizer {
public:
    /// What a rule's name also says about its tokenizer, where the file does not say otherwise.
    struct Traits {
        /// A piece that is a token as a whole is that token, whatever the merges would make of it.
        bool ignoresMerges = false;
        bool addsBegin = false;
        /// Text becomes printable characters byte by byte, as in GPT-2; otherwise its characters are merged as they
        /// are.
        bool byteLevel = true;
        /// Spaces become U+2581 first, as in SentencePiece.
        bool escapesSpaces = false;
        /// A piece of newlines that is a token as a whole is that token.
        bool keepsNewlineTokens = false;
        /// The file's wish not to add the begin token is overruled: such files are known to be wrong.
        bool alwaysAddsBegin = false;
        /// White space only separates, and is dropped.
        bool dropsSpaces = false;
    };

    /// Cuts the number runs of a piece into threes, counted from their end, and only behind each three.
    struct DigitThrees {};
    /// Cuts the runs of ASCII digits before each three, counted from their end.
    struct BeforeDigitThrees {};
    /// Cuts off the white space at the end.
    struct TrailingSpace {};
    using Step = std::variant<SplitPattern, DigitThrees, BeforeDigitThrees, TrailingSpace>;

    /// An empty name is the rule of files made before rules were named. Nothing if the name is not known.
    [[nodiscard]] static std::optional<PreTokenizer> named(std::string_view name);

    [[nodiscard]] const Traits& traits() const { return m_traits; }

    /// Where the pieces of `text` end, in code points, ascending; the last one is the text's end.
    [[nodiscard]] std::vector<std::uint32_t> split(std::span<const char32_t> text) const;

private:
    PreTokenizer(std::vector<Step> steps, Traits traits);

    std::vector<Step> m_steps;
    Traits m_traits;
};

} // namespace hearth
