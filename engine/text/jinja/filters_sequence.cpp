#include "engine/text/jinja/arguments.h"
#include "engine/text/jinja/arithmetic.h"
#include "engine/text/jinja/attribute_path.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>
#include <memory>

namespace hearth::jinja {
namespace {

// A generator whose items are all made when the first is asked for.
using MakeItems = Result<std::vector<Value>> (*)(Runtime& runtime, const Value& self, const Arguments& arguments);

template <MakeItems makeItems>
Result<Value> lazily(Runtime& runtime, const Value& self, const Arguments& arguments) {
    struct State {
        Value self;
        Arguments arguments;
        std::vector<Value> items;
        std::size_t position = 0;
        bool made = false;
    };
    auto state = std::make_shared<State>(State{self, arguments, {}});
    return runtime.heap().make<Iterator>("generator", [state](Runtime& inner, Value& item) -> Result<bool> {
        if (!state->made) {
            HEARTH_TRY(state->items, makeItems(inner, state->self, state->arguments));
            state->made = true;
        }
        if (state->position >= state->items.size())
            return false;
        item = state->items[state->position++];
        return true;
    });
}

Value iteratorOver(Runtime& runtime, std::vector<Value> items) {
    auto position = std::make_shared<std::size_t>(0);
    return runtime.heap().make<Iterator>("iterator",
                                         [items = std::move(items), position](Runtime&, Value& item) -> Result<bool> {
                                             if (*position >= items.size())
                                                 return false;
                                             item = items[(*position)++];
                                             return true;
                                         });
}

Result<Value> filterLength(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("length", arguments));
    HEARTH_TRY(const Integer length, lengthOf(runtime, self));
    return Value::integer(length);
}

Result<Value> filterJoin(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("join", arguments, {"d", "attribute"}));
    std::string separator;
    if (parameters.given(0)) {
        HEARTH_TRY(separator, toText(runtime, parameters.value(0)));
    }
    const AttributePath path(runtime, parameters.value(1));
    HEARTH_TRY(Cursor cursor, iterate(runtime, self));
    std::string joined;
    Value item;
    for (bool first = true;; first = false) {
        HEARTH_TRY(const bool more, cursor.next(runtime, item));
        if (!more)
            return runtime.text(std::move(joined));
        HEARTH_TRY(const Value part, path.follow(runtime, item));
        if (!first)
            joined += separator;
        HEARTH_CHECK(appendText(runtime, part, joined));
        HEARTH_CHECK(runtime.afford(joined.size()));
    }
}

Result<Value> filterFirst(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("first", arguments));
    HEARTH_TRY(Cursor cursor, iterate(runtime, self));
    Value item;
    HEARTH_TRY(const bool more, cursor.next(runtime, item));
    return more ? item : runtime.undefined("No first item, sequence was empty.");
}

bool isReversible(const Value& value) {
    return isIterable(value) && !value.is(Kind::Iterator);
}

Result<Value> filterLast(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("last", arguments));
    if (!isReversible(self))
        return wrongType("there is no last item of", self);
    if (self.is(Kind::List) && !self.as<List>().items.empty())
        return self.as<List>().items.back();
    HEARTH_TRY(const std::vector<Value> items, collect(runtime, self));
    return items.empty() ? runtime.undefined("No last item, sequence was empty.") : items.back();
}

Result<Value> filterList(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("list", arguments));
    HEARTH_TRY(std::vector<Value> items, collect(runtime, self));
    return runtime.list(std::move(items));
}

Result<Value> filterReverse(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("reverse", arguments));
    if (self.isText())
        return getSlice(runtime, self, Value(), Value(), Value::integer(-1));
    HEARTH_TRY(std::vector<Value> items, collect(runtime, self));
    std::reverse(items.begin(), items.end());
    return isReversible(self) ? iteratorOver(runtime, std::move(items)) : runtime.list(std::move(items));
}

Result<std::vector<Value>> makeBatches(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("batch", arguments, {"linecount", "fill_with"}, 1));
    HEARTH_TRY(const Integer size, parameters.integer(0, 0));
    HEARTH_TRY(const std::vector<Value> items, collect(runtime, self));
    std::vector<Value> batches;
    std::vector<Value> batch;
    for (const Value& item : items) {
        if (static_cast<Integer>(batch.size()) == size)
            batches.push_back(runtime.list(std::exchange(batch, {})));
        batch.push_back(item);
    }
    if (batch.empty())
        return batches;
    if (!parameters.value(1).isNone() && static_cast<Integer>(batch.size()) < size) {
        const auto missing = static_cast<std::size_t>(std::min<Integer>(size, Integer{1} << 40)) - batch.size();
        HEARTH_CHECK(runtime.afford(missing, sizeof(Value)));
        batch.insert(batch.end(), missing, parameters.value(1));
    }
    batches.push_back(runtime.list(std::move(batch)));
    return batches;
}

Result<std::vector<Value>> makeSlices(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("slice", arguments, {"slices", "fill_with"}, 1));
    HEARTH_TRY(const Integer count, parameters.integer(0, 0));
    HEARTH_TRY(const std::vector<Value> items, collect(runtime, self));
    if (count == 0)
        return templateError("division by zero");
    if (count < 0)
        return std::vector<Value>();
    HEARTH_CHECK(runtime.afford(static_cast<std::size_t>(std::min<Integer>(count, Integer{1} << 40)), sizeof(List)));
    const auto slices = static_cast<std::size_t>(count);
    const std::size_t longer = items.size() % slices;
    std::vector<Value> result;
    auto next = items.begin();
    for (std::size_t index = 0; index < slices; ++index) {
        HEARTH_CHECK(runtime.step());
        const auto size = static_cast<std::ptrdiff_t>(items.size() / slices + (index < longer ? 1 : 0));
        std::vector<Value> slice(next, next + size);
        next += size;
        if (!parameters.value(1).isNone() && index >= longer)
            slice.push_back(parameters.value(1));
        result.push_back(runtime.list(std::move(slice)));
    }
    return result;
}

Result<std::vector<Value>> makeItems(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("items", arguments));
    if (self.isUndefined())
        return std::vector<Value>();
    if (!self.is(Kind::Dict))
        return templateError("items() needs a mapping");
    return collect(runtime, runtime.heap().make<DictView>(self, DictView::Part::Items));
}

Result<Value> filterDefault(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("default", arguments, {"default_value", "boolean"}));
    if (!self.isUndefined() && !(parameters.truth(1, false) && !isTrue(self)))
        return self;
    return parameters.given(0) ? parameters.value(0) : runtime.text({});
}

Result<Value> filterAttr(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("attr", arguments, {"name"}, 1));
    HEARTH_TRY(const std::string name, toText(runtime, parameters.value(0)));
    return getAttributeOnly(runtime, self, name);
}

Result<Value> filterSum(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("sum", arguments, {"attribute", "start"}));
    Value sum = parameters.given(1) ? parameters.value(1) : Value::integer(0);
    if (sum.isText())
        return templateError("sum() does not join strings");
    const AttributePath path(runtime, parameters.value(0));
    HEARTH_TRY(Cursor cursor, iterate(runtime, self));
    Value item;
    while (true) {
        HEARTH_TRY(const bool more, cursor.next(runtime, item));
        if (!more)
            return sum;
        HEARTH_TRY(const Value part, path.follow(runtime, item));
        HEARTH_TRY(sum, applyBinary(runtime, BinaryOperator::Add, sum, part));
    }
}

constexpr NamedBuiltin kFilters[] = {
    {"length", filterLength},      {"count", filterLength},
    {"join", filterJoin},          {"first", filterFirst},
    {"last", filterLast},          {"list", filterList},
    {"reverse", filterReverse},    {"batch", lazily<makeBatches>},
    {"slice", lazily<makeSlices>}, {"items", lazily<makeItems>},
    {"default", filterDefault},    {"d", filterDefault},
    {"attr", filterAttr},          {"sum", filterSum},
};

} // namespace

std::span<const NamedBuiltin> sequenceFilters() {
    return kFilters;
}

} // namespace hearth::jinja
