#pragma once

#include "engine/text/unicode.h"
#include "engine/text/vocabulary.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// How SentencePiece writes a space.
constexpr std::string_view kEscapedSpace = "\u2581";

/// The text with its spaces escaped.
[[nodiscard]] inline std::string escapeSpaces(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size() + text.size() / 2);
    for (const char byte : text) {
        if (byte == ' ')
            escaped += kEscapedSpace;
        else
            escaped += byte;
    }
    return escaped;
}

/// Cuts a text between two characters that no token has side by side: "The▁quick\nfox" between most words. No token
/// reaches across such a place, so encoding the parts one by one gives what encoding the whole text gives, and parts
/// repeat where texts do not. Immutable. Thread: any.
class WordBoundary {
public:
    explicit WordBoundary(const Vocabulary& vocabulary) : m_pairs(std::size_t{1} << kPairBits) {
        for (TokenId id = 0; id < vocabulary.size(); ++id) {
            const std::string_view text = vocabulary.text(id);
            std::string_view before = characterAt(text, 0);
            for (std::size_t offset = before.size(); offset < text.size(); offset += before.size()) {
                const std::string_view character = characterAt(text, offset);
                m_pairs[pairOf(before, character)] = true;
                before = character;
            }
        }
    }

    /// The character at `offset`, as its first byte counts it, or what there is of it.
    [[nodiscard]] static std::string_view characterAt(std::string_view text, std::size_t offset) {
        return text.substr(offset, utf8Length(text[offset]));
    }

    /// Where the part that begins at `start` ends.
    [[nodiscard]] std::size_t partEnd(std::string_view text, std::size_t start) const {
        std::string_view before = characterAt(text, start);
        std::size_t offset = start + before.size();
        while (offset < text.size()) {
            const std::string_view character = characterAt(text, offset);
            if (!m_pairs[pairOf(before, character)])
                break;
            before = character;
            offset += character.size();
        }
        return offset;
    }

private:
    /// 32 KiB; a vocabulary of 32,000 tokens has some 20,000 pairs.
    static constexpr unsigned kPairBits = 18;

    /// Pairs that share a number keep a cut from being made, never make a wrong one.
    static std::size_t pairOf(std::string_view first, std::string_view second) {
        const auto mix = [](std::string_view character) {
            std::uint32_t value = 0;
            for (const char byte : character)
                value = value << 8 | static_cast<unsigned char>(byte);
            return value;
        };
        const std::uint64_t both = static_cast<std::uint64_t>(mix(first)) << 32 | mix(second);
        return static_cast<std::size_t>(both * 0x9e3779b97f4a7c15ULL >> (64 - kPairBits));
    }

    std::vector<bool> m_pairs;
};

} // namespace hearth
