#include "engine/text/jinja/formatting.h"
#include "engine/text/jinja/numbers.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace hearth::jinja {
namespace {

constexpr Integer kMostPrecision = 1000; // digits asked for beyond this are refused

/// One "%-08.3f" of a format text.
struct Directive {
    bool left = false;
    bool zeros = false;
    bool plus = false;
    bool space = false;
    bool alternate = false;
    Integer width = 0;
    std::optional<Integer> precision;
    char type = '\0';
};

class PercentFormatter {
public:
    PercentFormatter(Runtime& runtime, const Text& format, const Value& values)
        : m_runtime(runtime), m_format(format.bytes), m_escapes(format.markup), m_values(values) {}

    Result<std::string> run();

private:
    Status readDirective();
    Result<Integer> readNumber();
    Result<Value> nextValue();
    Status readName();
    Status append(const Directive& directive, const Value& value);
    Result<std::string> number(Directive& directive, const Value& value) const;
    Status pad(const Directive& directive, std::string body, bool numeric);

    Runtime& m_runtime;
    const std::string& m_format;
    const bool m_escapes; ///< the text is markup: what is put in is escaped
    const Value& m_values;
    std::size_t m_position = 0;
    std::size_t m_used = 0; ///< of a tuple's values
    std::optional<Value> m_named;
    std::string m_output;
};

Result<std::string> PercentFormatter::run() {
    bool named = false;
    while (m_position < m_format.size()) {
        HEARTH_CHECK(m_runtime.step());
        const std::size_t percent = std::min(m_format.find('%', m_position), m_format.size());
        m_output += std::string_view(m_format).substr(m_position, percent - m_position);
        m_position = percent + 1;
        if (percent == m_format.size())
            break;
        HEARTH_CHECK(readDirective());
        named = named || m_named.has_value();
        HEARTH_CHECK(m_runtime.afford(m_output.size()));
    }
    // What can be asked for items counts as a mapping, of which nothing has to be used.
    const bool isTuple = m_values.is(Kind::Tuple);
    const bool isMapping =
        m_values.is(Kind::Dict) || m_values.is(Kind::List) || m_values.is(Kind::Range) || m_values.isUndefined();
    const std::size_t given = isTuple ? m_values.as<Tuple>().items.size() : isMapping ? 0 : 1;
    if (!named && m_used < given)
        return templateError("not all arguments of '%' were used by the text");
    return std::move(m_output);
}

Result<Value> PercentFormatter::nextValue() {
    if (m_named)
        return *m_named;
    const bool isTuple = m_values.is(Kind::Tuple);
    if (m_used >= (isTuple ? m_values.as<Tuple>().items.size() : 1))
        return templateError("not enough arguments for '%'");
    const std::size_t index = m_used++;
    return isTuple ? m_values.as<Tuple>().items[index] : m_values;
}

Status PercentFormatter::readName() {
    std::size_t close = m_position;
    for (std::size_t open = 1; open > 0 && ++close < m_format.size();) {
        open += m_format[close] == '(' ? 1 : 0;
        open -= m_format[close] == ')' ? 1 : 0;
    }
    if (close >= m_format.size())
        return templateError("'%(' has no end");
    if (!m_values.is(Kind::Dict))
        return templateError("'%(name)' needs a mapping");
    const std::string name = m_format.substr(m_position + 1, close - m_position - 1);
    const Value* value = m_values.as<Dict>().find(name);
    if (value == nullptr)
        return templateError("there is no argument '" + name + "' for '%'");
    m_named = *value;
    m_position = close + 1;
    return {};
}

Result<Integer> PercentFormatter::readNumber() {
    if (m_position < m_format.size() && m_format[m_position] == '*') {
        ++m_position;
        HEARTH_TRY(const Value value, nextValue());
        if (!value.isIntegral())
            return templateError("'*' needs an integer");
        return value.asInteger();
    }
    Integer number = 0;
    for (; m_position < m_format.size() && m_format[m_position] >= '0' && m_format[m_position] <= '9'; ++m_position)
        number = std::min<Integer>(number * 10 + (m_format[m_position] - '0'), Integer{1} << 40);
    return number;
}

Status PercentFormatter::readDirective() {
    m_named.reset();
    Directive directive;
    if (m_position < m_format.size() && m_format[m_position] == '(')
        HEARTH_CHECK(readName());
    for (bool flag = true; flag && m_position < m_format.size(); m_position += flag ? 1 : 0) {
        switch (m_format[m_position]) {
        case '-':
            directive.left = true;
            break;
        case '0':
            directive.zeros = true;
            break;
        case '+':
            directive.plus = true;
            break;
        case ' ':
            directive.space = true;
            break;
        case '#':
            directive.alternate = true;
            break;
        default:
            flag = false;
        }
    }
    HEARTH_TRY(directive.width, readNumber());
    if (directive.width < 0) {
        directive.left = true;
        directive.width = -directive.width;
    }
    if (m_position < m_format.size() && m_format[m_position] == '.') {
        ++m_position;
        HEARTH_TRY(const Integer precision, readNumber());
        directive.precision = std::max<Integer>(precision, 0);
    }
    while (m_position < m_format.size() && std::string_view("hlL").find(m_format[m_position]) != std::string_view::npos)
        ++m_position;
    if (m_position >= m_format.size())
        return templateError("the format text ends within a directive");
    directive.type = m_format[m_position++];
    if (directive.type == '%') {
        m_output += '%';
        return {};
    }
    HEARTH_TRY(const Value value, nextValue());
    return append(directive, value);
}

Status PercentFormatter::append(const Directive& given, const Value& value) {
    Directive directive = given;
    std::string body;
    switch (directive.type) {
    case 's':
    case 'r':
    case 'a':
        if (directive.type == 's')
            HEARTH_CHECK(appendText(m_runtime, value, body));
        else
            HEARTH_CHECK(appendRepr(m_runtime, value, body));
        if (m_escapes && !(directive.type == 's' && value.isText() && value.as<Text>().markup))
            body = escapeHtml(body);
        if (directive.precision)
            body.resize(byteOffset(body, static_cast<std::size_t>(*directive.precision)));
        return pad(directive, std::move(body), false);
    case 'c':
        if (value.isText() && value.as<Text>().length() == 1)
            body = textOf(value);
        else if (value.isIntegral() && value.asInteger() >= 0 && value.asInteger() <= 0x10FFFF)
            appendUtf8(body, static_cast<char32_t>(value.asInteger()));
        else
            return wrongType("%c needs one character, not", value);
        return pad(directive, std::move(body), false);
    default:
        break;
    }
    HEARTH_TRY(body, number(directive, value));
    return pad(directive, std::move(body), true);
}

Result<std::string> PercentFormatter::number(Directive& directive, const Value& value) const {
    const std::string type(1, directive.type);
    const bool real = std::string_view("eEfFgG").find(directive.type) != std::string_view::npos;
    const bool whole = std::string_view("diu").find(directive.type) != std::string_view::npos;
    const bool based = std::string_view("xXo").find(directive.type) != std::string_view::npos;
    if (!real && !whole && !based)
        return templateError("'%" + type + "' is no format");
    if (!value.isNumber() || (based && value.is(Kind::Float)))
        return wrongType("%" + type + " needs a number, not", value);
    if (directive.precision.value_or(0) > kMostPrecision)
        return templateError("'%" + type + "' asks for too many digits");
    const int digits = static_cast<int>(directive.precision.value_or(6));
    std::string text;
    if (real) {
        const double number = value.asReal();
        const char lower = static_cast<char>(directive.type | 0x20);
        text = lower == 'f'   ? fixedText(number, digits)
               : lower == 'e' ? exponentText(number, digits)
                              : generalText(number, digits, directive.alternate);
    } else {
        const auto integer =
            value.is(Kind::Float) ? truncate(value.asReal()) : std::optional<Integer>(value.asInteger());
        if (!integer)
            return templateError("a float is too large for an integer");
        text = integerText(*integer, directive.type == 'o' ? 8 : based ? 16 : 10);
        const std::size_t sign = text.starts_with('-') ? 1 : 0;
        const auto least = static_cast<std::size_t>(directive.precision.value_or(0));
        if (text.size() - sign < least)
            text.insert(sign, least - (text.size() - sign), '0');
        if (based && directive.alternate)
            text.insert(sign, directive.type == 'o' ? "0o" : "0x");
    }
    if (directive.type >= 'A' && directive.type <= 'Z')
        text = toUpper(text);
    if (!text.starts_with('-') && (directive.plus || directive.space))
        text.insert(0, directive.plus ? "+" : " ");
    return text;
}

Status PercentFormatter::pad(const Directive& directive, std::string body, bool numeric) {
    if (numeric && directive.zeros && !directive.left) {
        std::size_t start = body.find_first_not_of("+- ");
        if (body.compare(start, 2, "0x") == 0 || body.compare(start, 2, "0X") == 0 || body.compare(start, 2, "0o") == 0)
            start += 2;
        const Integer width = directive.width - static_cast<Integer>(start);
        HEARTH_TRY(const std::string padded, padText(m_runtime, body.substr(start), width, U'0', Align::Right));
        m_output += body.substr(0, start) + padded;
        return {};
    }
    HEARTH_TRY(const std::string padded,
               padText(m_runtime, body, directive.width, U' ', directive.left ? Align::Left : Align::Right));
    m_output += padded;
    return {};
}

} // namespace

Result<Value> formatPercent(Runtime& runtime, const Value& text, const Value& values) {
    HEARTH_TRY(std::string result, PercentFormatter(runtime, text.as<Text>(), values).run());
    return runtime.textLike(text, std::move(result));
}

} // namespace hearth::jinja
