#include "engine/text/jinja/arguments.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/formatting.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>

namespace hearth::jinja {
namespace {

Result<Value> toList(Runtime& runtime, const Value& self, const std::vector<std::string_view>& parts) {
    HEARTH_CHECK(runtime.step(parts.size()));
    HEARTH_CHECK(runtime.afford(parts.size(), sizeof(Text) + 2 * sizeof(Value)));
    std::vector<Value> items;
    items.reserve(parts.size());
    for (const std::string_view part : parts)
        items.push_back(runtime.textLike(self, std::string(part)));
    return runtime.list(std::move(items));
}

// At most `most` splits (negative: all) at white space. What is left over keeps its inner spaces, and the outer ones on
// the side that was not reached.
std::vector<std::string_view> splitAtSpaces(std::string_view text, Integer most, bool fromRight) {
    std::vector<std::string_view> words = splitSpaces(text);
    if (most < 0 || static_cast<Integer>(words.size()) <= most)
        return words;
    const auto kept = static_cast<std::ptrdiff_t>(most);
    if (fromRight) {
        const std::string_view& last = words[words.size() - static_cast<std::size_t>(kept) - 1];
        const std::string_view rest = text.substr(0, static_cast<std::size_t>(last.data() + last.size() - text.data()));
        words.erase(words.begin(), words.end() - kept);
        words.insert(words.begin(), rest);
    } else {
        const std::string_view rest =
            text.substr(static_cast<std::size_t>(words[static_cast<std::size_t>(kept)].data() - text.data()));
        words.erase(words.begin() + kept, words.end());
        words.push_back(rest);
    }
    return words;
}

std::vector<std::string_view> splitAt(std::string_view text, std::string_view separator, Integer most) {
    std::vector<std::string_view> parts;
    std::size_t start = 0;
    while (most < 0 || static_cast<Integer>(parts.size()) < most) {
        const std::size_t found = findText(text, separator, start);
        if (found == std::string_view::npos)
            break;
        parts.push_back(text.substr(start, found - start));
        start = found + separator.size();
    }
    parts.push_back(text.substr(start));
    return parts;
}

std::vector<std::string_view> splitAtFromRight(std::string_view text, std::string_view separator, Integer most) {
    std::vector<std::string_view> parts;
    while (most < 0 || static_cast<Integer>(parts.size()) < most) {
        const std::size_t found = text.rfind(separator);
        if (found == std::string_view::npos)
            break;
        parts.push_back(text.substr(found + separator.size()));
        text = text.substr(0, found);
    }
    parts.push_back(text);
    std::reverse(parts.begin(), parts.end());
    return parts;
}

template <bool fromRight>
Result<Value> split(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters,
               Parameters::bind(fromRight ? "rsplit" : "split", arguments, {"sep", "maxsplit"}));
    HEARTH_TRY(const Integer most, parameters.integer(1, -1));
    const std::string& text = textOf(self);
    HEARTH_CHECK(runtime.step(text.size() / 256));
    HEARTH_CHECK(runtime.afford(text.size(), 16)); // one part may be one byte
    if (parameters.value(0).isNone())
        return toList(runtime, self, splitAtSpaces(text, most, fromRight));
    HEARTH_TRY(const std::string separator, parameters.text(0, {}));
    if (separator.empty())
        return templateError("split() needs a separator that is not empty");
    if (!fromRight)
        return toList(runtime, self, splitAt(text, separator, most));
    HEARTH_CHECK(runtime.step(text.size() * std::min(separator.size(), text.size()) / 1024));
    return toList(runtime, self, splitAtFromRight(text, separator, most));
}

Result<Value> splitIntoLines(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("splitlines", arguments, {"keepends"}));
    HEARTH_CHECK(runtime.afford(textOf(self).size(), 16));
    return toList(runtime, self, splitLines(textOf(self), parameters.truth(0, false)));
}

template <bool fromRight>
Result<Value> partition(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters,
               Parameters::bind(fromRight ? "rpartition" : "partition", arguments, {"/sep"}, 1));
    HEARTH_TRY(const std::string separator, parameters.text(0, {}));
    if (separator.empty())
        return templateError("partition() needs a separator that is not empty");
    const std::string_view text = textOf(self);
    if (fromRight)
        HEARTH_CHECK(runtime.step(text.size() * std::min(separator.size(), text.size()) / 1024));
    const std::size_t found = fromRight ? text.rfind(separator) : findText(text, separator, 0);
    const auto part = [&](std::string_view piece) { return runtime.textLike(self, std::string(piece)); };
    if (found == std::string_view::npos)
        return runtime.tuple(fromRight ? std::vector<Value>{part({}), part({}), self}
                                       : std::vector<Value>{self, part({}), part({})});
    return runtime.tuple({part(text.substr(0, found)), part(separator), part(text.substr(found + separator.size()))});
}

Result<Value> join(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("join", arguments, {"/iterable"}, 1));
    HEARTH_TRY(Cursor cursor, iterate(runtime, parameters.value(0)));
    std::string joined;
    Value item;
    for (bool first = true;; first = false) {
        HEARTH_TRY(const bool more, cursor.next(runtime, item));
        if (!more)
            return runtime.textLike(self, std::move(joined));
        if (!item.isText())
            return wrongType("join() needs strings, not", item);
        if (!first)
            joined += textOf(self);
        joined += escapedFor(self, item);
        HEARTH_CHECK(runtime.afford(joined.size()));
    }
}

Result<Value> formatMapping(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("format_map", arguments, {"/mapping"}, 1));
    if (!parameters.value(0).is(Kind::Dict))
        return wrongType("format_map() needs a mapping, not", parameters.value(0));
    Arguments named;
    for (const Dict::Entry& entry : parameters.value(0).as<Dict>().entries())
        if (entry.key.isText())
            named.named.emplace_back(textOf(entry.key), entry.value);
    return formatBraces(runtime, self, named);
}

constexpr NamedBuiltin kMethods[] = {
    {"split", split<false>},         {"rsplit", split<true>},         {"splitlines", splitIntoLines},
    {"partition", partition<false>}, {"rpartition", partition<true>}, {"join", join},
    {"format", formatBraces},        {"format_map", formatMapping},
};

} // namespace

std::span<const NamedBuiltin> textSplitMethods() {
    return kMethods;
}

} // namespace hearth::jinja
