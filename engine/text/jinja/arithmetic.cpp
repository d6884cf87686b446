#include "engine/text/jinja/arithmetic.h"

#include "engine/text/jinja/formatting.h"
#include "engine/text/jinja/numbers.h"
#include "engine/text/jinja/operations.h"

#include <cmath>
#include <string_view>

namespace hearth::jinja {
namespace {

std::string_view symbolOf(BinaryOperator operation) {
    switch (operation) {
    case BinaryOperator::Add:
        return "+";
    case BinaryOperator::Subtract:
        return "-";
    case BinaryOperator::Multiply:
        return "*";
    case BinaryOperator::Divide:
        return "/";
    case BinaryOperator::FloorDivide:
        return "//";
    case BinaryOperator::Modulo:
        return "%";
    case BinaryOperator::Power:
        return "**";
    case BinaryOperator::And:
        return "and";
    case BinaryOperator::Or:
        return "or";
    }
    return "";
}

Error unsupported(BinaryOperator operation, const Value& left, const Value& right) {
    return templateError("'" + std::string(symbolOf(operation)) + "' is not supported between '"
                         + std::string(typeName(left)) + "' and '" + std::string(typeName(right)) + "'");
}

Result<Value> exact(std::optional<Integer> value) {
    if (value)
        return Value::integer(*value);
    return templateError("an integer is too large");
}

Result<Value> power(Integer base, Integer exponent) {
    if (exponent < 0) {
        if (base == 0)
            return templateError("0 cannot be raised to a negative power");
        return Value::real(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
    }
    std::optional<Integer> result = 1;
    // Other bases overflow long before the exponent does.
    if (base == 0 || base == 1 || base == -1)
        return Value::integer(exponent == 0 || base == 1 ? 1 : base == 0 ? 0 : exponent % 2 == 0 ? 1 : -1);
    for (Integer step = 0; step < exponent && result; ++step)
        result = multiply(*result, base);
    return exact(result);
}

Result<Value> integerArithmetic(BinaryOperator operation, Integer left, Integer right) {
    const bool divides = operation == BinaryOperator::Divide || operation == BinaryOperator::FloorDivide
                         || operation == BinaryOperator::Modulo;
    if (divides && right == 0)
        return templateError("division by zero");
    switch (operation) {
    case BinaryOperator::Add:
        return exact(add(left, right));
    case BinaryOperator::Subtract:
        return exact(subtract(left, right));
    case BinaryOperator::Multiply:
        return exact(multiply(left, right));
    case BinaryOperator::Divide:
        return Value::real(static_cast<double>(left) / static_cast<double>(right));
    case BinaryOperator::FloorDivide:
        return exact(floorDivide(left, right));
    case BinaryOperator::Modulo:
        return Value::integer(floorModulo(left, right));
    default:
        return power(left, right);
    }
}

Result<Value> realPower(double base, double exponent) {
    if (base == 0 && exponent < 0)
        return templateError("0.0 cannot be raised to a negative power");
    if (base < 0 && std::isfinite(exponent) && exponent != std::floor(exponent))
        return templateError("a negative number raised to a fraction is no real number");
    const double result = std::pow(base, exponent);
    if (std::isinf(result) && std::isfinite(base) && std::isfinite(exponent))
        return templateError("the result of '**' is too large");
    return Value::real(result);
}

Result<Value> realArithmetic(BinaryOperator operation, double left, double right) {
    const bool divides = operation == BinaryOperator::Divide || operation == BinaryOperator::FloorDivide
                         || operation == BinaryOperator::Modulo;
    if (divides && right == 0)
        return templateError("division by zero");
    switch (operation) {
    case BinaryOperator::Add:
        return Value::real(left + right);
    case BinaryOperator::Subtract:
        return Value::real(left - right);
    case BinaryOperator::Multiply:
        return Value::real(left * right);
    case BinaryOperator::Divide:
        return Value::real(left / right);
    case BinaryOperator::FloorDivide: {
        const double quotient = (left - floorModulo(left, right)) / right;
        return Value::real(std::floor(quotient + 0.5));
    }
    case BinaryOperator::Modulo:
        return Value::real(floorModulo(left, right));
    default:
        return realPower(left, right);
    }
}

// Text + text, where one that is markup has the other escaped.
Result<Value> joinTexts(Runtime& runtime, const Value& left, const Value& right) {
    HEARTH_CHECK(runtime.afford(textOf(left).size() + textOf(right).size()));
    if (!left.as<Text>().markup && !right.as<Text>().markup)
        return runtime.text(textOf(left) + textOf(right));
    return runtime.markup(escapedFor(right, left) + escapedFor(left, right));
}

Result<std::vector<Value>> joinItems(Runtime& runtime, const std::vector<Value>& left,
                                     const std::vector<Value>& right) {
    HEARTH_CHECK(runtime.step(left.size() + right.size()));
    HEARTH_CHECK(runtime.afford(left.size() + right.size(), sizeof(Value)));
    std::vector<Value> items;
    items.reserve(left.size() + right.size());
    items.insert(items.end(), left.begin(), left.end());
    items.insert(items.end(), right.begin(), right.end());
    return items;
}

Result<Value> sequenceSum(Runtime& runtime, const Value& left, const Value& right) {
    if (left.isText())
        return joinTexts(runtime, left, right);
    if (left.is(Kind::List)) {
        HEARTH_TRY(std::vector<Value> items, joinItems(runtime, left.as<List>().items, right.as<List>().items));
        return runtime.list(std::move(items));
    }
    HEARTH_TRY(std::vector<Value> items, joinItems(runtime, left.as<Tuple>().items, right.as<Tuple>().items));
    return runtime.tuple(std::move(items));
}

Result<std::vector<Value>> repeatItems(Runtime& runtime, const std::vector<Value>& items, std::size_t count) {
    HEARTH_CHECK(runtime.afford(count, items.size() * sizeof(Value)));
    HEARTH_CHECK(runtime.step(count * items.size()));
    std::vector<Value> result;
    result.reserve(count * items.size());
    for (std::size_t round = 0; round < count && !items.empty(); ++round)
        result.insert(result.end(), items.begin(), items.end());
    return result;
}

Result<Value> repeat(Runtime& runtime, const Value& sequence, Integer times) {
    constexpr Integer kMostTimes = Integer{1} << 40;
    const auto count = static_cast<std::size_t>(times < 0 ? 0 : times > kMostTimes ? kMostTimes : times);
    if (sequence.isText()) {
        const std::string& text = textOf(sequence);
        HEARTH_CHECK(runtime.afford(count, text.size()));
        std::string result;
        result.reserve(count * text.size());
        for (std::size_t round = 0; round < count && !text.empty(); ++round)
            result += text;
        return runtime.textLike(sequence, std::move(result));
    }
    if (sequence.is(Kind::List)) {
        HEARTH_TRY(std::vector<Value> items, repeatItems(runtime, sequence.as<List>().items, count));
        return runtime.list(std::move(items));
    }
    HEARTH_TRY(std::vector<Value> items, repeatItems(runtime, sequence.as<Tuple>().items, count));
    return runtime.tuple(std::move(items));
}

bool isSequence(const Value& value) {
    return value.isText() || value.is(Kind::List) || value.is(Kind::Tuple);
}

} // namespace

Result<Value> applyUnary(Runtime&, UnaryOperator operation, const Value& operand) {
    HEARTH_CHECK(requireDefined(operand));
    if (!operand.isNumber())
        return wrongType("a sign needs a number, not", operand);
    const bool minus = operation == UnaryOperator::Minus;
    if (operand.is(Kind::Float))
        return Value::real(minus ? -operand.asReal() : operand.asReal());
    return minus ? exact(subtract(0, operand.asInteger())) : Value::integer(operand.asInteger());
}

Result<Value> applyBinary(Runtime& runtime, BinaryOperator operation, const Value& left, const Value& right) {
    // A text formats what is undefined as nothing; all else refuses it.
    const bool formats = operation == BinaryOperator::Modulo && left.isText();
    HEARTH_CHECK(requireDefined(left));
    if (formats)
        return formatPercent(runtime, left, right);
    HEARTH_CHECK(requireDefined(right));
    if (left.isNumber() && right.isNumber())
        return left.is(Kind::Float) || right.is(Kind::Float)
                   ? realArithmetic(operation, left.asReal(), right.asReal())
                   : integerArithmetic(operation, left.asInteger(), right.asInteger());
    if (operation == BinaryOperator::Add && left.kind() == right.kind() && isSequence(left))
        return sequenceSum(runtime, left, right);
    if (operation == BinaryOperator::Multiply && isSequence(left) && right.isIntegral())
        return repeat(runtime, left, right.asInteger());
    if (operation == BinaryOperator::Multiply && left.isIntegral() && isSequence(right))
        return repeat(runtime, right, left.asInteger());
    return unsupported(operation, left, right);
}

} // namespace hearth::jinja
