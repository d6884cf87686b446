#include "engine/text/jinja/arguments.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/formatting.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>

namespace hearth::jinja {
namespace {

template <std::string (*mapping)(std::string_view text)>
Result<Value> mapped(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("the method", arguments));
    HEARTH_CHECK(runtime.afford(textOf(self).size(), 8));
    return runtime.textLike(self, mapping(textOf(self)));
}

std::string swapCase(std::string_view text) {
    std::string result;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t start = offset;
        const char32_t codePoint = decodeAt(text, offset);
        const std::string_view character = text.substr(start, offset - start);
        result += isUpper(codePoint)   ? toLower(character)
                  : isLower(codePoint) ? toUpper(character)
                                       : std::string(character);
    }
    return result;
}

// True if there is at least one character and all are in the class.
template <bool (*isInClass)(char32_t codePoint)>
Result<Value> all(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("the method", arguments));
    const std::string& text = textOf(self);
    for (std::size_t offset = 0; offset < text.size();)
        if (!isInClass(decodeAt(text, offset)))
            return Value::boolean(false);
    return Value::boolean(!text.empty());
}

bool isAlphanumeric(char32_t codePoint) {
    return isAlpha(codePoint) || isNumeric(codePoint);
}

Result<Value> isAscii(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("isascii", arguments));
    return Value::boolean(self.as<Text>().length() == textOf(self).size());
}

Result<Value> isPrintableText(Runtime& runtime, const Value& self, const Arguments& arguments) {
    return textOf(self).empty() ? Result<Value>(Value::boolean(true)) : all<isPrintable>(runtime, self, arguments);
}

Result<Value> isIdentifier(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("isidentifier", arguments));
    const std::string& text = textOf(self);
    for (std::size_t offset = 0; offset < text.size();) {
        const bool first = offset == 0;
        const char32_t codePoint = decodeAt(text, offset);
        if (codePoint != '_' && !isAlpha(codePoint) && (first || !isNumeric(codePoint)))
            return Value::boolean(false);
    }
    return Value::boolean(!text.empty());
}

template <bool wantUpper>
Result<Value> isCase(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("the method", arguments));
    return Value::boolean(isWholly(textOf(self), wantUpper ? LetterCase::Upper : LetterCase::Lower));
}

// Every run of letters begins in upper or title case and goes on in lower case.
Result<Value> isTitleText(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("istitle", arguments));
    const std::string& text = textOf(self);
    bool any = false;
    bool previousCased = false;
    for (std::size_t offset = 0; offset < text.size();) {
        const char32_t codePoint = decodeAt(text, offset);
        const bool begins = isUpper(codePoint) || isTitle(codePoint);
        const bool goesOn = !begins && isLower(codePoint);
        if ((begins && previousCased) || (goesOn && !previousCased))
            return Value::boolean(false);
        previousCased = begins || goesOn;
        any = any || begins || goesOn;
    }
    return Value::boolean(any);
}

template <Align align>
Result<Value> pad(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("the method", arguments, {"/width", "/fillchar"}, 1));
    HEARTH_TRY(const Integer width, parameters.integer(0, 0));
    HEARTH_TRY(const std::string fill, parameters.text(1, " "));
    if (codePointCount(fill) != 1)
        return templateError("the fill character must be one character");
    std::size_t offset = 0;
    HEARTH_TRY(std::string padded, padText(runtime, textOf(self), width, decodeAt(fill, offset), align));
    return runtime.textLike(self, std::move(padded));
}

Result<Value> zeroFill(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("zfill", arguments, {"/width"}, 1));
    HEARTH_TRY(const Integer width, parameters.integer(0, 0));
    const std::string& text = textOf(self);
    const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
    HEARTH_TRY(const std::string padded, padText(runtime, std::string_view(text).substr(sign),
                                                 width - static_cast<Integer>(sign), U'0', Align::Right));
    return runtime.textLike(self, text.substr(0, sign) + padded);
}

Result<Value> expandTabs(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("expandtabs", arguments, {"tabsize"}));
    HEARTH_TRY(const Integer size, parameters.integer(0, 8));
    const Integer tab = std::clamp<Integer>(size, 0, Integer{1} << 40);
    std::string result;
    Integer column = 0;
    const std::string& text = textOf(self);
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t start = offset;
        const char32_t codePoint = decodeAt(text, offset);
        if (codePoint != '\t') {
            result += std::string_view(text).substr(start, offset - start);
            column = codePoint == '\n' || codePoint == '\r' ? 0 : column + 1;
            continue;
        }
        const Integer width = tab == 0 ? 0 : tab - column % tab;
        HEARTH_CHECK(runtime.afford(result.size() + static_cast<std::size_t>(width)));
        result.append(static_cast<std::size_t>(width), ' ');
        column += width;
    }
    return runtime.textLike(self, std::move(result));
}

constexpr NamedBuiltin kMethods[] = {
    {"upper", mapped<toUpper>},
    {"lower", mapped<toLower>},
    {"casefold", mapped<toFolded>},
    {"title", mapped<toTitle>},
    {"capitalize", mapped<toCapitalized>},
    {"swapcase", mapped<swapCase>},
    {"isalpha", all<isAlpha>},
    {"isalnum", all<isAlphanumeric>},
    {"isdecimal", all<isDecimal>},
    {"isdigit", all<isDigit>},
    {"isnumeric", all<isNumeric>},
    {"isspace", all<isSpace>},
    {"isascii", isAscii},
    {"isprintable", isPrintableText},
    {"isidentifier", isIdentifier},
    {"isupper", isCase<true>},
    {"islower", isCase<false>},
    {"istitle", isTitleText},
    {"center", pad<Align::Center>},
    {"ljust", pad<Align::Left>},
    {"rjust", pad<Align::Right>},
    {"zfill", zeroFill},
    {"expandtabs", expandTabs},
};

} // namespace

std::span<const NamedBuiltin> textMethods() {
    return kMethods;
}

} // namespace hearth::jinja
