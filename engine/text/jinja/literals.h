#pragma once

#include "engine/text/jinja/value.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace hearth::jinja {

/// Literals as a template writes them. Source: Python's lexical analysis, as Jinja's lexer narrows it. Thread: any.

/// Bytes of the integer literal that `text` begins with (0x1f, 0b1, 1_000), or 0.
[[nodiscard]] std::size_t integerLength(std::string_view text);
/// False if it does not fit into 127 bits.
[[nodiscard]] bool integerValue(std::string_view literal, Integer& value);
/// Bytes of the float literal that `text` begins with (1.5, 2e9, 1_0.2), or 0.
[[nodiscard]] std::size_t floatLength(std::string_view text);
[[nodiscard]] double floatValue(std::string_view literal);

/// Resolves the escapes of a string literal's inside; unknown ones stay as they are. False if one is malformed.
/// Surrogate pairs become one character, lone surrogates U+FFFD.
[[nodiscard]] bool unescape(std::string_view body, std::string& text);

/// Reads digits of `base` (2 to 36, letters of any case) into `value`. False on other characters or beyond 127 bits.
[[nodiscard]] bool parseDigits(std::string_view digits, int base, Integer& value);

} // namespace hearth::jinja
