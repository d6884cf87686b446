#include "engine/text/jinja/arguments.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/numbers.h"
#include "engine/text/jinja/operations.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hearth::jinja {
namespace {

// More digits than any double has; beyond them rounding changes nothing.
constexpr Integer kMostDigits = 400;

Result<Value> filterAbs(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_CHECK(expectNoArguments("abs", arguments));
    if (!self.isNumber())
        return wrongType("abs() needs a number, not", self);
    if (self.is(Kind::Float))
        return Value::real(std::abs(self.asReal()));
    const auto value = self.asInteger() < 0 ? subtract(0, self.asInteger()) : self.asInteger();
    return value ? Result<Value>(Value::integer(*value)) : templateError("an integer is too large");
}

Result<Value> filterInt(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("int", arguments, {"default", "base"}));
    HEARTH_CHECK(requireDefined(self));
    HEARTH_TRY(const Integer base, parameters.integer(1, 10));
    const Value fallback = parameters.given(0) ? parameters.value(0) : Value::integer(0);
    std::optional<double> real;
    if (self.isIntegral())
        return Value::integer(self.asInteger());
    if (self.isText()) {
        if (base == 0 || (base >= 2 && base <= 36))
            if (const auto value = parseInteger(textOf(self), static_cast<int>(base)))
                return Value::integer(*value);
        real = parseFloat(textOf(self)); // "42.23" is 42
    } else if (self.is(Kind::Float)) {
        real = self.asReal();
    }
    if (!real || std::isnan(*real))
        return fallback;
    const auto whole = truncate(*real);
    return whole ? Result<Value>(Value::integer(*whole)) : templateError("a float is too large for an integer");
}

Result<Value> filterFloat(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("float", arguments, {"default"}));
    HEARTH_CHECK(requireDefined(self));
    if (self.isNumber())
        return Value::real(self.asReal());
    if (self.isText())
        if (const auto value = parseFloat(textOf(self)))
            return Value::real(*value);
    return parameters.given(0) ? parameters.value(0) : Value::real(0);
}

// Half goes to the even digit, judged by the exact value of the double. Source: Python's round().
Result<double> roundReal(double value, Integer precision) {
    if (!std::isfinite(value) || precision > kMostDigits)
        return value;
    if (precision >= 0)
        return parseFloat(fixedText(value, static_cast<int>(precision))).value_or(value);
    if (precision < -kMostDigits)
        return std::copysign(0.0, value);
    const double scale = std::pow(10.0, static_cast<double>(-precision));
    return std::isinf(scale) ? std::copysign(0.0, value) : std::nearbyint(value / scale) * scale;
}

Result<Value> roundInteger(Integer value, Integer precision) {
    if (precision >= 0)
        return Value::integer(value);
    if (precision < -38)
        return Value::integer(0);
    Integer scale = 1;
    for (Integer digit = 0; digit < -precision; ++digit)
        scale *= 10;
    const Integer remainder = floorModulo(value, scale);
    const Integer below = value - remainder;
    const bool belowIsEven = floorModulo(below / scale, 2) == 0;
    const bool up = remainder > scale - remainder || (remainder == scale - remainder && !belowIsEven);
    const auto rounded = up ? add(below, scale) : std::optional<Integer>(below);
    return rounded ? Result<Value>(Value::integer(*rounded)) : templateError("an integer is too large");
}

Result<Value> filterRound(Runtime&, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("round", arguments, {"precision", "method"}));
    HEARTH_TRY(const Integer precision, parameters.integer(0, 0));
    HEARTH_TRY(const std::string method, parameters.text(1, "common"));
    if (method != "common" && method != "ceil" && method != "floor")
        return templateError("round(): the method must be common, ceil or floor");
    if (!self.isNumber())
        return wrongType("round() needs a number, not", self);
    if (method == "common") {
        if (self.isIntegral())
            return roundInteger(self.asInteger(), precision);
        HEARTH_TRY(const double rounded, roundReal(self.asReal(), precision));
        return Value::real(rounded);
    }
    const double scale = std::pow(10.0, static_cast<double>(precision));
    const double scaled = self.asReal() * scale;
    if (!std::isfinite(scaled) || scale == 0)
        return templateError("a float is too large for an integer");
    return Value::real((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

Result<Value> filterFileSize(Runtime& runtime, const Value& self, const Arguments& arguments) {
    HEARTH_TRY(const Parameters parameters, Parameters::bind("filesizeformat", arguments, {"binary"}));
    HEARTH_CHECK(requireDefined(self));
    const auto bytes = self.isText()     ? parseFloat(textOf(self))
                       : self.isNumber() ? std::optional<double>(self.asReal())
                                         : std::nullopt;
    if (!bytes || !std::isfinite(*bytes))
        return wrongType("filesizeformat() needs a number, not", self);
    const bool binary = parameters.truth(0, false);
    const double base = binary ? 1024 : 1000;
    if (*bytes == 1)
        return runtime.text("1 Byte");
    if (*bytes < base) {
        const auto whole = truncate(*bytes);
        return runtime.text((whole ? integerText(*whole) : fixedText(*bytes, 0)) + " Bytes");
    }
    constexpr std::array<std::string_view, 8> kPrefixes{"k", "M", "G", "T", "P", "E", "Z", "Y"};
    double unit = base;
    std::size_t prefix = 0;
    while (prefix < kPrefixes.size() && *bytes >= (unit *= base))
        ++prefix;
    prefix = std::min(prefix, kPrefixes.size() - 1);
    const std::string letter = binary && prefix == 0 ? "K" : std::string(kPrefixes[prefix]);
    return runtime.text(fixedText(base * *bytes / unit, 1) + " " + letter + (binary ? "iB" : "B"));
}

constexpr NamedBuiltin kFilters[] = {
    {"abs", filterAbs},
    {"int", filterInt},
    {"float", filterFloat},
    {"round", filterRound},
    {"filesizeformat", filterFileSize},
};

} // namespace

std::span<const NamedBuiltin> numberFilters() {
    return kFilters;
}

} // namespace hearth::jinja
