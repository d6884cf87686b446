#include "engine/text/jinja/formatting.h"
#include "engine/text/jinja/literals.h"
#include "engine/text/jinja/numbers.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>
#include <optional>

namespace hearth::jinja {
namespace {

constexpr Integer kMostPrecision = 1000; // digits asked for beyond this are refused

/// A format specification, read. Source: Python's "Format Specification Mini-Language".
struct Specification {
    char32_t fill = U' ';
    char align = '\0'; ///< '<', '>', '^', '=' or none
    char sign = '-';
    bool alternate = false;
    char grouping = '\0';
    Integer width = 0;
    std::optional<Integer> precision;
    char type = '\0';
};

Integer readDigits(std::string_view text, std::size_t& offset) {
    Integer number = 0;
    for (; offset < text.size() && text[offset] >= '0' && text[offset] <= '9'; ++offset)
        number = std::min<Integer>(number * 10 + (text[offset] - '0'), Integer{1} << 40);
    return number;
}

Result<Specification> readSpecification(std::string_view text) {
    constexpr std::string_view kAligns = "<>^=";
    Specification result;
    std::size_t offset = 0;
    const auto at = [&](std::string_view characters) {
        return offset < text.size() && characters.find(text[offset]) != std::string_view::npos;
    };
    std::size_t afterFill = 0;
    const char32_t fill = text.empty() ? U' ' : decodeAt(text, afterFill);
    if (afterFill < text.size() && afterFill > 0 && kAligns.find(text[afterFill]) != std::string_view::npos) {
        result.fill = fill;
        result.align = text[afterFill];
        offset = afterFill + 1;
    } else if (at(kAligns)) {
        result.align = text[offset++];
    }
    if (at("+- "))
        result.sign = text[offset++];
    if (at("#")) {
        result.alternate = true;
        ++offset;
    }
    if (at("0")) {
        if (result.align == '\0') {
            result.fill = U'0';
            result.align = '=';
        }
        ++offset;
    }
    result.width = readDigits(text, offset);
    if (at(",_"))
        result.grouping = text[offset++];
    if (at(".")) {
        ++offset;
        if (!at("0123456789"))
            return templateError("a format's precision is missing");
        result.precision = readDigits(text, offset);
    }
    if (offset < text.size())
        result.type = text[offset++];
    if (offset < text.size())
        return templateError("'" + std::string(text) + "' is no format");
    return result;
}

// Puts separators between groups of digits before the point.
void groupDigits(std::string& digits, char separator, std::size_t groupSize) {
    std::size_t end = 0;
    while (end < digits.size() && std::isxdigit(static_cast<unsigned char>(digits[end])) != 0)
        ++end;
    while (end > groupSize) {
        end -= groupSize;
        digits.insert(end, 1, separator);
    }
}

Result<std::string> realDigits(double value, const Specification& specification) {
    const int digits = static_cast<int>(specification.precision.value_or(6));
    switch (specification.type) {
    case 'e':
    case 'E':
        return exponentText(value, digits);
    case 'f':
    case 'F':
        return fixedText(value, digits);
    case '%':
        return fixedText(value * 100, digits) + "%";
    case 'g':
    case 'G':
    case 'n':
        return generalText(value, digits, specification.alternate);
    case '\0': {
        if (!specification.precision)
            return floatText(value);
        // As 'g', but with a point and at least one digit after it.
        std::string text = generalText(value, digits, false);
        if (text.find_first_not_of("-0123456789") == std::string::npos)
            text += ".0";
        return text;
    }
    default:
        return templateError(std::string("'") + specification.type + "' is no format of a float");
    }
}

Result<std::string> integerDigits(Integer value, const Specification& specification) {
    switch (specification.type) {
    case '\0':
    case 'd':
    case 'n':
        return integerText(value);
    case 'x':
    case 'X':
    case 'o':
    case 'b': {
        const int base = specification.type == 'o' ? 8 : specification.type == 'b' ? 2 : 16;
        std::string text = integerText(value, base);
        if (specification.alternate)
            text.insert(text.starts_with('-') ? 1 : 0, std::string("0") + static_cast<char>(specification.type | 0x20));
        return text;
    }
    default:
        return realDigits(static_cast<double>(value), specification);
    }
}

Result<std::string> formatNumber(Runtime& runtime, const Value& value, const Specification& specification) {
    if (specification.precision.value_or(0) > kMostPrecision)
        return templateError("a format asks for too many digits");
    std::string text;
    if (value.isIntegral() && specification.type == 'c') {
        if (value.asInteger() < 0 || value.asInteger() > 0x10FFFF)
            return templateError("a format's character is out of range");
        appendUtf8(text, static_cast<char32_t>(value.asInteger()));
        return text;
    }
    if (value.isIntegral()) {
        HEARTH_TRY(text, integerDigits(value.asInteger(), specification));
    } else {
        HEARTH_TRY(text, realDigits(value.asReal(), specification));
    }
    if (specification.type == 'X' || specification.type == 'E' || specification.type == 'F'
        || specification.type == 'G')
        text = toUpper(text);
    std::string sign = text.starts_with('-')       ? "-"
                       : specification.sign == '-' ? ""
                                                   : std::string(1, specification.sign);
    std::string digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (specification.grouping != '\0')
        groupDigits(digits, specification.grouping,
                    specification.type == 'x' || specification.type == 'X' || specification.type == 'o'
                            || specification.type == 'b'
                        ? 4
                        : 3);
    if (specification.align != '=')
        return sign + digits;
    HEARTH_TRY(const std::string padded,
               padText(runtime, digits, specification.width - static_cast<Integer>(sign.size()), specification.fill,
                       Align::Right));
    return sign + padded;
}

class BraceFormatter {
public:
    BraceFormatter(Runtime& runtime, const Arguments& arguments, bool escapes)
        : m_runtime(runtime), m_arguments(arguments), m_escapes(escapes) {}

    Result<std::string> run(std::string_view format, int depth);

private:
    Result<std::string> field(std::string_view text, int depth);
    Result<Value> lookUp(std::string_view name);
    Result<Value> first(std::string_view name);

    Runtime& m_runtime;
    const Arguments& m_arguments;
    const bool m_escapes; ///< the text is markup: what is put in is escaped
    std::size_t m_automatic = 0;
    bool m_numbered = false;
};

Result<std::string> BraceFormatter::run(std::string_view format, int depth) {
    if (depth < 0)
        return templateError("a format is nested too deeply");
    std::string output;
    for (std::size_t offset = 0; offset < format.size();) {
        const char byte = format[offset++];
        if (byte != '{' && byte != '}') {
            output += byte;
            continue;
        }
        if (offset < format.size() && format[offset] == byte) {
            output += byte;
            ++offset;
            continue;
        }
        if (byte == '}')
            return templateError("a single '}' in a format");
        std::size_t close = offset;
        for (std::size_t open = 1; close < format.size(); ++close) {
            open += format[close] == '{' ? 1 : 0;
            open -= format[close] == '}' ? 1 : 0;
            if (open == 0)
                break;
        }
        if (close >= format.size())
            return templateError("a '{' in a format has no '}'");
        HEARTH_CHECK(m_runtime.step());
        HEARTH_TRY(const std::string text, field(format.substr(offset, close - offset), depth));
        output += text;
        HEARTH_CHECK(m_runtime.afford(output.size()));
        offset = close + 1;
    }
    return output;
}

Result<std::string> BraceFormatter::field(std::string_view text, int depth) {
    // The name ends at the first ':' or '!' outside of brackets.
    std::size_t end = 0;
    for (bool bracket = false; end < text.size() && (bracket || (text[end] != ':' && text[end] != '!')); ++end)
        bracket = text[end] == '[' || (bracket && text[end] != ']');
    HEARTH_TRY(Value value, lookUp(text.substr(0, end)));
    std::string_view rest = text.substr(end);
    if (rest.starts_with('!')) {
        if (rest.size() < 2 || (rest.size() > 2 && rest[2] != ':'))
            return templateError("a format's conversion is malformed");
        const char conversion = rest[1];
        if (conversion != 's' && conversion != 'r' && conversion != 'a')
            return templateError(std::string("'!") + conversion + "' is no conversion of a format");
        std::string converted;
        if (conversion == 's')
            HEARTH_CHECK(appendText(m_runtime, value, converted));
        else
            HEARTH_CHECK(appendRepr(m_runtime, value, converted));
        value = m_runtime.text(std::move(converted));
        rest.remove_prefix(2);
    }
    std::string specification;
    if (!rest.empty()) {
        HEARTH_TRY(specification, run(rest.substr(1), depth - 1));
    }
    const bool isMarkup = value.isText() && value.as<Text>().markup;
    if (m_escapes && isMarkup && !specification.empty())
        return templateError("markup cannot be formatted with '" + specification + "'");
    HEARTH_TRY(std::string formatted, formatValue(m_runtime, value, specification));
    return m_escapes && !isMarkup ? escapeHtml(formatted) : formatted;
}

Result<Value> BraceFormatter::first(std::string_view name) {
    Integer index = 0;
    const bool automatic = name.empty();
    if (!automatic && !parseDigits(name, 10, index)) {
        for (const auto& [argument, value] : m_arguments.named)
            if (argument == name)
                return value;
        return templateError("there is no argument '" + std::string(name) + "' for the format");
    }
    if (automatic ? m_numbered : m_automatic > 0)
        return templateError("a format numbers some fields by hand and others not");
    if (automatic)
        index = static_cast<Integer>(m_automatic++);
    else
        m_numbered = true;
    if (index >= static_cast<Integer>(m_arguments.positional.size()))
        return templateError("a format needs more arguments than it is given");
    return m_arguments.positional[static_cast<std::size_t>(index)];
}

Result<Value> BraceFormatter::lookUp(std::string_view name) {
    const std::size_t firstEnd = std::min(name.find_first_of(".["), name.size());
    HEARTH_TRY(Value value, first(name.substr(0, firstEnd)));
    for (std::size_t offset = firstEnd; offset < name.size();) {
        if (name[offset] == '.') {
            const std::size_t end = std::min(name.find_first_of(".[", offset + 1), name.size());
            HEARTH_TRY(value, getAttribute(m_runtime, value, name.substr(offset + 1, end - offset - 1)));
            offset = end;
            continue;
        }
        const std::size_t close = name.find(']', offset);
        if (name[offset] != '[' || close == std::string_view::npos)
            return templateError("a format's field name is malformed");
        const std::string_view key = name.substr(offset + 1, close - offset - 1);
        Integer index = 0;
        const Value keyValue = parseDigits(key, 10, index) ? Value::integer(index) : m_runtime.text(std::string(key));
        HEARTH_TRY(value, getItem(m_runtime, value, keyValue));
        offset = close + 1;
    }
    return value;
}

} // namespace

Result<std::string> formatValue(Runtime& runtime, const Value& value, std::string_view text) {
    if (text.empty())
        return toText(runtime, value);
    HEARTH_TRY(const Specification specification, readSpecification(text));
    std::string body;
    if (value.isNumber()) {
        HEARTH_TRY(body, formatNumber(runtime, value, specification));
    } else if (value.isText()) {
        if (specification.align == '=' || (specification.type != '\0' && specification.type != 's'))
            return templateError("'" + std::string(text) + "' is no format of a string");
        HEARTH_TRY(body, toText(runtime, value));
        if (specification.precision)
            body.resize(byteOffset(body, static_cast<std::size_t>(*specification.precision)));
    } else {
        return wrongType("a format needs a string or a number, not", value);
    }
    const Align fallback = value.isNumber() ? Align::Right : Align::Left;
    const Align align = specification.align == '<'   ? Align::Left
                        : specification.align == '>' ? Align::Right
                        : specification.align == '^' ? Align::Middle
                                                     : fallback;
    return padText(runtime, body, specification.width, specification.fill, align);
}

Result<Value> formatBraces(Runtime& runtime, const Value& text, const Arguments& arguments) {
    constexpr int kNestedFields = 2; // as in Python: fields within a specification, no deeper
    HEARTH_TRY(std::string result,
               BraceFormatter(runtime, arguments, text.as<Text>().markup).run(textOf(text), kNestedFields));
    return runtime.textLike(text, std::move(result));
}

} // namespace hearth::jinja
