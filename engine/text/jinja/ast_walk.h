#pragma once

#include "engine/text/jinja/ast.h"

namespace hearth::jinja {

template <typename Visit>
void visitArguments(ArgumentExpressions& arguments, Visit&& visit) {
    for (ExpressionPtr& argument : arguments.positional)
        visit(*argument);
    for (auto& [name, argument] : arguments.named)
        visit(*argument);
    if (arguments.star)
        visit(*arguments.star);
    if (arguments.doubleStar)
        visit(*arguments.doubleStar);
}

template <typename Visit>
void visitIfGiven(ExpressionPtr& expression, Visit&& visit) {
    if (expression)
        visit(*expression);
}

/// Calls `visit(Expression&)` for each direct child, in the order of the source.
template <typename Visit>
void visitChildren(Expression& expression, Visit&& visit) {
    switch (expression.kind) {
    case ExpressionKind::None:
    case ExpressionKind::Boolean:
    case ExpressionKind::Integer:
    case ExpressionKind::Float:
    case ExpressionKind::Text:
    case ExpressionKind::Name:
        break;
    case ExpressionKind::Tuple:
    case ExpressionKind::List:
    case ExpressionKind::Concat:
        for (ExpressionPtr& item : static_cast<SequenceExpression&>(expression).items)
            visit(*item);
        break;
    case ExpressionKind::Dict:
        for (auto& [key, value] : static_cast<DictExpression&>(expression).items) {
            visit(*key);
            visit(*value);
        }
        break;
    case ExpressionKind::Unary:
        visit(*static_cast<UnaryExpression&>(expression).operand);
        break;
    case ExpressionKind::Binary:
        visit(*static_cast<BinaryExpression&>(expression).left);
        visit(*static_cast<BinaryExpression&>(expression).right);
        break;
    case ExpressionKind::Compare:
        visit(*static_cast<CompareExpression&>(expression).first);
        for (auto& [comparison, operand] : static_cast<CompareExpression&>(expression).rest)
            visit(*operand);
        break;
    case ExpressionKind::Attribute:
        visit(*static_cast<AttributeExpression&>(expression).object);
        break;
    case ExpressionKind::Subscript:
        visit(*static_cast<SubscriptExpression&>(expression).object);
        visit(*static_cast<SubscriptExpression&>(expression).key);
        break;
    case ExpressionKind::Slice:
        visitIfGiven(static_cast<SliceExpression&>(expression).start, visit);
        visitIfGiven(static_cast<SliceExpression&>(expression).stop, visit);
        visitIfGiven(static_cast<SliceExpression&>(expression).step, visit);
        break;
    case ExpressionKind::Call:
        visit(*static_cast<CallExpression&>(expression).callee);
        visitArguments(static_cast<CallExpression&>(expression).arguments, visit);
        break;
    case ExpressionKind::Filter:
    case ExpressionKind::Test:
        visitIfGiven(static_cast<FilterExpression&>(expression).input, visit);
        visitArguments(static_cast<FilterExpression&>(expression).arguments, visit);
        break;
    case ExpressionKind::Conditional:
        visit(*static_cast<ConditionalExpression&>(expression).test);
        visit(*static_cast<ConditionalExpression&>(expression).whenTrue);
        visitIfGiven(static_cast<ConditionalExpression&>(expression).whenFalse, visit);
        break;
    }
}

} // namespace hearth::jinja
