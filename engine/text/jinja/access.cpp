#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/frames.h"
#include "engine/text/jinja/numbers.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>

namespace hearth::jinja {
namespace {

std::string ownerName(const Value& value) {
    return value.isNone() ? "None" : std::string(typeName(value)) + " object";
}

Value withheld(Runtime& runtime, const Value& object, std::string_view name) {
    return runtime.undefined("access to attribute '" + std::string(name) + "' of a value of type '"
                             + std::string(typeName(object)) + "' is unsafe");
}

Value noAttribute(Runtime& runtime, const Value& object, std::string_view name) {
    return runtime.undefined("'" + ownerName(object) + "' has no attribute '" + std::string(name) + "'");
}

// The attributes of a macro. Missing if there is none of that name.
Value macroAttribute(Runtime& runtime, const MacroFunction& function, std::string_view name) {
    if (name == "name")
        return function.name.empty() ? Value() : runtime.text(function.name);
    if (name == "arguments") {
        std::vector<Value> names;
        for (const Parameter& parameter : function.parameters)
            names.push_back(runtime.text(parameter.name));
        return runtime.tuple(std::move(names));
    }
    if (name == "catch_kwargs")
        return Value::boolean(function.kwargsSlot.has_value());
    if (name == "catch_varargs")
        return Value::boolean(function.varargsSlot.has_value());
    if (name == "caller")
        return Value::boolean(function.callerSlot.has_value());
    return Value::missing();
}

// The attribute proper, without looking at items. Missing if there is none.
Result<Value> ownAttribute(Runtime& runtime, const Value& object, std::string_view name) {
    if (isWithheld(object, name))
        return withheld(runtime, object, name);
    switch (object.kind()) {
    case Kind::Namespace: {
        const Value* value = object.as<Namespace>().attributes.as<Dict>().find(name);
        return value != nullptr ? *value : Value::missing();
    }
    case Kind::Loop: {
        HEARTH_TRY(Value value, object.as<Loop>().attribute(runtime, name));
        if (!value.isMissing())
            return value;
        break;
    }
    case Kind::Macro:
        return macroAttribute(runtime, object.as<Macro>().function, name);
    case Kind::Tuple: {
        const auto& tuple = object.as<Tuple>();
        if (tuple.group && (name == "grouper" || name == "list"))
            return tuple.items[name == "list" ? 1 : 0];
        break;
    }
    case Kind::Cycler:
        if (name == "current")
            return object.as<Cycler>().items[object.as<Cycler>().position];
        break;
    case Kind::Range:
        if (name == "start" || name == "stop" || name == "step") {
            const auto& range = object.as<Range>();
            return Value::integer(name == "start" ? range.start : name == "stop" ? range.stop : range.step);
        }
        break;
    default:
        break;
    }
    const NamedBuiltin* method = findMethod(object, name);
    return method != nullptr ? runtime.heap().make<Function>(method->name, method->call, object) : Value::missing();
}

// The position of an index that counts from the end if negative, or nothing if it is outside.
std::optional<std::size_t> position(Integer index, Integer length) {
    if (index < 0)
        index += length;
    if (index < 0 || index >= length)
        return std::nullopt;
    return static_cast<std::size_t>(index);
}

// The item of a sequence, or Missing.
Value itemAt(Runtime& runtime, const Value& object, Integer index) {
    switch (object.kind()) {
    case Kind::List:
    case Kind::Tuple: {
        const auto& items = object.is(Kind::List) ? object.as<List>().items : object.as<Tuple>().items;
        const auto found = position(index, static_cast<Integer>(items.size()));
        return found ? items[*found] : Value::missing();
    }
    case Kind::Text: {
        const auto& text = object.as<Text>();
        const auto found = position(index, static_cast<Integer>(text.length()));
        if (!found)
            return Value::missing();
        const bool ascii = text.length() == text.bytes.size();
        const std::size_t offset = ascii ? *found : byteOffset(text.bytes, *found);
        return runtime.textLike(object, text.bytes.substr(offset, characterBytes(text.bytes[offset])));
    }
    case Kind::Range: {
        const auto& range = object.as<Range>();
        const auto found = position(index, range.size());
        return found ? Value::integer(range.start + static_cast<Integer>(*found) * range.step) : Value::missing();
    }
    default:
        return Value::missing();
    }
}

struct SliceBounds {
    Integer start = 0;
    Integer stop = 0;
    Integer step = 1;
    Integer count = 0;
};

Result<std::optional<Integer>> sliceIndex(const Value& value) {
    if (value.isNone())
        return std::optional<Integer>();
    if (value.isIntegral())
        return std::optional<Integer>(value.asInteger());
    return wrongType("slice indices must be integers or none, not", value);
}

// Source: Python's slice.indices().
Result<SliceBounds> sliceBounds(const Value& start, const Value& stop, const Value& step, Integer length) {
    constexpr Integer kFar = Integer{1} << 62; // beyond any length, and safe to add to
    const auto clampFar = [&](Integer value) { return std::clamp(value, -kFar, kFar); };
    HEARTH_TRY(const auto givenStart, sliceIndex(start));
    HEARTH_TRY(const auto givenStop, sliceIndex(stop));
    HEARTH_TRY(const auto givenStep, sliceIndex(step));
    SliceBounds bounds;
    bounds.step = clampFar(givenStep.value_or(1));
    if (bounds.step == 0)
        return templateError("a slice's step cannot be zero");
    const bool backward = bounds.step < 0;
    const Integer lowest = backward ? -1 : 0;
    const Integer highest = backward ? length - 1 : length;
    const auto place = [&](const std::optional<Integer>& given, Integer fallback) {
        if (!given)
            return fallback;
        const Integer index = clampFar(*given);
        return std::clamp(index < 0 ? index + length : index, lowest, highest);
    };
    bounds.start = place(givenStart, backward ? highest : lowest);
    bounds.stop = place(givenStop, backward ? lowest : highest);
    if (backward ? bounds.stop < bounds.start : bounds.start < bounds.stop)
        bounds.count = backward ? (bounds.start - bounds.stop - 1) / -bounds.step + 1
                                : (bounds.stop - bounds.start - 1) / bounds.step + 1;
    return bounds;
}

Result<std::vector<Value>> sliceItems(Runtime& runtime, const std::vector<Value>& items, const SliceBounds& bounds) {
    HEARTH_CHECK(runtime.step(static_cast<std::uint64_t>(bounds.count)));
    HEARTH_CHECK(runtime.afford(static_cast<std::size_t>(bounds.count), sizeof(Value)));
    std::vector<Value> result;
    result.reserve(static_cast<std::size_t>(bounds.count));
    for (Integer index = 0; index < bounds.count; ++index)
        result.push_back(items[static_cast<std::size_t>(bounds.start + index * bounds.step)]);
    return result;
}

Result<Value> sliceText(Runtime& runtime, const Value& object, const SliceBounds& bounds) {
    const auto& text = object.as<Text>();
    HEARTH_CHECK(runtime.step(text.bytes.size() / 256));
    HEARTH_CHECK(runtime.afford(text.bytes.size()));
    if (bounds.step == 1) {
        const std::size_t from = byteOffset(text.bytes, static_cast<std::size_t>(bounds.start));
        const std::string_view rest = std::string_view(text.bytes).substr(from);
        return runtime.textLike(object,
                                std::string(rest.substr(0, byteOffset(rest, static_cast<std::size_t>(bounds.count)))));
    }
    HEARTH_CHECK(runtime.afford(text.bytes.size(), sizeof(char32_t)));
    std::u32string codePoints;
    for (std::size_t offset = 0; offset < text.bytes.size();)
        codePoints += decodeAt(text.bytes, offset);
    std::string result;
    for (Integer index = 0; index < bounds.count; ++index)
        appendUtf8(result, codePoints[static_cast<std::size_t>(bounds.start + index * bounds.step)]);
    return runtime.textLike(object, std::move(result));
}

} // namespace

Status requireDefined(const Value& value) {
    // An undefined value holds its message.
    return value.isUndefined() ? Status(templateError(static_cast<const Text*>(value.object())->bytes)) : Status();
}

Error wrongType(std::string_view what, const Value& value) {
    if (value.isUndefined())
        return templateError(static_cast<const Text*>(value.object())->bytes);
    return templateError(std::string(what) + " '" + std::string(typeName(value)) + "'");
}

Result<Value> getAttribute(Runtime& runtime, const Value& object, std::string_view name) {
    HEARTH_CHECK(requireDefined(object));
    HEARTH_TRY(Value value, ownAttribute(runtime, object, name));
    if (!value.isMissing())
        return value;
    if (object.is(Kind::Dict))
        if (const Value* item = object.as<Dict>().find(name))
            return *item;
    return noAttribute(runtime, object, name);
}

Result<Value> getAttributeOnly(Runtime& runtime, const Value& object, std::string_view name) {
    HEARTH_CHECK(requireDefined(object));
    HEARTH_TRY(Value value, ownAttribute(runtime, object, name));
    return value.isMissing() ? noAttribute(runtime, object, name) : value;
}

Result<Value> getItem(Runtime& runtime, const Value& object, const Value& key) {
    HEARTH_CHECK(requireDefined(object));
    if (object.is(Kind::Dict)) {
        const auto found = object.as<Dict>().find(key);
        if (found.ok() && *found != nullptr)
            return **found;
    } else if (key.isIntegral()) {
        Value item = itemAt(runtime, object, key.asInteger());
        if (!item.isMissing())
            return item;
    }
    if (key.isText())
        return getAttributeOnly(runtime, object, textOf(key));
    std::string hint = ownerName(object) + " has no element ";
    HEARTH_CHECK(appendRepr(runtime, key, hint));
    return runtime.undefined(std::move(hint));
}

Result<Value> getSlice(Runtime& runtime, const Value& object, const Value& start, const Value& stop,
                       const Value& step) {
    const bool sliceable = object.isText() || object.is(Kind::List) || object.is(Kind::Tuple) || object.is(Kind::Range);
    if (!sliceable)
        return wrongType("there are no slices of", object);
    HEARTH_TRY(const Integer length, lengthOf(runtime, object));
    HEARTH_TRY(const SliceBounds bounds, sliceBounds(start, stop, step, length));
    if (object.isText())
        return sliceText(runtime, object, bounds);
    if (object.is(Kind::Range)) {
        const auto& range = object.as<Range>();
        return runtime.heap().make<Range>(range.start + bounds.start * range.step,
                                          range.start + bounds.stop * range.step, range.step * bounds.step);
    }
    if (object.is(Kind::List)) {
        HEARTH_TRY(std::vector<Value> items, sliceItems(runtime, object.as<List>().items, bounds));
        return runtime.list(std::move(items));
    }
    HEARTH_TRY(std::vector<Value> items, sliceItems(runtime, object.as<Tuple>().items, bounds));
    return runtime.tuple(std::move(items));
}

} // namespace hearth::jinja
