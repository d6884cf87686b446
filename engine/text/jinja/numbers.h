#pragma once

#include "engine/text/jinja/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace hearth::jinja {

/// Python's numbers as text and back. Source: Python's int and float. Thread: any.

[[nodiscard]] std::string integerText(Integer value);
/// In base 2, 8, 10 or 16, lower case, with a leading minus if negative and no prefix.
[[nodiscard]] std::string integerText(Integer value, int base);
/// The shortest digits that read back as the same float: 1.0, 0.1, 1e-05, 1e+16, inf, nan.
[[nodiscard]] std::string floatText(double value);
/// `digits` digits after the point, correctly rounded.
[[nodiscard]] std::string fixedText(double value, int digits);
/// d.ddde+xx with `digits` digits after the point.
[[nodiscard]] std::string exponentText(double value, int digits);
/// Up to `digits` significant digits in the shorter of both forms (printf's %g); `keepZeros` as its '#'.
[[nodiscard]] std::string generalText(double value, int digits, bool keepZeros);

/// int(text, base): spaces around, a sign, underscores and a prefix that fits the base; base 0 goes by the prefix.
[[nodiscard]] std::optional<Integer> parseInteger(std::string_view text, int base);
/// float(text).
[[nodiscard]] std::optional<double> parseFloat(std::string_view text);

/// The whole part of a float, if it is finite and fits.
[[nodiscard]] std::optional<Integer> truncate(double value);

/// Sum, difference, product; empty beyond 127 bits.
[[nodiscard]] std::optional<Integer> add(Integer left, Integer right);
[[nodiscard]] std::optional<Integer> subtract(Integer left, Integer right);
[[nodiscard]] std::optional<Integer> multiply(Integer left, Integer right);
/// Quotient rounded down and the remainder that goes with it (the sign of `divisor`); divisor is not 0.
[[nodiscard]] std::optional<Integer> floorDivide(Integer dividend, Integer divisor);
[[nodiscard]] Integer floorModulo(Integer dividend, Integer divisor);
[[nodiscard]] double floorModulo(double dividend, double divisor);

} // namespace hearth::jinja
