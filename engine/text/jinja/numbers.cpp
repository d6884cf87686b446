#include "engine/text/jinja/numbers.h"

#include "engine/text/jinja/literals.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace hearth::jinja {
namespace {

using Unsigned = unsigned __int128;

constexpr Integer kLargest = std::numeric_limits<Integer>::max();
constexpr Integer kSmallest = std::numeric_limits<Integer>::min();

std::string toChars(double value, std::chars_format format, int digits) {
    // 309 digits before the point at most; the callers bound those after it.
    std::string text(static_cast<std::size_t>(digits) + 330, '\0');
    const auto [end, code] = std::to_chars(text.data(), text.data() + text.size(), value, format, digits);
    text.resize(code == std::errc() ? static_cast<std::size_t>(end - text.data()) : 0);
    return text;
}

std::optional<std::string> nonFiniteText(double value) {
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value > 0 ? "inf" : "-inf";
    return std::nullopt;
}

// Spaces of any script around, digits of any script within, as int() and float() allow.
std::string plainNumber(std::string_view text) {
    const std::string_view body = stripEnd(stripStart(text, nullptr), nullptr);
    std::string plain;
    for (std::size_t offset = 0; offset < body.size();) {
        const char32_t codePoint = decodeAt(body, offset);
        if (codePoint < 0x80)
            plain += static_cast<char>(codePoint);
        else
            plain += isDecimal(codePoint) ? static_cast<char>('0' + decimalValue(codePoint)) : '?';
    }
    return plain;
}

// Drops underscores that stand between digits. False if one stands elsewhere.
bool dropUnderscores(std::string& text, bool afterPrefix) {
    std::string plain;
    char previous = afterPrefix ? '0' : '\0';
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] == '_') {
            const bool between = std::isalnum(static_cast<unsigned char>(previous)) != 0 && index + 1 < text.size()
                                 && std::isalnum(static_cast<unsigned char>(text[index + 1])) != 0;
            if (!between)
                return false;
        } else {
            plain += text[index];
        }
        previous = text[index];
    }
    text = plain;
    return true;
}

} // namespace

std::string integerText(Integer value) {
    return integerText(value, 10);
}

std::string integerText(Integer value, int base) {
    const auto unsignedBase = static_cast<Unsigned>(base);
    Unsigned magnitude = value < 0 ? -static_cast<Unsigned>(value) : static_cast<Unsigned>(value);
    std::string text;
    do {
        text += "0123456789abcdef"[static_cast<std::size_t>(magnitude % unsignedBase)];
        magnitude /= unsignedBase;
    } while (magnitude != 0);
    if (value < 0)
        text += '-';
    std::reverse(text.begin(), text.end());
    return text;
}

std::string floatText(double value) {
    if (const auto special = nonFiniteText(value))
        return *special;
    std::array<char, 64> buffer{};
    const auto [end, code] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
    std::string scientific(buffer.data(), end);
    const std::size_t mark = scientific.find('e');
    const int exponent = std::atoi(scientific.c_str() + mark + 1);
    if (exponent < -4 || exponent >= 16)
        return scientific;
    const bool negative = scientific[0] == '-';
    std::string digits = scientific.substr(negative ? 1 : 0, mark - (negative ? 1 : 0));
    if (digits.size() > 1)
        digits.erase(1, 1); // the point
    if (exponent < 0)
        digits.insert(0, static_cast<std::size_t>(-exponent), '0');
    const std::size_t point = exponent < 0 ? 1 : static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= point)
        digits.append(point + 1 - digits.size(), '0');
    digits.insert(point, 1, '.');
    return (negative ? "-" : "") + digits;
}

std::string fixedText(double value, int digits) {
    const auto special = nonFiniteText(value);
    return special ? *special : toChars(value, std::chars_format::fixed, digits);
}

std::string exponentText(double value, int digits) {
    const auto special = nonFiniteText(value);
    return special ? *special : toChars(value, std::chars_format::scientific, digits);
}

std::string generalText(double value, int digits, bool keepZeros) {
    if (const auto special = nonFiniteText(value))
        return *special;
    digits = std::max(digits, 1);
    const std::string scientific = toChars(value, std::chars_format::scientific, digits - 1);
    const std::size_t mark = scientific.find('e');
    const int exponent = std::atoi(scientific.c_str() + mark + 1);
    const bool fixed = exponent >= -4 && exponent < digits;
    std::string body =
        fixed ? toChars(value, std::chars_format::fixed, digits - 1 - exponent) : scientific.substr(0, mark);
    if (!keepZeros && body.find('.') != std::string::npos) {
        body.erase(body.find_last_not_of('0') + 1);
        if (body.ends_with('.'))
            body.pop_back();
    }
    return fixed ? body : body + scientific.substr(mark);
}

std::optional<Integer> parseInteger(std::string_view text, int base) {
    std::string body = plainNumber(text);
    bool negative = false;
    if (body.starts_with('-') || body.starts_with('+')) {
        negative = body[0] == '-';
        body.erase(0, 1);
    }
    const char mark = body.size() > 1 && body[0] == '0' ? static_cast<char>(body[1] | 0x20) : '\0';
    const int prefixBase = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
    const bool hasPrefix = prefixBase != 0 && (base == 0 || base == prefixBase);
    if (hasPrefix)
        body.erase(0, 2);
    if (base == 0)
        base = hasPrefix ? prefixBase : 10;
    Integer value = 0;
    if (!dropUnderscores(body, hasPrefix) || !parseDigits(body, base, value))
        return std::nullopt;
    return negative ? -value : value;
}

std::optional<double> parseFloat(std::string_view text) {
    std::string body = plainNumber(text);
    if (!dropUnderscores(body, false))
        return std::nullopt;
    if (body.starts_with('+')) {
        body.erase(0, 1);
        if (body.starts_with('-'))
            return std::nullopt;
    }
    double value = 0;
    const auto [end, code] = std::from_chars(body.data(), body.data() + body.size(), value);
    if (end != body.data() + body.size() || body.empty() || body.find('(') != std::string::npos)
        return std::nullopt;
    if (code == std::errc::result_out_of_range) {
        const bool tiny = body.find("e-") != std::string::npos || body.find("E-") != std::string::npos;
        const double magnitude = tiny ? 0.0 : std::numeric_limits<double>::infinity();
        return body.starts_with('-') ? -magnitude : magnitude;
    }
    if (code != std::errc())
        return std::nullopt;
    return value;
}

std::optional<Integer> truncate(double value) {
    constexpr double kLimit = 0x1p127;
    if (!(std::abs(value) < kLimit))
        return std::nullopt;
    return static_cast<Integer>(value);
}

std::optional<Integer> add(Integer left, Integer right) {
    if (right > 0 ? left > kLargest - right : left < kSmallest - right)
        return std::nullopt;
    return left + right;
}

std::optional<Integer> subtract(Integer left, Integer right) {
    if (right > 0 ? left < kSmallest + right : left > kLargest + right)
        return std::nullopt;
    return left - right;
}

std::optional<Integer> multiply(Integer left, Integer right) {
    // Divides instead of using the builtin, whose helper for 128 bits is not in every runtime library.
    if (left == kSmallest || right == kSmallest)
        return left == 0 || right == 0 ? std::optional<Integer>(0) : std::nullopt;
    const Integer leftMagnitude = left < 0 ? -left : left;
    const Integer rightMagnitude = right < 0 ? -right : right;
    if (rightMagnitude != 0 && leftMagnitude > kLargest / rightMagnitude)
        return std::nullopt;
    return left * right;
}

std::optional<Integer> floorDivide(Integer dividend, Integer divisor) {
    if (dividend == kSmallest && divisor == -1)
        return std::nullopt;
    const Integer quotient = dividend / divisor;
    const bool inexact = dividend % divisor != 0;
    return inexact && (dividend < 0) != (divisor < 0) ? quotient - 1 : quotient;
}

Integer floorModulo(Integer dividend, Integer divisor) {
    if (divisor == -1)
        return 0;
    const Integer remainder = dividend % divisor;
    return remainder != 0 && (remainder < 0) != (divisor < 0) ? remainder + divisor : remainder;
}

double floorModulo(double dividend, double divisor) {
    double remainder = std::fmod(dividend, divisor);
    if (remainder == 0)
        return std::copysign(0.0, divisor);
    if ((remainder < 0) != (divisor < 0))
        remainder += divisor;
    return remainder;
}

} // namespace hearth::jinja
