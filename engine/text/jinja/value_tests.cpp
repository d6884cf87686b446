#include "engine/text/jinja/arguments.h"
#include "engine/text/jinja/arithmetic.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

namespace hearth::jinja {
namespace {

template <bool (*predicate)(const Value& value)>
Result<bool> simple(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("the test", arguments));
    return predicate(self);
}

bool isDefined(const Value& value) {
    return !value.isUndefined();
}

bool isUndefined(const Value& value) {
    return value.isUndefined();
}

bool isNone(const Value& value) {
    return value.isNone();
}

bool isBoolean(const Value& value) {
    return value.is(Kind::Boolean);
}

bool isTrueItself(const Value& value) {
    return value.is(Kind::Boolean) && value.asBoolean();
}

bool isFalseItself(const Value& value) {
    return value.is(Kind::Boolean) && !value.asBoolean();
}

bool isInteger(const Value& value) {
    return value.is(Kind::Integer);
}

bool isFloat(const Value& value) {
    return value.is(Kind::Float);
}

bool isNumber(const Value& value) {
    return value.isNumber();
}

bool isString(const Value& value) {
    return value.isText();
}

bool isMapping(const Value& value) {
    return value.is(Kind::Dict);
}

// Has a length and items by key: undefined counts, for asking it is no error.
bool isSequence(const Value& value) {
    switch (value.kind()) {
    case Kind::Undefined:
    case Kind::Text:
    case Kind::List:
    case Kind::Tuple:
    case Kind::Dict:
    case Kind::Range:
        return true;
    default:
        return false;
    }
}

bool isCallable(const Value& value) {
    switch (value.kind()) {
    case Kind::Undefined:
    case Kind::Function:
    case Kind::Macro:
    case Kind::Loop:
    case Kind::Joiner:
        return true;
    default:
        return false;
    }
}

bool isEscaped(const Value& value) {
    return value.isText() && value.as<Text>().markup;
}

Result<bool> remainderIs(Runtime& runtime, const Value& self, const Value& divisor, Integer wanted) {
    HEARTH_TRY(const Value remainder, applyBinary(runtime, BinaryOperator::Modulo, self, divisor));
    return equals(runtime, remainder, Value::integer(wanted));
}

Result<bool> isOdd(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("odd", arguments));
    return remainderIs(runtime, self, Value::integer(2), 1);
}

Result<bool> isEven(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("even", arguments));
    return remainderIs(runtime, self, Value::integer(2), 0);
}

Result<bool> isDivisibleBy(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("divisibleby", arguments, {"num"}, 1));
    return remainderIs(runtime, self, parameters.value(0), 0);
}

template <LetterCase letterCase>
Result<bool> isCase(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("the test", arguments));
    HEARTH_TRY(const std::string text, toText(runtime, self));
    return isWholly(text, letterCase);
}

Result<bool> isSameAs(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("sameas", arguments, {"other"}, 1));
    return isSame(self, parameters.value(0));
}

Result<bool> isIn(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("in", arguments, {"seq"}, 1));
    return contains(runtime, parameters.value(0), self);
}

template <bool wanted>
Result<bool> isEqual(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("equalto", arguments, {"/other"}, 1));
    HEARTH_TRY(const bool same, equals(runtime, self, parameters.value(0)));
    return same == wanted;
}

// `sign` -1: less; 1: greater.
template <int sign, bool orEqual>
Result<bool> isOrdered(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("the comparison", arguments, {"/other"}, 1));
    HEARTH_TRY(const int result, order(runtime, self, parameters.value(0), sign < 0 ? "<" : ">"));
    return result == sign || (orEqual && result == 0);
}

Result<bool> isFilter(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("filter", arguments));
    HEARTH_TRY(const std::string name, toText(runtime, self));
    return findFilter(name) != nullptr;
}

Result<bool> isTest(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("test", arguments));
    HEARTH_TRY(const std::string name, toText(runtime, self));
    return findTest(name) != nullptr;
}

constexpr NamedTest kTests[] = {
    {"defined", simple<isDefined>},
    {"undefined", simple<isUndefined>},
    {"none", simple<isNone>},
    {"string", simple<isString>},
    {"mapping", simple<isMapping>},
    {"iterable", simple<isIterable>},
    {"sequence", simple<isSequence>},
    {"number", simple<isNumber>},
    {"integer", simple<isInteger>},
    {"float", simple<isFloat>},
    {"boolean", simple<isBoolean>},
    {"true", simple<isTrueItself>},
    {"false", simple<isFalseItself>},
    {"callable", simple<isCallable>},
    {"escaped", simple<isEscaped>},
    {"odd", isOdd},
    {"even", isEven},
    {"divisibleby", isDivisibleBy},
    {"lower", isCase<LetterCase::Lower>},
    {"upper", isCase<LetterCase::Upper>},
    {"sameas", isSameAs},
    {"in", isIn},
    {"==", isEqual<true>},
    {"eq", isEqual<true>},
    {"equalto", isEqual<true>},
    {"!=", isEqual<false>},
    {"ne", isEqual<false>},
    {"<", isOrdered<-1, false>},
    {"lt", isOrdered<-1, false>},
    {"lessthan", isOrdered<-1, false>},
    {"<=", isOrdered<-1, true>},
    {"le", isOrdered<-1, true>},
    {">", isOrdered<1, false>},
    {"gt", isOrdered<1, false>},
    {"greaterthan", isOrdered<1, false>},
    {">=", isOrdered<1, true>},
    {"ge", isOrdered<1, true>},
    {"filter", isFilter},
    {"test", isTest},
};

} // namespace

TestFunction findTest(std::string_view name) {
    for (const NamedTest& test : kTests)
        if (test.name == name)
            return test.call;
    return nullptr;
}

Builtin findFilter(std::string_view name) {
    for (const auto& table :
         {textFilters(), sequenceFilters(), selectFilters(), orderFilters(), numberFilters(), wrapFilters()})
        for (const NamedBuiltin& filter : table)
            if (filter.name == name)
                return filter.call;
    return nullptr;
}

} // namespace hearth::jinja
