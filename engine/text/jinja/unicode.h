#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::jinja {

/// Strings as Python sees them: sequences of code points, with its classes of characters and its case mapping.
/// All functions take and give valid UTF-8 (sanitizeUtf8 makes it so). Thread: any. Source: Python's unicodeobject,
/// character data from ICU.

/// The text with every byte that is no part of a well-formed character replaced by U+FFFD, one per maximal part.
[[nodiscard]] std::string sanitizeUtf8(std::string_view bytes);

[[nodiscard]] std::size_t codePointCount(std::string_view text);
/// The byte where code point `index` begins; the end of the text if there are fewer.
[[nodiscard]] std::size_t byteOffset(std::string_view text, std::size_t index);
/// Reads the code point at `offset` and moves past it.
[[nodiscard]] char32_t decodeAt(std::string_view text, std::size_t& offset);
/// Bytes of the character that begins with `lead`.
[[nodiscard]] std::size_t characterBytes(char lead);
/// Surrogates and values above U+10FFFF become U+FFFD.
void appendUtf8(std::string& text, char32_t codePoint);

[[nodiscard]] bool isSpace(char32_t codePoint);
[[nodiscard]] bool isLineBreak(char32_t codePoint);
[[nodiscard]] bool isAlpha(char32_t codePoint);
[[nodiscard]] bool isDecimal(char32_t codePoint);
[[nodiscard]] bool isDigit(char32_t codePoint);
[[nodiscard]] bool isNumeric(char32_t codePoint);
[[nodiscard]] bool isUpper(char32_t codePoint);
[[nodiscard]] bool isLower(char32_t codePoint);
[[nodiscard]] bool isTitle(char32_t codePoint);
[[nodiscard]] bool isPrintable(char32_t codePoint);
/// 0 to 9 of a decimal digit of any script.
[[nodiscard]] int decimalValue(char32_t codePoint);

enum class LetterCase : std::uint8_t { Lower, Upper };
/// str.islower() and str.isupper(): at least one letter has a case, and none is of the other.
[[nodiscard]] bool isWholly(std::string_view text, LetterCase letterCase);

[[nodiscard]] std::string toUpper(std::string_view text);
[[nodiscard]] std::string toLower(std::string_view text);
[[nodiscard]] std::string toFolded(std::string_view text);
/// str.title(): the first letter of each run of letters in title case, the others in lower case.
[[nodiscard]] std::string toTitle(std::string_view text);
/// str.capitalize().
[[nodiscard]] std::string toCapitalized(std::string_view text);

/// Without leading (trailing) characters that are in `characters`; of white space if that is null.
[[nodiscard]] std::string_view stripStart(std::string_view text, const std::string* characters);
[[nodiscard]] std::string_view stripEnd(std::string_view text, const std::string* characters);

} // namespace hearth::jinja
