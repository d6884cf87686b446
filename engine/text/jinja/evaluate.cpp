#include "engine/text/jinja/interpreter.h"

#include "engine/text/jinja/arithmetic.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/operations.h"

#include <utility>

namespace hearth::jinja {

Result<Value> Interpreter::evaluate(const Expression& expression) {
    const DepthScope depth(m_runtime);
    HEARTH_CHECK(depth.check());
    HEARTH_CHECK(m_runtime.step());
    m_line = expression.line;
    switch (expression.kind) {
    case ExpressionKind::None:
    case ExpressionKind::Boolean:
    case ExpressionKind::Integer:
    case ExpressionKind::Float:
    case ExpressionKind::Text:
        return literal(static_cast<const LiteralExpression&>(expression));
    case ExpressionKind::Name:
        return readVariable(static_cast<const NameExpression&>(expression));
    case ExpressionKind::Tuple: {
        HEARTH_TRY(std::vector<Value> items, evaluateItems(static_cast<const SequenceExpression&>(expression).items));
        return m_runtime.tuple(std::move(items));
    }
    case ExpressionKind::List: {
        HEARTH_TRY(std::vector<Value> items, evaluateItems(static_cast<const SequenceExpression&>(expression).items));
        return m_runtime.list(std::move(items));
    }
    case ExpressionKind::Dict:
        return evaluateDict(static_cast<const DictExpression&>(expression));
    case ExpressionKind::Unary:
        return evaluateUnary(static_cast<const UnaryExpression&>(expression));
    case ExpressionKind::Binary:
        return evaluateBinary(static_cast<const BinaryExpression&>(expression));
    case ExpressionKind::Concat:
        return evaluateConcat(static_cast<const SequenceExpression&>(expression));
    case ExpressionKind::Compare:
        return evaluateCompare(static_cast<const CompareExpression&>(expression));
    case ExpressionKind::Attribute: {
        const auto& node = static_cast<const AttributeExpression&>(expression);
        HEARTH_TRY(const Value object, evaluate(*node.object));
        m_line = node.line;
        return getAttribute(m_runtime, object, node.name);
    }
    case ExpressionKind::Subscript:
        return evaluateSubscript(static_cast<const SubscriptExpression&>(expression));
    case ExpressionKind::Slice:
        return templateError("a slice stands where a value is needed");
    case ExpressionKind::Call:
        return evaluateCall(static_cast<const CallExpression&>(expression), nullptr);
    case ExpressionKind::Filter:
        return evaluateFilter(static_cast<const FilterExpression&>(expression), nullptr);
    case ExpressionKind::Test:
        return evaluateTest(static_cast<const FilterExpression&>(expression));
    case ExpressionKind::Conditional:
        return evaluateConditional(static_cast<const ConditionalExpression&>(expression));
    }
    return templateError("an expression of unknown kind");
}

Value Interpreter::literal(const LiteralExpression& node) {
    switch (node.kind) {
    case ExpressionKind::Boolean:
        return Value::boolean(node.integer != 0);
    case ExpressionKind::Integer:
        return Value::integer(node.integer);
    case ExpressionKind::Float:
        return Value::real(node.real);
    case ExpressionKind::Text: {
        Value& text = m_literals[static_cast<std::size_t>(node.textIndex)];
        if (text.isMissing())
            text = m_runtime.text(node.text);
        return text;
    }
    default:
        return Value();
    }
}

Result<Value> Interpreter::readVariable(const NameExpression& node) {
    const Value& value = variable(node.variable);
    return value.isMissing() ? m_runtime.undefined("'" + node.name + "' is undefined") : value;
}

Result<std::vector<Value>> Interpreter::evaluateItems(const std::vector<ExpressionPtr>& items) {
    std::vector<Value> values;
    values.reserve(items.size());
    for (const ExpressionPtr& item : items) {
        HEARTH_TRY(Value value, evaluate(*item));
        values.push_back(std::move(value));
    }
    return values;
}

Result<Value> Interpreter::evaluateDict(const DictExpression& node) {
    const Value dict = m_runtime.dict();
    for (const auto& [keyNode, valueNode] : node.items) {
        HEARTH_TRY(const Value key, evaluate(*keyNode));
        HEARTH_TRY(Value value, evaluate(*valueNode));
        HEARTH_CHECK(dict.as<Dict>().set(key, std::move(value)));
    }
    return dict;
}

Result<Value> Interpreter::evaluateUnary(const UnaryExpression& node) {
    HEARTH_TRY(const Value operand, evaluate(*node.operand));
    if (node.operation == UnaryOperator::Not)
        return Value::boolean(!isTrue(operand));
    return applyUnary(m_runtime, node.operation, operand);
}

Result<Value> Interpreter::evaluateBinary(const BinaryExpression& node) {
    HEARTH_TRY(Value left, evaluate(*node.left));
    if (node.operation == BinaryOperator::And && !isTrue(left))
        return left;
    if (node.operation == BinaryOperator::Or && isTrue(left))
        return left;
    HEARTH_TRY(Value right, evaluate(*node.right));
    if (node.operation == BinaryOperator::And || node.operation == BinaryOperator::Or)
        return right;
    m_line = node.line;
    return applyBinary(m_runtime, node.operation, left, right);
}

Result<Value> Interpreter::evaluateConcat(const SequenceExpression& node) {
    std::string text;
    for (const ExpressionPtr& item : node.items) {
        HEARTH_TRY(const Value value, evaluate(*item));
        HEARTH_CHECK(appendText(m_runtime, value, text));
        HEARTH_CHECK(m_runtime.afford(text.size()));
    }
    return m_runtime.text(std::move(text));
}

Result<bool> Interpreter::compare(Comparison comparison, const Value& left, const Value& right) {
    switch (comparison) {
    case Comparison::Equal:
        return equals(m_runtime, left, right);
    case Comparison::NotEqual: {
        HEARTH_TRY(const bool same, equals(m_runtime, left, right));
        return !same;
    }
    case Comparison::In:
        return contains(m_runtime, right, left);
    case Comparison::NotIn: {
        HEARTH_TRY(const bool inside, contains(m_runtime, right, left));
        return !inside;
    }
    case Comparison::Less: {
        HEARTH_TRY(const int result, order(m_runtime, left, right, "<"));
        return result == -1;
    }
    case Comparison::LessEqual: {
        HEARTH_TRY(const int result, order(m_runtime, left, right, "<="));
        return result == -1 || result == 0;
    }
    case Comparison::Greater: {
        HEARTH_TRY(const int result, order(m_runtime, left, right, ">"));
        return result == 1;
    }
    case Comparison::GreaterEqual: {
        HEARTH_TRY(const int result, order(m_runtime, left, right, ">="));
        return result == 1 || result == 0;
    }
    }
    return false;
}

Result<Value> Interpreter::evaluateCompare(const CompareExpression& node) {
    HEARTH_TRY(Value left, evaluate(*node.first));
    for (const auto& [comparison, operand] : node.rest) {
        HEARTH_TRY(Value right, evaluate(*operand));
        m_line = node.line;
        HEARTH_TRY(const bool holds, compare(comparison, left, right));
        if (!holds)
            return Value::boolean(false);
        left = std::move(right);
    }
    return Value::boolean(true);
}

Result<Value> Interpreter::evaluateSubscript(const SubscriptExpression& node) {
    HEARTH_TRY(const Value object, evaluate(*node.object));
    if (node.key->kind != ExpressionKind::Slice) {
        HEARTH_TRY(const Value key, evaluate(*node.key));
        m_line = node.line;
        return getItem(m_runtime, object, key);
    }
    const auto& slice = static_cast<const SliceExpression&>(*node.key);
    Value bounds[3];
    const ExpressionPtr* const parts[3] = {&slice.start, &slice.stop, &slice.step};
    for (std::size_t index = 0; index < 3; ++index)
        if (*parts[index]) {
            HEARTH_TRY(bounds[index], evaluate(**parts[index]));
        }
    m_line = node.line;
    return getSlice(m_runtime, object, bounds[0], bounds[1], bounds[2]);
}

Result<Value> Interpreter::evaluateConditional(const ConditionalExpression& node) {
    HEARTH_TRY(const Value test, evaluate(*node.test));
    if (isTrue(test))
        return evaluate(*node.whenTrue);
    if (node.whenFalse)
        return evaluate(*node.whenFalse);
    return m_runtime.undefined("the inline if-expression on line " + std::to_string(node.line)
                               + " evaluated to false and no else section was defined");
}

Result<Arguments> Interpreter::evaluateArguments(const ArgumentExpressions& expressions) {
    Arguments arguments;
    HEARTH_TRY(arguments.positional, evaluateItems(expressions.positional));
    for (const auto& [name, expression] : expressions.named) {
        HEARTH_TRY(Value value, evaluate(*expression));
        arguments.named.emplace_back(name, std::move(value));
    }
    if (expressions.star) {
        HEARTH_TRY(const Value star, evaluate(*expressions.star));
        HEARTH_TRY(std::vector<Value> items, collect(m_runtime, star));
        for (Value& item : items)
            arguments.positional.push_back(std::move(item));
    }
    if (!expressions.doubleStar)
        return arguments;
    HEARTH_TRY(const Value named, evaluate(*expressions.doubleStar));
    if (!named.is(Kind::Dict))
        return wrongType("'**' needs a mapping, not", named);
    for (const Dict::Entry& entry : named.as<Dict>().entries()) {
        HEARTH_CHECK(m_runtime.step());
        if (!entry.key.isText())
            return templateError("'**' needs a mapping whose keys are strings");
        for (const auto& [name, value] : arguments.named)
            if (name == textOf(entry.key))
                return templateError("the argument '" + name + "' is given twice");
        arguments.named.emplace_back(textOf(entry.key), entry.value);
    }
    return arguments;
}

Result<Value> Interpreter::evaluateFilter(const FilterExpression& node, const Value* blockText) {
    const Builtin filter = findFilter(node.name);
    if (filter == nullptr)
        return templateError("there is no filter '" + node.name + "'");
    Value input;
    if (!node.input) {
        HEARTH_ASSERT(blockText != nullptr);
        input = *blockText;
    } else if (blockText != nullptr && node.input->kind == ExpressionKind::Filter) {
        HEARTH_TRY(input, evaluateFilter(static_cast<const FilterExpression&>(*node.input), blockText));
    } else {
        HEARTH_TRY(input, evaluate(*node.input));
    }
    HEARTH_TRY(const Arguments arguments, evaluateArguments(node.arguments));
    m_line = node.line;
    return filter(m_runtime, input, arguments);
}

Result<Value> Interpreter::evaluateTest(const FilterExpression& node) {
    const TestFunction test = findTest(node.name);
    if (test == nullptr)
        return templateError("there is no test '" + node.name + "'");
    HEARTH_TRY(const Value input, evaluate(*node.input));
    HEARTH_TRY(const Arguments arguments, evaluateArguments(node.arguments));
    m_line = node.line;
    HEARTH_TRY(const bool passes, test(m_runtime, input, arguments));
    return Value::boolean(passes);
}

} // namespace hearth::jinja
