#include "engine/text/jinja/arguments.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/formatting.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>

namespace hearth::jinja {
namespace {

constexpr Integer kWidest = Integer{1} << 40; // beyond what any budget affords

Result<std::string> spaces(Runtime& runtime, Integer count) {
    const auto width = static_cast<std::size_t>(std::clamp<Integer>(count, 0, kWidest));
    HEARTH_CHECK(runtime.afford(width));
    return std::string(width, ' ');
}

// Lines after the first (or all) indented; empty ones only if `blank`.
Result<Value> filterIndent(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("indent", arguments, {"width", "first", "blank"}));
    std::string indention;
    if (parameters.given(0) && parameters.value(0).isText()) {
        indention = textOf(parameters.value(0));
    } else {
        HEARTH_TRY(const Integer width, parameters.integer(0, 4));
        HEARTH_TRY(indention, spaces(runtime, width));
    }
    if (!self.isText())
        return wrongType("indent() needs a string, not", self);
    const bool blank = parameters.truth(2, false);
    const std::vector<std::string_view> lines = splitLines(textOf(self), false);
    HEARTH_CHECK(runtime.step(lines.size()));
    HEARTH_CHECK(runtime.afford(lines.size() + 1, indention.size() + 1));
    std::string result = parameters.truth(1, false) ? indention : std::string();
    // A line break at the very end counts as one more, empty line.
    const std::string_view text = textOf(self);
    const bool endsOpen = !lines.empty() && lines.back().data() + lines.back().size() != text.data() + text.size()
                          && !text.ends_with('\r');
    for (std::size_t index = 0; index < lines.size(); ++index) {
        if (index > 0)
            result += "\n" + (blank || !lines[index].empty() ? indention : std::string());
        result += lines[index];
    }
    if (endsOpen)
        result += "\n" + (blank ? indention : std::string());
    return runtime.textLike(self, std::move(result));
}

Result<Value> filterCenter(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("center", arguments, {"width"}));
    HEARTH_TRY(const Integer width, parameters.integer(0, 80));
    HEARTH_TRY(const std::string text, toText(runtime, self));
    HEARTH_TRY(std::string padded, padText(runtime, text, width, U' ', Align::Center));
    return runtime.text(std::move(padded));
}

Result<Value> filterTruncate(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters,
               Parameters::bind("truncate", arguments, {"length", "killwords", "end", "leeway"}));
    HEARTH_TRY(const Integer length, parameters.integer(0, 255));
    HEARTH_TRY(const std::string end, parameters.text(2, "..."));
    HEARTH_TRY(const Integer leeway,
               parameters.value(3).isNone() ? Result<Integer>(Integer{5}) : parameters.integer(3, 5));
    const auto endLength = static_cast<Integer>(codePointCount(end));
    if (length < endLength || leeway < 0)
        return templateError("truncate(): the length must be at least that of the end, and the leeway not negative");
    HEARTH_TRY(const Integer size, lengthOf(runtime, self));
    if (size <= length || size - length <= leeway)
        return self;
    if (!self.isText())
        return wrongType("truncate() needs a string, not", self);
    std::string kept = textOf(self).substr(0, byteOffset(textOf(self), static_cast<std::size_t>(length - endLength)));
    if (!parameters.truth(1, false))
        kept = kept.substr(0, kept.rfind(' '));
    return runtime.textLike(self, kept + end);
}

// Without tags and comments, runs of spaces joined, and the commonest entities resolved.
Result<Value> filterStripTags(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("striptags", arguments));
    HEARTH_TRY(const std::string text, toText(runtime, self));
    std::string plain;
    for (std::size_t offset = 0; offset < text.size();) {
        const bool comment = text.compare(offset, 4, "<!--") == 0;
        const std::size_t close = text[offset] != '<' ? std::string::npos : text.find(comment ? "-->" : ">", offset);
        if (close == std::string::npos)
            plain += text[offset++];
        else
            offset = close + (comment ? 3 : 1);
    }
    std::string joined;
    for (const std::string_view word : splitSpaces(plain))
        joined += (joined.empty() ? "" : " ") + std::string(word);
    constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&#34;", "\""}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
    for (const auto& [entity, character] : kEntities) {
        HEARTH_TRY(joined, replaceAll(runtime, joined, entity, character, -1));
    }
    return runtime.text(std::move(joined));
}

constexpr NamedBuiltin kFilters[] = {
    {"indent", filterIndent},
    {"center", filterCenter},
    {"truncate", filterTruncate},
    {"striptags", filterStripTags},
};

} // namespace

std::span<const NamedBuiltin> wrapFilters() {
    return kFilters;
}

} // namespace hearth::jinja
