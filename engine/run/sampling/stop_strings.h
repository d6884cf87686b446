#pragma once

#include "engine/run/sampling/utf8_stream.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// Passes an answer's text on while looking for stop strings. What comes out are whole UTF-8 characters only, and never
/// a part of a stop string: what could become one is held back until that is decided. How the text is split into
/// tokens makes no difference. The first stop string to be complete ends the text; of several complete at the same
/// byte the longest counts. Thread: one.
///
///     StopStringFilter filter(request.stopStrings);
///     sink(filter.push(tokenizer.tokenBytes(id)));
///     if (filter.stopped()) …            // else, at the end of the answer:
///     sink(filter.flush());
class StopStringFilter {
public:
    /// Empty strings are left out of the search.
    explicit StopStringFilter(const std::vector<std::string>& stopStrings);

    /// Takes a token's bytes and gives the text that may be shown now; valid until the next call. After a match: "".
    [[nodiscard]] std::string_view push(std::string_view bytes);
    /// The text held back, at the end of the answer. After a match: "" or what was cut off in mid-character.
    [[nodiscard]] std::string_view flush();
    /// True once a stop string was found.
    [[nodiscard]] bool stopped() const { return m_matched.has_value(); }
    /// The index of that stop string among those given.
    [[nodiscard]] std::optional<std::size_t> matched() const { return m_matched; }

private:
    /// A stop string and how much of it stands at the end of the text (Knuth, Morris, Pratt).
    struct Pattern {
        std::string text;
        std::size_t index = 0;             ///< among the strings given
        std::vector<std::size_t> fallback; ///< after a mismatch at i, as much as this of the string still matches
        std::size_t matchedBytes = 0;

        Pattern(std::string stopString, std::size_t position);
        /// True if the byte completes the string.
        bool advance(char byte);
    };

    std::vector<Pattern> m_patterns;
    std::optional<std::size_t> m_matched;
    std::string m_held; ///< the bytes not passed on yet
    Utf8Stream m_characters;
    std::string m_output;
};

} // namespace hearth
