#include "engine/text/jinja/arguments.h"
#include "engine/text/jinja/attribute_path.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/unicode.h"

#include <memory>

namespace hearth::jinja {
namespace {

// The items of `self` with the key that `path` leads to.
Result<std::vector<Keyed>> keyedItems(Runtime& runtime, const Value& self, const AttributePath& path,
                                      bool caseSensitive) {
    HEARTH_TRY(std::vector<Value> items, collect(runtime, self));
    HEARTH_CHECK(runtime.afford(items.size(), 2 * sizeof(Keyed)));
    std::vector<Keyed> keyed;
    keyed.reserve(items.size());
    for (Value& item : items) {
        HEARTH_CHECK(runtime.step());
        HEARTH_TRY(Value key, path.follow(runtime, item));
        keyed.push_back({caseSensitive ? key : withoutCase(runtime, key), std::move(item)});
    }
    return keyed;
}

std::vector<Value> itemsOf(std::vector<Keyed>& keyed) {
    std::vector<Value> items;
    items.reserve(keyed.size());
    for (Keyed& entry : keyed)
        items.push_back(std::move(entry.item));
    return items;
}

// The paths of "name,age": sort takes several.
std::vector<AttributePath> sortPaths(Runtime& runtime, const Value& attribute) {
    std::vector<AttributePath> paths;
    if (!attribute.isText()) {
        paths.emplace_back(runtime, attribute);
        return paths;
    }
    std::string_view rest = textOf(attribute);
    while (true) {
        const std::size_t comma = rest.find(',');
        paths.emplace_back(runtime, runtime.text(std::string(rest.substr(0, comma))));
        if (comma == std::string_view::npos)
            return paths;
        rest.remove_prefix(comma + 1);
    }
}

Result<Value> filterSort(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters,
               Parameters::bind("sort", arguments, {"reverse", "case_sensitive", "attribute"}));
    const std::vector<AttributePath> paths = sortPaths(runtime, parameters.value(2));
    HEARTH_TRY(std::vector<Value> items, collect(runtime, self));
    std::vector<Keyed> keyed;
    for (Value& item : items) {
        std::vector<Value> keys;
        for (const AttributePath& path : paths) {
            HEARTH_TRY(const Value key, path.follow(runtime, item));
            keys.push_back(parameters.truth(1, false) ? key : withoutCase(runtime, key));
        }
        HEARTH_CHECK(runtime.step());
        keyed.push_back({runtime.list(std::move(keys)), std::move(item)});
    }
    HEARTH_CHECK(sortByKey(runtime, keyed, parameters.truth(0, false)));
    return runtime.list(itemsOf(keyed));
}

Result<Value> filterDictsort(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters,
               Parameters::bind("dictsort", arguments, {"case_sensitive", "by", "reverse"}));
    HEARTH_TRY(const std::string by, parameters.text(1, "key"));
    if (by != "key" && by != "value")
        return templateError("dictsort() sorts by \"key\" or \"value\"");
    if (!self.is(Kind::Dict))
        return wrongType("dictsort() needs a mapping, not", self);
    const Value pairs = runtime.heap().make<DictView>(self, DictView::Part::Items);
    const AttributePath path(runtime, Value::integer(by == "key" ? 0 : 1));
    HEARTH_TRY(std::vector<Keyed> keyed, keyedItems(runtime, pairs, path, parameters.truth(0, false)));
    HEARTH_CHECK(sortByKey(runtime, keyed, parameters.truth(2, false)));
    return runtime.list(itemsOf(keyed));
}

Result<Value> filterUnique(Runtime& runtime, const Value& self, const Arguments& arguments) {
    struct State {
        Value self;
        Arguments arguments;
        std::vector<Keyed> keyed;
        std::size_t position = 0;
        Value seen;
        bool made = false;
    };
    auto state = std::make_shared<State>(State{self, arguments, {}, 0, runtime.dict()});
    return runtime.heap().make<Iterator>("generator", [state](Runtime& inner, Value& item) -> Result<bool> {
        if (!state->made) {
            HEARTH_TRY(const Parameters parameters,
                       Parameters::bind("unique", state->arguments, {"case_sensitive", "attribute"}));
            const AttributePath path(inner, parameters.value(1));
            HEARTH_TRY(state->keyed, keyedItems(inner, state->self, path, parameters.truth(0, false)));
            state->made = true;
        }
        auto& seen = state->seen.as<Dict>();
        while (state->position < state->keyed.size()) {
            const Keyed& next = state->keyed[state->position++];
            HEARTH_TRY(const Value* known, seen.find(next.key));
            if (known != nullptr)
                continue;
            HEARTH_CHECK(seen.set(next.key, Value()));
            item = next.item;
            return true;
        }
        return false;
    });
}

// `sign` -1: the least; 1: the greatest. The first of equals.
Result<Value> extreme(Runtime& runtime, const Value& self, const Arguments& arguments, int sign) {
    HEARTH_TRY(const Parameters parameters,
               Parameters::bind(sign < 0 ? "min" : "max", arguments, {"case_sensitive", "attribute"}));
    const AttributePath path(runtime, parameters.value(1));
    HEARTH_TRY(const std::vector<Keyed> keyed, keyedItems(runtime, self, path, parameters.truth(0, false)));
    if (keyed.empty())
        return runtime.undefined("No aggregated item, sequence was empty.");
    const Keyed* best = &keyed.front();
    for (std::size_t index = 1; index < keyed.size(); ++index) {
        HEARTH_TRY(const int result, order(runtime, keyed[index].key, best->key, sign < 0 ? "<" : ">"));
        if (result == sign)
            best = &keyed[index];
    }
    return best->item;
}

Result<Value> filterMin(Runtime& runtime, const Value& self, const Arguments& arguments) {
    return extreme(runtime, self, arguments, -1);
}

Result<Value> filterMax(Runtime& runtime, const Value& self, const Arguments& arguments) {
    return extreme(runtime, self, arguments, 1);
}

Result<Value> filterGroupby(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters,
               Parameters::bind("groupby", arguments, {"attribute", "default", "case_sensitive"}, 1));
    const AttributePath path(runtime, parameters.value(0), parameters.value(1));
    HEARTH_TRY(std::vector<Keyed> keyed, keyedItems(runtime, self, path, parameters.truth(2, false)));
    HEARTH_CHECK(sortByKey(runtime, keyed, false));
    std::vector<Value> groups;
    for (std::size_t start = 0; start < keyed.size();) {
        std::vector<Value> members;
        std::size_t end = start;
        while (end < keyed.size()) {
            HEARTH_TRY(const bool same, equals(runtime, keyed[start].key, keyed[end].key));
            if (!same && end > start)
                break;
            members.push_back(keyed[end++].item);
        }
        // The key as the first member writes it, not in lower case.
        HEARTH_TRY(const Value name, path.follow(runtime, members.front()));
        const Value list = runtime.list(std::move(members));
        groups.push_back(runtime.heap().make<Tuple>(std::vector<Value>{name, list}, true));
        start = end;
    }
    return runtime.list(std::move(groups));
}

constexpr NamedBuiltin kFilters[] = {
    {"sort", filterSort}, {"dictsort", filterDictsort}, {"unique", filterUnique},
    {"min", filterMin},   {"max", filterMax},           {"groupby", filterGroupby},
};

} // namespace

std::span<const NamedBuiltin> orderFilters() {
    return kFilters;
}

} // namespace hearth::jinja
