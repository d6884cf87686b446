#include "engine/text/jinja/arguments.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/numbers.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/strftime.h"

#include <limits>

namespace hearth::jinja {
namespace {

constexpr Integer kLongestRange = 100000; // as Jinja's sandbox

Result<Value> globalRange(Runtime& runtime, const Value&, const Arguments& arguments) {
    const std::vector<Value>& given = arguments.positional;
    if (!arguments.named.empty() || given.empty() || given.size() > 3)
        return templateError("range() takes one to three integers by position");
    Integer bounds[3] = {0, 0, 1};
    for (std::size_t index = 0; index < given.size(); ++index) {
        if (!given[index].isIntegral())
            return wrongType("range() needs integers, not", given[index]);
        const Integer bound = given[index].asInteger();
        if (bound > std::numeric_limits<std::int32_t>::max() || bound < std::numeric_limits<std::int32_t>::min())
            return templateError("a bound of range() is too large");
        bounds[given.size() == 1 ? 1 : index] = bound;
    }
    if (bounds[2] == 0)
        return templateError("the step of range() is zero");
    const Value range = runtime.heap().make<Range>(bounds[0], bounds[1], bounds[2]);
    if (range.as<Range>().size() > kLongestRange)
        return templateError("range() with more than " + integerText(kLongestRange) + " items");
    return range;
}

// Adds what dict() and namespace() take: a mapping or pairs, then named values.
Status fillDict(Runtime& runtime, Dict& dict, const Arguments& arguments) {
    if (arguments.positional.size() > 1)
        return templateError("dict() takes one mapping or iterable of pairs");
    if (!arguments.positional.empty() && arguments.positional[0].is(Kind::Dict)) {
        for (const Dict::Entry& entry : arguments.positional[0].as<Dict>().entries()) {
            HEARTH_CHECK(runtime.step());
            HEARTH_CHECK(dict.set(entry.key, entry.value));
        }
    } else if (!arguments.positional.empty()) {
        HEARTH_CHECK(requireDefined(arguments.positional[0]));
        HEARTH_TRY(Cursor cursor, iterate(runtime, arguments.positional[0]));
        Value item;
        while (true) {
            HEARTH_TRY(const bool more, cursor.next(runtime, item));
            if (!more)
                break;
            HEARTH_TRY(const std::vector<Value> pair, collect(runtime, item));
            if (pair.size() != 2)
                return templateError("dict() needs pairs");
            HEARTH_CHECK(dict.set(pair[0], pair[1]));
        }
    }
    for (const auto& [name, value] : arguments.named)
        HEARTH_CHECK(dict.set(runtime.text(name), value));
    return {};
}

Result<Value> globalDict(Runtime& runtime, const Value&, const Arguments& arguments) {
    const Value dict = runtime.dict();
    HEARTH_CHECK(fillDict(runtime, dict.as<Dict>(), arguments));
    return dict;
}

Result<Value> globalNamespace(Runtime& runtime, const Value&, const Arguments& arguments) {
    const Value dict = runtime.dict();
    HEARTH_CHECK(fillDict(runtime, dict.as<Dict>(), arguments));
    return runtime.heap().make<Namespace>(dict);
}

Result<Value> globalRaise(Runtime& runtime, const Value&, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("raise_exception", arguments, {"message"}, 1));
    HEARTH_TRY(std::string message, toText(runtime, parameters.value(0)));
    return templateError(std::move(message));
}

Result<Value> globalNow(Runtime& runtime, const Value&, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("strftime_now", arguments, {"format"}, 1));
    HEARTH_TRY(const std::string format, parameters.text(0, {}));
    HEARTH_CHECK(runtime.afford(format.size(), 32));
    return runtime.text(formatTime(runtime.now(), format));
}

Result<Value> globalCycler(Runtime& runtime, const Value&, const Arguments& arguments) {
    if (arguments.positional.empty() || !arguments.named.empty())
        return templateError("cycler() needs values, by position");
    return runtime.heap().make<Cycler>(arguments.positional);
}

Result<Value> globalJoiner(Runtime& runtime, const Value&, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("joiner", arguments, {"sep"}));
    return runtime.heap().make<Joiner>(parameters.given(0) ? parameters.value(0) : runtime.text(", "));
}

constexpr NamedBuiltin kGlobals[] = {
    {"range", globalRange},           {"dict", globalDict},        {"namespace", globalNamespace},
    {"raise_exception", globalRaise}, {"strftime_now", globalNow}, {"cycler", globalCycler},
    {"joiner", globalJoiner},
};

} // namespace

const NamedBuiltin* findGlobal(std::string_view name) {
    for (const NamedBuiltin& global : kGlobals)
        if (global.name == name)
            return &global;
    return nullptr;
}

} // namespace hearth::jinja
