#pragma once

#include "engine/text/unicode.h"
#include "engine/text/vocabulary.h"

#include <cstddef>
#include <string_view>
#include <unordered_set>

namespace hearth {

/// Cuts a text with escaped spaces ("The▁quick▁fox") into words no token reaches out of: before a space, unless some
/// token holds the character before it and the space side by side. Encoding the words one by one then gives what
/// encoding the whole text gives. The vocabulary must outlive it. Thread: any.
class SpaceBoundary {
public:
    static constexpr std::string_view kSpace = "\u2581";

    explicit SpaceBoundary(const Vocabulary& vocabulary) {
        for (TokenId id = 0; id < vocabulary.size(); ++id) {
            const std::string_view text = vocabulary.text(id);
            std::string_view before;
            for (std::size_t offset = 0; offset < text.size(); offset += before.size()) {
                const std::string_view character = characterAt(text, offset);
                if (!before.empty() && character == kSpace)
                    m_joinedToSpace.insert(before);
                before = character;
            }
        }
    }

    /// The character at `offset`, as its first byte counts it, or what there is of it.
    [[nodiscard]] static std::string_view characterAt(std::string_view text, std::size_t offset) {
        return text.substr(offset, utf8Length(text[offset]));
    }

    /// Where the word that begins at `start` ends.
    [[nodiscard]] std::size_t wordEnd(std::string_view text, std::size_t start) const {
        std::string_view before = characterAt(text, start);
        std::size_t offset = start + before.size();
        while (offset < text.size()) {
            const std::string_view character = characterAt(text, offset);
            if (character == kSpace && !m_joinedToSpace.contains(before))
                break;
            before = character;
            offset += character.size();
        }
        return offset;
    }

private:
    std::unordered_set<std::string_view> m_joinedToSpace;
};

/// The text with its spaces escaped.
[[nodiscard]] inline std::string escapeSpaces(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size() + text.size() / 2);
    for (const char byte : text) {
        if (byte == ' ')
            escaped += SpaceBoundary::kSpace;
        else
            escaped += byte;
    }
    return escaped;
}

} // namespace hearth
