#pragma once

#include "engine/text/jinja/objects.h"
#include "engine/text/jinja/runtime.h"
#include "kernels/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::jinja {

/// What Python and Jinja do with values, one function per idea. All may fail with InvalidInput: a wrong type (the
/// message is like Python's), a limit. Thread: that of the render.

/// bool(value).
[[nodiscard]] bool isTrue(const Value& value);
/// len(value).
[[nodiscard]] Result<Integer> lengthOf(Runtime& runtime, const Value& value);
/// iter(value): lists, tuples, dicts (their keys), views, texts (characters), ranges, iterators, undefined (nothing).
[[nodiscard]] Result<Cursor> iterate(Runtime& runtime, const Value& value);
[[nodiscard]] bool isIterable(const Value& value);
/// list(value).
[[nodiscard]] Result<std::vector<Value>> collect(Runtime& runtime, const Value& value);

/// str(value), appended.
[[nodiscard]] Status appendText(Runtime& runtime, const Value& value, std::string& output);
[[nodiscard]] Result<std::string> toText(Runtime& runtime, const Value& value);
/// repr(value), appended.
[[nodiscard]] Status appendRepr(Runtime& runtime, const Value& value, std::string& output);
/// The string as a Python literal.
void appendQuoted(std::string_view text, std::string& output);

/// left == right.
[[nodiscard]] Result<bool> equals(Runtime& runtime, const Value& left, const Value& right);
/// -1, 0, 1 for left < right, equal, greater; 2 for unordered (NaN). Errors: types that have no order.
[[nodiscard]] Result<int> order(Runtime& runtime, const Value& left, const Value& right, std::string_view symbol);
/// item in container.
[[nodiscard]] Result<bool> contains(Runtime& runtime, const Value& container, const Value& item);
/// left is right.
[[nodiscard]] bool isSame(const Value& left, const Value& right);
/// Equal values have equal hashes. Errors: values that can change (list, dict) have none.
[[nodiscard]] Result<std::size_t> hashOf(const Value& value);
[[nodiscard]] std::size_t hashOf(std::string_view text);
/// Equality of hashable values; keys of a dict are such.
[[nodiscard]] bool sameKey(const Value& left, const Value& right);

/// value.name in a template: the attribute, else the item.
[[nodiscard]] Result<Value> getAttribute(Runtime& runtime, const Value& object, std::string_view name);
/// The attribute alone, items not looked at.
[[nodiscard]] Result<Value> getAttributeOnly(Runtime& runtime, const Value& object, std::string_view name);
/// value[key] in a template: the item, else the attribute.
[[nodiscard]] Result<Value> getItem(Runtime& runtime, const Value& object, const Value& key);
/// value[start:stop:step]; each may be None.
[[nodiscard]] Result<Value> getSlice(Runtime& runtime, const Value& object, const Value& start, const Value& stop,
                                     const Value& step);

/// An error if the value is undefined: the value's own message.
[[nodiscard]] Status requireDefined(const Value& value);
/// "unsupported …": the error for a value of the wrong type.
[[nodiscard]] Error wrongType(std::string_view what, const Value& value);

/// Text made safe for HTML: & < > ' ".
[[nodiscard]] std::string escapeHtml(std::string_view text);
/// What text `part` contributes when it is put into text `model`: escaped if only `model` is markup.
[[nodiscard]] std::string escapedFor(const Value& model, const Value& part);

} // namespace hearth::jinja
