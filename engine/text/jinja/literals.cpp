#include "engine/text/jinja/literals.h"

#include "engine/text/jinja/unicode.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace hearth::jinja {
namespace {

bool isAsciiDigit(char byte) {
    return byte >= '0' && byte <= '9';
}

int digitValue(char byte) {
    if (isAsciiDigit(byte))
        return byte - '0';
    const char lower = static_cast<char>(byte | 0x20);
    return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 99;
}

// Length of digits of `base`, single underscores between (and, if `leadingUnderscore`, before) them.
std::size_t digitRun(std::string_view text, int base, bool leadingUnderscore) {
    std::size_t length = 0;
    while (length < text.size()) {
        const bool underscore = text[length] == '_' && (length > 0 || leadingUnderscore);
        const std::size_t digit = length + (underscore ? 1 : 0);
        if (digit >= text.size() || digitValue(text[digit]) >= base)
            break;
        length = digit + 1;
    }
    return length;
}

// Length of "e+12" at the start of `text`, or 0.
std::size_t exponentLength(std::string_view text) {
    if (text.empty() || (text[0] != 'e' && text[0] != 'E'))
        return 0;
    const std::size_t sign = text.size() > 1 && (text[1] == '+' || text[1] == '-') ? 2 : 1;
    const std::size_t digits = digitRun(text.substr(sign), 10, false);
    return digits == 0 ? 0 : sign + digits;
}

std::string withoutUnderscores(std::string_view literal) {
    std::string plain(literal);
    plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
    return plain;
}

// Reads exactly `count` hexadecimal digits at `offset` and moves past them.
bool readHex(std::string_view body, std::size_t& offset, std::size_t count, char32_t& codePoint) {
    if (offset + count > body.size())
        return false;
    codePoint = 0;
    for (std::size_t end = offset + count; offset < end; ++offset) {
        const int digit = digitValue(body[offset]);
        if (digit >= 16)
            return false;
        codePoint = codePoint * 16 + static_cast<char32_t>(digit);
    }
    return true;
}

// A \u escape of a high surrogate followed by one of a low surrogate is one character.
void joinSurrogates(std::string_view body, std::size_t& offset, char32_t& codePoint) {
    if (codePoint < 0xD800 || codePoint > 0xDBFF || !body.substr(offset).starts_with("\\u"))
        return;
    std::size_t next = offset + 2;
    char32_t low = 0;
    if (readHex(body, next, 4, low) && low >= 0xDC00 && low <= 0xDFFF) {
        codePoint = 0x10000 + ((codePoint - 0xD800) << 10U) + (low - 0xDC00);
        offset = next;
    }
}

void readOctal(std::string_view body, std::size_t& offset, std::string& text) {
    char32_t codePoint = 0;
    for (int digits = 0; digits < 3 && offset < body.size() && body[offset] >= '0' && body[offset] <= '7'; ++digits)
        codePoint = codePoint * 8 + static_cast<char32_t>(body[offset++] - '0');
    appendUtf8(text, codePoint);
}

// Reads what stands after a backslash at `offset`.
bool readEscape(std::string_view body, std::size_t& offset, std::string& text) {
    constexpr std::string_view kNames = "abfnrtv\\'\"";
    constexpr std::string_view kValues = "\a\b\f\n\r\t\v\\'\"";
    const char kind = body[offset];
    if (const std::size_t index = kNames.find(kind); index != std::string_view::npos) {
        text += kValues[index];
        ++offset;
        return true;
    }
    if (kind == '\n') {
        ++offset;
        return true;
    }
    if (kind >= '0' && kind <= '7') {
        readOctal(body, offset, text);
        return true;
    }
    if (kind == 'N')
        return false; // names of characters are not known here
    const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    if (digits == 0) {
        text += '\\';
        return true;
    }
    char32_t codePoint = 0;
    if (!readHex(body, ++offset, digits, codePoint) || codePoint > 0x10FFFF)
        return false;
    joinSurrogates(body, offset, codePoint);
    appendUtf8(text, codePoint);
    return true;
}

} // namespace

std::size_t integerLength(std::string_view text) {
    if (text.empty() || !isAsciiDigit(text[0]))
        return 0;
    if (text[0] != '0')
        return digitRun(text, 10, false);
    if (text.size() > 1) {
        const char mark = static_cast<char>(text[1] | 0x20);
        const int base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
        const std::size_t digits = base == 0 ? 0 : digitRun(text.substr(2), base, true);
        if (digits > 0)
            return 2 + digits;
    }
    return digitRun(text, 1, false); // zeros only
}

bool integerValue(std::string_view literal, Integer& value) {
    const std::string plain = withoutUnderscores(literal);
    const char mark = plain.size() > 1 ? static_cast<char>(plain[1] | 0x20) : '\0';
    const int base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
    return parseDigits(std::string_view(plain).substr(base == 10 ? 0 : 2), base, value);
}

std::size_t floatLength(std::string_view text) {
    const std::size_t whole = digitRun(text, 10, false);
    if (whole == 0)
        return 0;
    std::size_t fraction = 0;
    if (text.size() > whole && text[whole] == '.') {
        const std::size_t digits = digitRun(text.substr(whole + 1), 10, false);
        fraction = digits == 0 ? 0 : digits + 1;
    }
    const std::size_t exponent = exponentLength(text.substr(whole + fraction));
    return fraction == 0 && exponent == 0 ? 0 : whole + fraction + exponent;
}

double floatValue(std::string_view literal) {
    const std::string plain = withoutUnderscores(literal);
    double value = 0;
    const auto [end, code] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
    if (code == std::errc::result_out_of_range) // too large or too small: the exponent's sign tells
        return plain.find("e-") != std::string::npos || plain.find("E-") != std::string::npos
                   ? 0.0
                   : std::numeric_limits<double>::infinity();
    return value;
}

bool unescape(std::string_view body, std::string& text) {
    text.clear();
    for (std::size_t offset = 0; offset < body.size();) {
        if (body[offset] != '\\' || offset + 1 >= body.size()) {
            text += body[offset++];
            continue;
        }
        if (!readEscape(body, ++offset, text))
            return false;
    }
    return true;
}

bool parseDigits(std::string_view digits, int base, Integer& value) {
    constexpr Integer kLargest = ~(Integer{1} << 127);
    if (digits.empty())
        return false;
    value = 0;
    for (const char byte : digits) {
        const int digit = digitValue(byte);
        if (digit >= base || value > (kLargest - digit) / base)
            return false;
        value = value * base + digit;
    }
    return true;
}

} // namespace hearth::jinja
