#pragma once

#include "engine/text/jinja/runtime.h"

#include <optional>
#include <string>

namespace hearth::jinja {

/// How toJson() writes. The defaults are those of Python's json.dumps as transformers calls it.
struct JsonStyle {
    std::optional<std::string> indent; ///< of one level; none: all on one line
    std::string itemSeparator = ", ";
    std::string keySeparator = ": ";
    bool ensureAscii = false;
    bool sortKeys = false;

    /// From the filter's arguments: `indent` none, a number of spaces or a text; `separators` none or a pair.
    /// Errors: InvalidInput for other types.
    [[nodiscard]] static Result<JsonStyle> from(Runtime& runtime, const Value& indent, const Value& separators);
};

/// json.dumps(value): dicts, lists, tuples, texts, numbers, booleans, none. Characters of HTML are not escaped.
/// Errors: InvalidInput for what JSON has no form of (undefined above all); limits. Thread: that of the render.
[[nodiscard]] Result<std::string> toJson(Runtime& runtime, const Value& value, const JsonStyle& style);

} // namespace hearth::jinja
