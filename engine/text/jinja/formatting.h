#pragma once

#include "engine/text/jinja/objects.h"
#include "engine/text/jinja/runtime.h"

#include <string>
#include <string_view>
#include <vector>

namespace hearth::jinja {

/// Texts taken apart, padded and filled in, as Python's str does it. All give InvalidInput for wrong types and limits.
/// Thread: that of the render.

/// text % values: %s %r %d %x %.2f and the others; `values` is a tuple, a dict for %(name)s, or one value.
[[nodiscard]] Result<Value> formatPercent(Runtime& runtime, const Value& text, const Value& values);
/// text.format(...): {} {0} {name.attribute[index]!r:>8}.
[[nodiscard]] Result<Value> formatBraces(Runtime& runtime, const Value& text, const Arguments& arguments);
/// format(value, specification): [[fill]align][sign][#][0][width][,][.precision][type].
[[nodiscard]] Result<std::string> formatValue(Runtime& runtime, const Value& value, std::string_view specification);

/// Center as str.center() does it, Middle as format() does: they differ in where an odd space goes.
enum class Align : std::uint8_t { Left, Right, Center, Middle };
/// Padded with `fill` to `width` code points.
[[nodiscard]] Result<std::string> padText(Runtime& runtime, std::string_view text, Integer width, char32_t fill,
                                          Align align);

/// Up to `count` (-1: all) occurrences replaced from the left; an empty `from` is found around every character.
[[nodiscard]] Result<std::string> replaceAll(Runtime& runtime, std::string_view text, std::string_view from,
                                             std::string_view to, Integer count);
/// Where `part` first occurs from byte `start` on, or npos; linear whatever the texts are.
[[nodiscard]] std::size_t findText(std::string_view text, std::string_view part, std::size_t start);

/// str.splitlines(): `keepEnds` leaves the line breaks on.
[[nodiscard]] std::vector<std::string_view> splitLines(std::string_view text, bool keepEnds);
/// str.split() without arguments.
[[nodiscard]] std::vector<std::string_view> splitSpaces(std::string_view text);

} // namespace hearth::jinja
