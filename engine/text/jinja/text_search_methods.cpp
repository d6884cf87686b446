#include "engine/text/jinja/arguments.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/formatting.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>

namespace hearth::jinja {
namespace {

/// The part of a text that the optional start and end of find() and others mark.
struct Window {
    std::string_view text;
    Integer start = 0; ///< in code points
    bool valid = true; ///< false if start lies beyond the end: then not even "" is found
};

Result<Integer> bound(const Parameters& parameters, std::size_t index, Integer fallback, Integer length) {
    if (parameters.value(index).isNone())
        return fallback;
    HEARTH_TRY(const Integer given, parameters.integer(index, fallback));
    return given < 0 ? std::max<Integer>(given + length, 0) : given;
}

Result<Window> windowOf(Runtime& runtime, const Value& self, const Parameters& parameters) {
    const auto& text = self.as<Text>();
    HEARTH_CHECK(runtime.step(1 + text.bytes.size() / 1024));
    if (!parameters.given(1) && !parameters.given(2))
        return Window{text.bytes, 0, true};
    const auto length = static_cast<Integer>(text.length());
    HEARTH_TRY(const Integer start, bound(parameters, 1, 0, length));
    HEARTH_TRY(const Integer end, bound(parameters, 2, length, length));
    const Integer last = std::min(end, length);
    if (start > last)
        return Window{{}, start, false};
    const std::size_t from = byteOffset(text.bytes, static_cast<std::size_t>(start));
    const std::string_view rest = std::string_view(text.bytes).substr(from);
    return Window{rest.substr(0, byteOffset(rest, static_cast<std::size_t>(last - start))), start, true};
}

// Where the part occurs in the text, in code points; -1 if nowhere.
template <bool fromRight>
Result<Integer> locate(Runtime& runtime, const Value& self, const Arguments& arguments, std::string_view name) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind(name, arguments, {"/sub", "/start", "/end"}, 1));
    HEARTH_TRY(const std::string part, parameters.text(0, {}));
    HEARTH_TRY(const Window window, windowOf(runtime, self, parameters));
    if (!window.valid)
        return Integer{-1};
    if (fromRight) // compares at every place in the worst case
        HEARTH_CHECK(runtime.step(window.text.size() * std::min(part.size(), window.text.size()) / 1024));
    const std::size_t found = fromRight ? window.text.rfind(part) : findText(window.text, part, 0);
    if (found == std::string_view::npos)
        return Integer{-1};
    return window.start + static_cast<Integer>(codePointCount(window.text.substr(0, found)));
}

template <bool fromRight>
Result<Value> find(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Integer place, locate<fromRight>(runtime, self, arguments, fromRight ? "rfind" : "find"));
    return Value::integer(place);
}

template <bool fromRight>
Result<Value> index(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Integer place, locate<fromRight>(runtime, self, arguments, fromRight ? "rindex" : "index"));
    return place < 0 ? Result<Value>(templateError("substring not found")) : Value::integer(place);
}

Result<Value> count(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("count", arguments, {"/sub", "/start", "/end"}, 1));
    HEARTH_TRY(const std::string part, parameters.text(0, {}));
    HEARTH_TRY(const Window window, windowOf(runtime, self, parameters));
    if (!window.valid)
        return Value::integer(0);
    if (part.empty())
        return Value::integer(static_cast<Integer>(codePointCount(window.text)) + 1);
    Integer total = 0;
    for (std::size_t found = 0; (found = findText(window.text, part, found)) != std::string_view::npos;
         found += part.size())
        ++total;
    return Value::integer(total);
}

template <bool atEnd>
Result<Value> affix(Runtime& runtime, const Value& self, const Arguments& arguments) {
    constexpr std::string_view kName = atEnd ? "endswith" : "startswith";
    HEARTH_TRY(const Parameters parameters, Parameters::bind(kName, arguments, {"/affix", "/start", "/end"}, 1));
    HEARTH_TRY(const Window window, windowOf(runtime, self, parameters));
    const Value given = parameters.value(0);
    const std::vector<Value> affixes = given.is(Kind::Tuple) ? given.as<Tuple>().items : std::vector<Value>{given};
    for (const Value& value : affixes) {
        HEARTH_CHECK(runtime.step());
        if (!value.isText())
            return wrongType(std::string(kName) + "() needs a string or a tuple of strings, not", value);
        if (window.valid && (atEnd ? window.text.ends_with(textOf(value)) : window.text.starts_with(textOf(value))))
            return Value::boolean(true);
    }
    return Value::boolean(false);
}

template <bool atEnd>
Result<Value> removeAffix(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters,
               Parameters::bind(atEnd ? "removesuffix" : "removeprefix", arguments, {"/affix"}, 1));
    HEARTH_TRY(const std::string affixText, parameters.text(0, {}));
    std::string_view text = textOf(self);
    if (atEnd && text.ends_with(affixText))
        text.remove_suffix(affixText.size());
    else if (!atEnd && text.starts_with(affixText))
        text.remove_prefix(affixText.size());
    return runtime.textLike(self, std::string(text));
}

template <bool start, bool end>
Result<Value> strip(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("strip", arguments, {"/chars"}));
    const bool byCharacters = !parameters.value(0).isNone();
    HEARTH_TRY(const std::string characters,
               byCharacters ? parameters.text(0, {}) : Result<std::string>(std::string()));
    HEARTH_CHECK(runtime.step(textOf(self).size() * characters.size() / 64));
    const std::string* set = byCharacters ? &characters : nullptr;
    std::string_view text = textOf(self);
    text = start ? stripStart(text, set) : text;
    text = end ? stripEnd(text, set) : text;
    return runtime.textLike(self, std::string(text));
}

Result<Value> replace(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("replace", arguments, {"/old", "/new", "/count"}, 2));
    for (const Value& part : {parameters.value(0), parameters.value(1)})
        if (!part.isText())
            return wrongType("replace() needs strings, not", part);
    HEARTH_TRY(const Integer most, parameters.integer(2, -1));
    HEARTH_TRY(std::string result, replaceAll(runtime, textOf(self), textOf(parameters.value(0)),
                                              escapedFor(self, parameters.value(1)), most));
    return runtime.textLike(self, std::move(result));
}

constexpr NamedBuiltin kMethods[] = {
    {"find", find<false>},
    {"rfind", find<true>},
    {"index", index<false>},
    {"rindex", index<true>},
    {"count", count},
    {"startswith", affix<false>},
    {"endswith", affix<true>},
    {"removeprefix", removeAffix<false>},
    {"removesuffix", removeAffix<true>},
    {"strip", strip<true, true>},
    {"lstrip", strip<true, false>},
    {"rstrip", strip<false, true>},
    {"replace", replace},
};

} // namespace

std::span<const NamedBuiltin> textSearchMethods() {
    return kMethods;
}

} // namespace hearth::jinja
