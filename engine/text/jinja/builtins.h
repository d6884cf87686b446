#pragma once

#include "engine/text/jinja/objects.h"
#include "engine/text/jinja/runtime.h"

#include <span>
#include <string_view>

namespace hearth::jinja {

/// A test behind `is`: self is its input.
using TestFunction = Result<bool> (*)(Runtime& runtime, const Value& self, const Arguments& arguments);

struct NamedBuiltin {
    std::string_view name;
    Builtin call;
};

struct NamedTest {
    std::string_view name;
    TestFunction call;
};

/// Null if there is none of that name. Thread: any.
[[nodiscard]] Builtin findFilter(std::string_view name);
[[nodiscard]] TestFunction findTest(std::string_view name);
/// range, dict, namespace, raise_exception, strftime_now, joiner, cycler.
[[nodiscard]] const NamedBuiltin* findGlobal(std::string_view name);
/// A method of the value's type.
[[nodiscard]] const NamedBuiltin* findMethod(const Value& object, std::string_view name);
/// True for attributes that exist but that the sandbox withholds: what changes a list or a dict, and Python's inner
/// ones. Using what such an attribute gives is an error, as in transformers.
[[nodiscard]] bool isWithheld(const Value& object, std::string_view name);

/// The tables behind the look-ups, by subject.
[[nodiscard]] std::span<const NamedBuiltin> textFilters();
[[nodiscard]] std::span<const NamedBuiltin> wrapFilters();
[[nodiscard]] std::span<const NamedBuiltin> sequenceFilters();
[[nodiscard]] std::span<const NamedBuiltin> orderFilters();
[[nodiscard]] std::span<const NamedBuiltin> selectFilters();
[[nodiscard]] std::span<const NamedBuiltin> numberFilters();
[[nodiscard]] std::span<const NamedBuiltin> textMethods();
[[nodiscard]] std::span<const NamedBuiltin> textSearchMethods();
[[nodiscard]] std::span<const NamedBuiltin> textSplitMethods();

} // namespace hearth::jinja
