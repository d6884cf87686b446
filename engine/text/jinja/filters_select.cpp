#include "engine/text/jinja/attribute_path.h"
#include "engine/text/jinja/builtins.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace hearth::jinja {
namespace {

// What an item becomes, or whether it stays. Made when the first item is asked for.
using Mapping = std::function<Result<Value>(Runtime& runtime, const Value& item)>;
using MakeMapping = Result<Mapping> (*)(Runtime& runtime, const Arguments& arguments);

// A lazy walk over `source`: nothing of it runs, nor fails, before the first item is asked for.
struct Walk {
    Value source;
    Arguments arguments;
    std::optional<Cursor> cursor;
    Mapping mapping;

    Status begin(Runtime& runtime, MakeMapping makeMapping) {
        if (cursor)
            return {};
        if (!isTrue(source)) { // none, undefined and all that is empty
            cursor.emplace();
            return {};
        }
        HEARTH_TRY(mapping, makeMapping(runtime, arguments));
        HEARTH_TRY(cursor, iterate(runtime, source));
        return {};
    }
};

Value generator(Runtime& runtime, Iterator::Next next) {
    return runtime.heap().make<Iterator>("generator", std::move(next));
}

Arguments without(const Arguments& arguments, std::size_t count) {
    Arguments rest = arguments;
    rest.positional.erase(rest.positional.begin(), rest.positional.begin() + static_cast<std::ptrdiff_t>(count));
    return rest;
}

Result<Mapping> attributeMapping(Runtime& runtime, const Arguments& arguments) {
    Value attribute;
    Value fallback;
    for (const auto& [name, value] : arguments.named) {
        if (name == "attribute")
            attribute = value;
        else if (name == "default")
            fallback = value;
        else
            return templateError("map() has no parameter '" + name + "'");
    }
    return Mapping([path = AttributePath(runtime, attribute, fallback)](Runtime& inner, const Value& item) {
        return path.follow(inner, item);
    });
}

Result<Mapping> mapMapping(Runtime& runtime, const Arguments& arguments) {
    const bool byAttribute = arguments.positional.empty()
                             && std::any_of(arguments.named.begin(), arguments.named.end(),
                                            [](const auto& argument) { return argument.first == "attribute"; });
    if (byAttribute)
        return attributeMapping(runtime, arguments);
    if (arguments.positional.empty())
        return templateError("map() needs a filter or an attribute");
    HEARTH_TRY(const std::string name, toText(runtime, arguments.positional[0]));
    const Builtin filter = findFilter(name);
    if (filter == nullptr)
        return templateError("there is no filter '" + name + "'");
    return Mapping([filter, rest = without(arguments, 1)](Runtime& inner, const Value& item) {
        return filter(inner, item, rest);
    });
}

// Whether an item passes the test that the arguments from `first` on name; without one, whether it is true.
Result<Mapping> testMapping(Runtime& runtime, const Arguments& arguments, std::size_t first) {
    if (arguments.positional.size() <= first)
        return Mapping([](Runtime&, const Value& item) { return Result<Value>(Value::boolean(isTrue(item))); });
    HEARTH_TRY(const std::string name, toText(runtime, arguments.positional[first]));
    const TestFunction test = findTest(name);
    if (test == nullptr)
        return templateError("there is no test '" + name + "'");
    return Mapping([test, rest = without(arguments, first + 1)](Runtime& inner, const Value& item) -> Result<Value> {
        HEARTH_TRY(const bool passes, test(inner, item, rest));
        return Value::boolean(passes);
    });
}

Result<Mapping> itemTest(Runtime& runtime, const Arguments& arguments) {
    return testMapping(runtime, arguments, 0);
}

Result<Mapping> attributeTest(Runtime& runtime, const Arguments& arguments) {
    if (arguments.positional.empty())
        return templateError("the name of an attribute is missing");
    HEARTH_TRY(Mapping test, testMapping(runtime, arguments, 1));
    return Mapping([path = AttributePath(runtime, arguments.positional[0]),
                    test = std::move(test)](Runtime& inner, const Value& item) -> Result<Value> {
        HEARTH_TRY(const Value value, path.follow(inner, item));
        return test(inner, value);
    });
}

Result<Value> filterMap(Runtime& runtime, const Value& self, const Arguments& arguments) {
    auto walk = std::make_shared<Walk>(Walk{self, arguments, {}, {}});
    return generator(runtime, [walk](Runtime& inner, Value& item) -> Result<bool> {
        HEARTH_CHECK(walk->begin(inner, mapMapping));
        Value source;
        HEARTH_TRY(const bool more, walk->cursor->next(inner, source));
        if (!more)
            return false;
        HEARTH_TRY(item, walk->mapping(inner, source));
        return true;
    });
}

template <MakeMapping makeTest, bool wanted>
Result<Value> filterSelect(Runtime& runtime, const Value& self, const Arguments& arguments) {
    auto walk = std::make_shared<Walk>(Walk{self, arguments, {}, {}});
    return generator(runtime, [walk](Runtime& inner, Value& item) -> Result<bool> {
        HEARTH_CHECK(walk->begin(inner, makeTest));
        while (true) {
            HEARTH_TRY(const bool more, walk->cursor->next(inner, item));
            if (!more)
                return false;
            HEARTH_TRY(const Value passes, walk->mapping(inner, item));
            if (isTrue(passes) == wanted)
                return true;
        }
    });
}

constexpr NamedBuiltin kFilters[] = {
    {"map", filterMap},
    {"select", filterSelect<itemTest, true>},
    {"reject", filterSelect<itemTest, false>},
    {"selectattr", filterSelect<attributeTest, true>},
    {"rejectattr", filterSelect<attributeTest, false>},
};

} // namespace

std::span<const NamedBuiltin> selectFilters() {
    return kFilters;
}

} // namespace hearth::jinja
