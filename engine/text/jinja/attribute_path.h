#pragma once

#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/runtime.h"

#include <vector>

namespace hearth::jinja {

/// The `attribute` argument of map, sort and others: "address.city" or an index, followed item by item.
/// Thread: that of the render.
class AttributePath {
public:
    /// `attribute` None: the item itself. `fallback` (None: there is none) stands for what is undefined on the way.
    AttributePath(Runtime& runtime, const Value& attribute, Value fallback = Value());

    [[nodiscard]] Result<Value> follow(Runtime& runtime, const Value& item) const;

private:
    std::vector<Value> m_parts;
    Value m_fallback;
};

/// A text in lower case, any other value as it is: how filters compare unless told to be case-sensitive.
[[nodiscard]] Value withoutCase(Runtime& runtime, const Value& value);

/// An item and what it is sorted by.
struct Keyed {
    Value key;
    Value item;
};
/// Sorts stably by key as Python's sorted(), `descending` keeping the order of equals too.
/// Errors: InvalidInput for keys that have no order; limits.
[[nodiscard]] Status sortByKey(Runtime& runtime, std::vector<Keyed>& items, bool descending);

} // namespace hearth::jinja
