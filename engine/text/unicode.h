#pragma once

#include "engine/text/unicode_data.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// The first letter of a code point's general category. Source: Unicode 15.1, chapter 4.5.
enum class UnicodeClass : std::uint8_t { Number, Letter, Separator, Mark, Punctuation, Symbol, Other, Unassigned };

constexpr char32_t kReplacementCharacter = 0xfffd;

/// One code point and the bytes of text that it took.
struct DecodedCodePoint {
    char32_t codePoint = kReplacementCharacter;
    std::uint8_t sizeBytes = 1;
    /// False if the bytes were no code point; then one byte is skipped.
    bool valid = false;
};

/// Reads the code point at `offset`, which lies inside `text`. Overlong forms, surrogates and four-byte numbers beyond
/// U+10FFFF count as valid, so that tokenizers give their bytes back; of a broken sequence one byte becomes U+FFFD.
[[nodiscard]] DecodedCodePoint decodeUtf8(std::string_view text, std::size_t offset);

/// The text as code points.
[[nodiscard]] std::vector<char32_t> codePointsOf(std::string_view text);

/// `codePoint` is below 0x200000, what four bytes hold.
void appendUtf8(std::string& text, char32_t codePoint);

/// Bytes that the sequence starting with `lead` should have; 1 for a byte that starts none.
[[nodiscard]] constexpr std::size_t utf8Length(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

namespace unicode {

[[nodiscard]] inline std::uint8_t flagsOf(char32_t codePoint) {
    if (codePoint >= kCodePoints)
        return static_cast<std::uint8_t>(UnicodeClass::Unassigned);
    return kBlockFlags[kBlockIndex[codePoint / kBlockSize] * kBlockSize + codePoint % kBlockSize];
}

} // namespace unicode

[[nodiscard]] inline UnicodeClass classOf(char32_t codePoint) {
    return static_cast<UnicodeClass>(unicode::flagsOf(codePoint) & 0x0f);
}
/// The White_Space property: the ASCII ones, no-break spaces, line separators, …
[[nodiscard]] inline bool isWhiteSpace(char32_t codePoint) {
    return (unicode::flagsOf(codePoint) & 0x80) != 0;
}
/// The simple lowercase mapping.
[[nodiscard]] char32_t toLowercase(char32_t codePoint);
/// The first code point of the canonical decomposition: a letter without its accents.
[[nodiscard]] char32_t firstOfDecomposition(char32_t codePoint);

} // namespace hearth
