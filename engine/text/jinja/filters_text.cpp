#include "engine/text/jinja/arguments.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/formatting.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/to_json.h"
#include "engine/text/jinja/unicode.h"

using namespace std::string_view_literals;

namespace hearth::jinja {
namespace {

// The value as a text: itself if it is one (markup stays markup), else str(value).
Result<Value> softText(Runtime& runtime, const Value& value) {
    if (value.isText())
        return value;
    HEARTH_TRY(std::string text, toText(runtime, value));
    return runtime.text(std::move(text));
}

template <std::string (*mapping)(std::string_view text)>
Result<Value> mapped(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("the filter", arguments));
    HEARTH_TRY(const Value text, softText(runtime, self));
    HEARTH_CHECK(runtime.afford(textOf(text).size(), 8));
    return runtime.textLike(text, mapping(textOf(text)));
}

// Words begin after spaces, hyphens and opening brackets.
std::string titleWords(std::string_view text) {
    std::string result;
    bool wordStart = true;
    std::size_t restStart = 0;
    const auto flush = [&](std::size_t end) { result += toLower(text.substr(restStart, end - restStart)); };
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t start = offset;
        const char32_t codePoint = decodeAt(text, offset);
        const bool separates = isSpace(codePoint) || U"-({[<"sv.find(codePoint) != std::u32string_view::npos;
        if (!separates && !wordStart)
            continue;
        if (!wordStart || separates)
            flush(start);
        result +=
            separates ? std::string(text.substr(start, offset - start)) : toUpper(text.substr(start, offset - start));
        wordStart = separates;
        restStart = offset;
    }
    flush(text.size());
    return result;
}

Result<Value> filterString(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("string", arguments));
    return softText(runtime, self);
}

Result<Value> filterTrim(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("trim", arguments, {"chars"}));
    HEARTH_TRY(const Value text, softText(runtime, self));
    const bool byCharacters = !parameters.value(0).isNone();
    HEARTH_TRY(const std::string characters,
               byCharacters ? parameters.text(0, {}) : Result<std::string>(std::string()));
    const std::string* set = byCharacters ? &characters : nullptr;
    HEARTH_CHECK(runtime.step(textOf(text).size() * characters.size() / 64));
    return runtime.textLike(text, std::string(stripEnd(stripStart(textOf(text), set), set)));
}

Result<Value> filterReplace(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("replace", arguments, {"old", "new", "count"}, 2));
    HEARTH_TRY(const std::string text, toText(runtime, self));
    HEARTH_TRY(const std::string from, toText(runtime, parameters.value(0)));
    HEARTH_TRY(const std::string to, toText(runtime, parameters.value(1)));
    HEARTH_TRY(const Integer count,
               parameters.value(2).isNone() ? Result<Integer>(Integer{-1}) : parameters.integer(2, -1));
    HEARTH_TRY(std::string result, replaceAll(runtime, text, from, to, count));
    return runtime.text(std::move(result));
}

Result<Value> filterEscape(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("escape", arguments));
    if (self.isText() && self.as<Text>().markup)
        return self;
    HEARTH_TRY(const std::string text, toText(runtime, self));
    HEARTH_CHECK(runtime.afford(text.size(), 6));
    return runtime.markup(escapeHtml(text));
}

Result<Value> filterForceEscape(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("forceescape", arguments));
    HEARTH_TRY(const std::string text, toText(runtime, self));
    HEARTH_CHECK(runtime.afford(text.size(), 6));
    return runtime.markup(escapeHtml(text));
}

Result<Value> filterSafe(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("safe", arguments));
    HEARTH_TRY(std::string text, toText(runtime, self));
    return runtime.markup(std::move(text));
}

Result<Value> filterFormat(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Value text, softText(runtime, self));
    if (!arguments.positional.empty() && !arguments.named.empty())
        return templateError("format() takes arguments by position or by name, not both");
    if (arguments.named.empty())
        return formatPercent(runtime, text, runtime.tuple(arguments.positional));
    const Value dict = runtime.dict();
    for (const auto& [name, value] : arguments.named)
        HEARTH_CHECK(dict.as<Dict>().set(runtime.text(name), value));
    return formatPercent(runtime, text, dict);
}

Result<Value> filterWordCount(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("wordcount", arguments));
    HEARTH_TRY(const std::string text, toText(runtime, self));
    Integer words = 0;
    bool inWord = false;
    for (std::size_t offset = 0; offset < text.size();) {
        const char32_t codePoint = decodeAt(text, offset);
        const bool isWord = codePoint == '_' || isAlpha(codePoint) || isNumeric(codePoint);
        words += isWord && !inWord ? 1 : 0;
        inWord = isWord;
    }
    return Value::integer(words);
}

// The bytes that stand in an URL as they are; `slash` for a path, not for a query.
Result<std::string> quoteUrl(Runtime& runtime, const Value& value, bool query) {
    HEARTH_TRY(const std::string text, toText(runtime, value));
    HEARTH_CHECK(runtime.afford(text.size(), 3));
    std::string result;
    for (const char byte : text) {
        const auto code = static_cast<unsigned char>(byte);
        const bool plain = (code < 0x80 && std::isalnum(code) != 0) || "_.-~"sv.find(byte) != std::string_view::npos
                           || (byte == '/' && !query);
        if (plain)
            result += byte;
        else if (byte == ' ' && query)
            result += '+';
        else
            result += {'%', "0123456789ABCDEF"[code >> 4U], "0123456789ABCDEF"[code & 0xFU]};
    }
    return result;
}

Result<Value> filterUrlEncode(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("urlencode", arguments));
    if (self.isText() || !isIterable(self)) {
        HEARTH_TRY(std::string quoted, quoteUrl(runtime, self, false));
        return runtime.text(std::move(quoted));
    }
    const Value pairs = self.is(Kind::Dict) ? runtime.heap().make<DictView>(self, DictView::Part::Items) : self;
    HEARTH_TRY(const std::vector<Value> items, collect(runtime, pairs));
    std::string result;
    for (const Value& item : items) {
        HEARTH_TRY(const std::vector<Value> pair, collect(runtime, item));
        if (pair.size() != 2)
            return templateError("urlencode() needs pairs");
        HEARTH_TRY(const std::string key, quoteUrl(runtime, pair[0], true));
        HEARTH_TRY(const std::string value, quoteUrl(runtime, pair[1], true));
        result += (result.empty() ? "" : "&") + key + "=" + value;
    }
    return runtime.text(std::move(result));
}

Result<Value> filterToJson(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters,
               Parameters::bind("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"}));
    HEARTH_TRY(JsonStyle style, JsonStyle::from(runtime, parameters.value(1), parameters.value(2)));
    style.ensureAscii = parameters.truth(0, false);
    style.sortKeys = parameters.truth(3, false);
    HEARTH_TRY(std::string text, toJson(runtime, self, style));
    return runtime.text(std::move(text));
}

constexpr NamedBuiltin kFilters[] = {
    {"upper", mapped<toUpper>},         {"lower", mapped<toLower>},     {"capitalize", mapped<toCapitalized>},
    {"title", mapped<titleWords>},      {"string", filterString},       {"trim", filterTrim},
    {"replace", filterReplace},         {"escape", filterEscape},       {"e", filterEscape},
    {"forceescape", filterForceEscape}, {"safe", filterSafe},           {"format", filterFormat},
    {"wordcount", filterWordCount},     {"urlencode", filterUrlEncode}, {"tojson", filterToJson},
};

} // namespace

std::span<const NamedBuiltin> textFilters() {
    return kFilters;
}

} // namespace hearth::jinja
