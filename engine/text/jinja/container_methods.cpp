#include "engine/text/jinja/arguments.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/frames.h"
#include "engine/text/jinja/operations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace hearth::jinja {
namespace {

template <DictView::Part part>
Result<Value> dictView(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("the method", arguments));
    return runtime.heap().make<DictView>(self, part);
}

Result<Value> dictGet(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("get", arguments, {"/key", "/default"}, 1));
    HEARTH_TRY(const Value* found, self.as<Dict>().find(parameters.value(0)));
    return found != nullptr ? *found : parameters.value(1);
}

Result<Value> dictCopy(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("copy", arguments));
    const Value copy = runtime.dict();
    HEARTH_CHECK(runtime.step(self.as<Dict>().size()));
    for (const Dict::Entry& entry : self.as<Dict>().entries())
        HEARTH_CHECK(copy.as<Dict>().set(entry.key, entry.value));
    return copy;
}

const std::vector<Value>& itemsOf(const Value& sequence) {
    return sequence.is(Kind::List) ? sequence.as<List>().items : sequence.as<Tuple>().items;
}

Result<Value> sequenceIndex(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("index", arguments, {"/value", "/start", "/stop"}, 1));
    const std::vector<Value>& items = itemsOf(self);
    const auto size = static_cast<Integer>(items.size());
    HEARTH_TRY(Integer start, parameters.integer(1, 0));
    HEARTH_TRY(Integer stop, parameters.integer(2, size));
    start = std::clamp<Integer>(start < 0 ? start + size : start, 0, size);
    stop = std::clamp<Integer>(stop < 0 ? stop + size : stop, 0, size);
    for (Integer index = start; index < stop; ++index) {
        HEARTH_TRY(const bool same, equals(runtime, items[static_cast<std::size_t>(index)], parameters.value(0)));
        if (same)
            return Value::integer(index);
    }
    return templateError("the value is not in the list");
}

Result<Value> sequenceCount(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("count", arguments, {"/value"}, 1));
    Integer total = 0;
    for (const Value& item : itemsOf(self)) {
        HEARTH_TRY(const bool same, equals(runtime, item, parameters.value(0)));
        total += same ? 1 : 0;
    }
    return Value::integer(total);
}

Result<Value> listCopy(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("copy", arguments));
    HEARTH_CHECK(runtime.step(self.as<List>().items.size()));
    return runtime.list(self.as<List>().items);
}

// The two methods that change a list and that the sandbox of the reference lets through.
Result<Value> listPop(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("pop", arguments, {"/index"}));
    HEARTH_TRY(Integer index, parameters.integer(0, -1));
    std::vector<Value>& items = self.as<List>().items;
    const auto size = static_cast<Integer>(items.size());
    index = index < 0 ? index + size : index;
    if (index < 0 || index >= size)
        return templateError(size == 0 ? "pop from an empty list" : "the index of pop() is out of range");
    const auto place = items.begin() + static_cast<std::ptrdiff_t>(index);
    Value item = std::move(*place);
    items.erase(place);
    return item;
}

Result<Value> listClear(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("clear", arguments));
    self.as<List>().items.clear();
    return Value();
}

Result<Value> loopCycle(Runtime&, const Value& self, const Arguments& arguments) {
    if (!arguments.named.empty())
        return templateError("loop.cycle() takes arguments by position");
    return self.as<Loop>().cycle(arguments.positional);
}

Result<Value> loopChanged(Runtime& runtime, const Value& self, const Arguments& arguments) {
    if (!arguments.named.empty())
        return templateError("loop.changed() takes arguments by position");
    HEARTH_TRY(const bool changed, self.as<Loop>().changed(runtime, arguments.positional));
    return Value::boolean(changed);
}

Result<Value> cyclerNext(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("next", arguments));
    auto& cycler = self.as<Cycler>();
    const Value item = cycler.items[cycler.position];
    cycler.position = (cycler.position + 1) % cycler.items.size();
    return item;
}

Result<Value> cyclerReset(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("reset", arguments));
    self.as<Cycler>().position = 0;
    return Value();
}

Result<Value> floatIsInteger(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("is_integer", arguments));
    return Value::boolean(std::isfinite(self.asReal()) && self.asReal() == std::floor(self.asReal()));
}

constexpr NamedBuiltin kDictMethods[] = {
    {"get", dictGet},
    {"items", dictView<DictView::Part::Items>},
    {"keys", dictView<DictView::Part::Keys>},
    {"values", dictView<DictView::Part::Values>},
    {"copy", dictCopy},
};
constexpr NamedBuiltin kListMethods[] = {
    {"index", sequenceIndex}, {"count", sequenceCount}, {"copy", listCopy}, {"pop", listPop}, {"clear", listClear},
};
constexpr NamedBuiltin kTupleMethods[] = {{"index", sequenceIndex}, {"count", sequenceCount}};
constexpr NamedBuiltin kLoopMethods[] = {{"cycle", loopCycle}, {"changed", loopChanged}};
constexpr NamedBuiltin kCyclerMethods[] = {{"next", cyclerNext}, {"reset", cyclerReset}};
constexpr NamedBuiltin kFloatMethods[] = {{"is_integer", floatIsInteger}};

const NamedBuiltin* findIn(std::span<const NamedBuiltin> table, std::string_view name) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.name == name; });
    return found == table.end() ? nullptr : &*found;
}

} // namespace

const NamedBuiltin* findMethod(const Value& object, std::string_view name) {
    switch (object.kind()) {
    case Kind::Text:
        for (const auto& table : {textMethods(), textSearchMethods(), textSplitMethods()})
            if (const NamedBuiltin* method = findIn(table, name))
                return method;
        return nullptr;
    case Kind::Dict:
        return findIn(kDictMethods, name);
    case Kind::List:
        return findIn(kListMethods, name);
    case Kind::Tuple:
        return findIn(kTupleMethods, name);
    case Kind::Loop:
        return findIn(kLoopMethods, name);
    case Kind::Cycler:
        return findIn(kCyclerMethods, name);
    case Kind::Float:
        return findIn(kFloatMethods, name);
    default:
        return nullptr;
    }
}

bool isWithheld(const Value& object, std::string_view name) {
    constexpr std::array<std::string_view, 6> kList{"append", "extend", "insert", "remove", "reverse", "sort"};
    constexpr std::array<std::string_view, 5> kDict{"clear", "pop", "popitem", "setdefault", "update"};
    // What every Python object has.
    constexpr std::array<std::string_view, 12> kInner{"__class__",  "__dir__",  "__doc__",  "__eq__",
                                                      "__format__", "__hash__", "__init__", "__module__",
                                                      "__new__",    "__repr__", "__str__",  "__subclasshook__"};
    const auto has = [&](const auto& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
    if (name.starts_with("__"))
        return has(kInner);
    return (object.is(Kind::List) && has(kList)) || (object.is(Kind::Dict) && has(kDict));
}

} // namespace hearth::jinja
