#include "engine/text/jinja/operations.h"

#include "engine/text/jinja/numbers.h"

#include <cmath>
#include <functional>

#include <cstring>

namespace hearth::jinja {
namespace {

// -1, 0, 1, or 2 if one is NaN; exact also where an int has no float of its value.
int orderNumbers(const Value& left, const Value& right) {
    const auto sign = [](auto a, auto b) { return a < b ? -1 : a > b ? 1 : 0; };
    if (left.isIntegral() && right.isIntegral())
        return sign(left.asInteger(), right.asInteger());
    const double leftReal = left.asReal();
    const double rightReal = right.asReal();
    if (std::isnan(leftReal) || std::isnan(rightReal))
        return 2;
    if (leftReal != rightReal || (left.is(Kind::Float) && right.is(Kind::Float)))
        return sign(leftReal, rightReal);
    // The int rounded to the float's value: compare without rounding.
    if (left.isIntegral()) {
        const auto whole = truncate(rightReal);
        return whole ? sign(left.asInteger(), *whole) : -1;
    }
    const auto whole = truncate(leftReal);
    return whole ? sign(*whole, right.asInteger()) : 1;
}

Result<bool> equalItems(Runtime& runtime, const std::vector<Value>& left, const std::vector<Value>& right) {
    if (left.size() != right.size())
        return false;
    for (std::size_t index = 0; index < left.size(); ++index) {
        HEARTH_TRY(const bool same, equals(runtime, left[index], right[index]));
        if (!same)
            return false;
    }
    return true;
}

Result<bool> equalDicts(Runtime& runtime, const Dict& left, const Dict& right) {
    if (left.size() != right.size())
        return false;
    for (const Dict::Entry& entry : left.entries()) {
        HEARTH_TRY(const Value* other, right.find(entry.key));
        if (other == nullptr)
            return false;
        HEARTH_TRY(const bool same, equals(runtime, entry.value, *other));
        if (!same)
            return false;
    }
    return true;
}

Result<int> orderItems(Runtime& runtime, const std::vector<Value>& left, const std::vector<Value>& right,
                       std::string_view symbol) {
    for (std::size_t index = 0; index < left.size() && index < right.size(); ++index) {
        HEARTH_TRY(const bool same, equals(runtime, left[index], right[index]));
        if (!same)
            return order(runtime, left[index], right[index], symbol);
    }
    return left.size() < right.size() ? -1 : left.size() > right.size() ? 1 : 0;
}

bool equalRanges(const Range& left, const Range& right) {
    if (left.size() != right.size())
        return false;
    return left.size() == 0 || (left.start == right.start && (left.size() == 1 || left.step == right.step));
}

Result<bool> rangeContains(const Range& range, const Value& item) {
    if (!item.isNumber() || (item.is(Kind::Float) && item.asReal() != std::floor(item.asReal())))
        return false;
    const auto number = item.is(Kind::Float) ? truncate(item.asReal()) : std::optional<Integer>(item.asInteger());
    if (!number || range.size() == 0)
        return false;
    const Integer last = range.start + (range.size() - 1) * range.step;
    const Integer low = range.step > 0 ? range.start : last;
    const Integer high = range.step > 0 ? last : range.start;
    return *number >= low && *number <= high && (*number - range.start) % range.step == 0;
}

} // namespace

Result<bool> equals(Runtime& runtime, const Value& left, const Value& right) {
    HEARTH_CHECK(runtime.step());
    if (left.isNumber() && right.isNumber())
        return orderNumbers(left, right) == 0;
    if (left.kind() != right.kind())
        return false;
    if (left.isText()) {
        HEARTH_CHECK(runtime.step(textOf(left).size() / 1024));
        return textOf(left) == textOf(right);
    }
    const DepthScope depth(runtime);
    HEARTH_CHECK(depth.check());
    switch (left.kind()) {
    case Kind::Undefined:
    case Kind::None:
        return true;
    case Kind::List:
        return equalItems(runtime, left.as<List>().items, right.as<List>().items);
    case Kind::Tuple:
        return equalItems(runtime, left.as<Tuple>().items, right.as<Tuple>().items);
    case Kind::Dict:
        return equalDicts(runtime, left.as<Dict>(), right.as<Dict>());
    case Kind::Range:
        return equalRanges(left.as<Range>(), right.as<Range>());
    default:
        return left.object() == right.object();
    }
}

Result<int> order(Runtime& runtime, const Value& left, const Value& right, std::string_view symbol) {
    HEARTH_CHECK(runtime.step());
    HEARTH_CHECK(requireDefined(left));
    HEARTH_CHECK(requireDefined(right));
    if (left.isNumber() && right.isNumber())
        return orderNumbers(left, right);
    const DepthScope depth(runtime);
    HEARTH_CHECK(depth.check());
    if (left.isText() && right.isText()) {
        // Bytes of UTF-8 are in the order of the code points.
        const int result = textOf(left).compare(textOf(right));
        return result < 0 ? -1 : result > 0 ? 1 : 0;
    }
    if (left.is(Kind::List) && right.is(Kind::List))
        return orderItems(runtime, left.as<List>().items, right.as<List>().items, symbol);
    if (left.is(Kind::Tuple) && right.is(Kind::Tuple))
        return orderItems(runtime, left.as<Tuple>().items, right.as<Tuple>().items, symbol);
    return templateError("'" + std::string(symbol) + "' is not supported between '" + std::string(typeName(left))
                         + "' and '" + std::string(typeName(right)) + "'");
}

Result<bool> contains(Runtime& runtime, const Value& container, const Value& item) {
    if (container.isText()) {
        if (!item.isText())
            return templateError("'in <string>' requires a string on its left, not '" + std::string(typeName(item))
                                 + "'");
        const std::string& text = textOf(container);
        const std::string& part = textOf(item);
        HEARTH_CHECK(runtime.step(1 + text.size() / 1024));
        return part.empty() || memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
    }
    if (container.is(Kind::Dict)
        || (container.is(Kind::DictView) && container.as<DictView>().part == DictView::Part::Keys)) {
        const Value& dict = container.is(Kind::Dict) ? container : container.as<DictView>().dict;
        HEARTH_TRY(const Value* found, dict.as<Dict>().find(item));
        return found != nullptr;
    }
    if (container.is(Kind::Range))
        return rangeContains(container.as<Range>(), item);
    if (!isIterable(container))
        return wrongType("'in' needs a container, not", container);
    HEARTH_TRY(Cursor cursor, iterate(runtime, container));
    Value candidate;
    while (true) {
        HEARTH_TRY(const bool more, cursor.next(runtime, candidate));
        if (!more)
            return false;
        HEARTH_TRY(const bool same, equals(runtime, candidate, item));
        if (same || isSame(candidate, item))
            return true;
    }
}

bool isSame(const Value& left, const Value& right) {
    if (left.kind() != right.kind())
        return false;
    switch (left.kind()) {
    case Kind::Missing:
    case Kind::None:
        return true;
    case Kind::Boolean:
    case Kind::Integer:
        return left.asInteger() == right.asInteger();
    case Kind::Float:
        return left.asReal() == right.asReal();
    case Kind::Text:
        return left.object() == right.object() || textOf(left) == textOf(right);
    default:
        return left.object() == right.object();
    }
}

std::size_t hashOf(std::string_view text) {
    return std::hash<std::string_view>()(text);
}

Result<std::size_t> hashOf(const Value& value) {
    switch (value.kind()) {
    case Kind::List:
    case Kind::Dict:
    case Kind::DictView:
        return templateError("a value of type '" + std::string(typeName(value)) + "' cannot be a key (unhashable)");
    case Kind::Missing:
    case Kind::Undefined:
    case Kind::None:
        return static_cast<std::size_t>(value.kind());
    case Kind::Boolean:
    case Kind::Integer:
    case Kind::Float:
        return std::hash<double>()(value.asReal()); // equal numbers are equal as floats
    case Kind::Text:
        return hashOf(std::string_view(textOf(value)));
    case Kind::Tuple: {
        constexpr std::int32_t kDeepestKey = 100;
        if (value.as<Tuple>().nesting > kDeepestKey)
            return templateError("a key nests more than " + std::to_string(kDeepestKey) + " tuples");
        std::size_t hash = 0x9E3779B97F4A7C15ULL;
        for (const Value& item : value.as<Tuple>().items) {
            HEARTH_TRY(const std::size_t part, hashOf(item));
            hash = hash * 31 + part;
        }
        return hash;
    }
    case Kind::Range:
        return static_cast<std::size_t>(value.as<Range>().size());
    default:
        return std::hash<const Object*>()(value.object());
    }
}

bool sameKey(const Value& left, const Value& right) {
    if (left.isNumber() && right.isNumber())
        return orderNumbers(left, right) == 0;
    if (left.is(Kind::Tuple) && right.is(Kind::Tuple)) {
        const auto& a = left.as<Tuple>().items;
        const auto& b = right.as<Tuple>().items;
        for (std::size_t index = 0; index < a.size() && index < b.size(); ++index)
            if (!sameKey(a[index], b[index]))
                return false;
        return a.size() == b.size();
    }
    if (left.isUndefined() && right.isUndefined())
        return true;
    return isSame(left, right);
}

} // namespace hearth::jinja
