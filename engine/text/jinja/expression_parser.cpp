#include "engine/text/jinja/expression_parser.h"

#include "engine/text/jinja/expression_depth.h"

#include <algorithm>
#include <utility>

namespace hearth::jinja {

Result<ExpressionPtr> ExpressionParser::parseExpression(Inline conditional) {
    const Nesting nesting(m_nesting);
    if (m_nesting > kDeepestNesting)
        return m_tokens.fail("the expression is nested too deeply");
    return conditional == Inline::Yes ? parseConditional() : parseOr();
}

Result<ExpressionPtr> ExpressionParser::parseConditional() {
    std::int32_t line = m_tokens.current().line;
    HEARTH_TRY(ExpressionPtr value, parseOr());
    while (m_tokens.skipName("if")) {
        auto node = std::make_unique<ConditionalExpression>(ExpressionKind::Conditional, line);
        node->whenTrue = std::move(value);
        HEARTH_TRY(node->test, parseOr());
        if (m_tokens.skipName("else")) {
            HEARTH_TRY(node->whenFalse, parseExpression());
        }
        const std::int32_t depth = std::max({depthOf(node->test), depthOf(node->whenTrue), depthOf(node->whenFalse)});
        HEARTH_TRY(value, finish(m_tokens, std::move(node), depth));
        line = m_tokens.current().line;
    }
    return value;
}

Result<ExpressionPtr>
ExpressionParser::parseBinaryChain(Parse parseOperand,
                                   const std::vector<std::pair<std::string_view, BinaryOperator>>& operators) {
    std::int32_t line = m_tokens.current().line;
    HEARTH_TRY(ExpressionPtr left, (this->*parseOperand)());
    while (m_tokens.at(TokenType::Operator) || m_tokens.at(TokenType::Name)) {
        const auto found = std::find_if(operators.begin(), operators.end(),
                                        [&](const auto& entry) { return m_tokens.current().text == entry.first; });
        if (found == operators.end())
            break;
        m_tokens.take();
        auto node = std::make_unique<BinaryExpression>(ExpressionKind::Binary, line);
        node->operation = found->second;
        node->left = std::move(left);
        HEARTH_TRY(node->right, (this->*parseOperand)());
        const std::int32_t depth = std::max(depthOf(node->left), depthOf(node->right));
        HEARTH_TRY(left, finish(m_tokens, std::move(node), depth));
        line = m_tokens.current().line;
    }
    return left;
}

Result<ExpressionPtr> ExpressionParser::parseOr() {
    return parseBinaryChain(&ExpressionParser::parseAnd, {{"or", BinaryOperator::Or}});
}

Result<ExpressionPtr> ExpressionParser::parseAnd() {
    return parseBinaryChain(&ExpressionParser::parseNot, {{"and", BinaryOperator::And}});
}

Result<ExpressionPtr> ExpressionParser::parseSum() {
    return parseBinaryChain(&ExpressionParser::parseConcat,
                            {{"+", BinaryOperator::Add}, {"-", BinaryOperator::Subtract}});
}

Result<ExpressionPtr> ExpressionParser::parseProduct() {
    return parseBinaryChain(&ExpressionParser::parsePower, {{"*", BinaryOperator::Multiply},
                                                            {"/", BinaryOperator::Divide},
                                                            {"//", BinaryOperator::FloorDivide},
                                                            {"%", BinaryOperator::Modulo}});
}

// From the left, unlike in Python: 2 ** 3 ** 2 is 64 in a template.
Result<ExpressionPtr> ExpressionParser::parsePower() {
    return parseBinaryChain(&ExpressionParser::parseUnaryWithFilters, {{"**", BinaryOperator::Power}});
}

Result<ExpressionPtr> ExpressionParser::parseNot() {
    if (!m_tokens.atName("not"))
        return parseCompare();
    const Nesting nesting(m_nesting);
    if (m_nesting > kDeepestNesting)
        return m_tokens.fail("the expression is nested too deeply");
    auto node = std::make_unique<UnaryExpression>(ExpressionKind::Unary, m_tokens.take().line);
    node->operation = UnaryOperator::Not;
    HEARTH_TRY(node->operand, parseNot());
    const std::int32_t depth = depthOf(node->operand);
    return finish(m_tokens, std::move(node), depth);
}

Result<ExpressionPtr> ExpressionParser::parseCompare() {
    static const std::vector<std::pair<std::string_view, Comparison>> kComparisons{
        {"==", Comparison::Equal},     {"!=", Comparison::NotEqual}, {"<", Comparison::Less},
        {"<=", Comparison::LessEqual}, {">", Comparison::Greater},   {">=", Comparison::GreaterEqual}};
    const std::int32_t line = m_tokens.current().line;
    HEARTH_TRY(ExpressionPtr first, parseSum());
    auto node = std::make_unique<CompareExpression>(ExpressionKind::Compare, line);
    std::int32_t depth = depthOf(first);
    while (true) {
        const auto found = std::find_if(kComparisons.begin(), kComparisons.end(),
                                        [&](const auto& entry) { return m_tokens.atOperator(entry.first); });
        Comparison comparison = Comparison::In;
        if (found != kComparisons.end()) {
            comparison = found->second;
        } else if (m_tokens.atName("not") && m_tokens.next().isName("in")) {
            comparison = Comparison::NotIn;
            m_tokens.take();
        } else if (!m_tokens.atName("in")) {
            break;
        }
        m_tokens.take();
        HEARTH_TRY(ExpressionPtr operand, parseSum());
        depth = std::max(depth, depthOf(operand));
        node->rest.emplace_back(comparison, std::move(operand));
    }
    if (node->rest.empty())
        return first;
    node->first = std::move(first);
    return finish(m_tokens, std::move(node), depth);
}

Result<ExpressionPtr> ExpressionParser::parseConcat() {
    const std::int32_t line = m_tokens.current().line;
    HEARTH_TRY(ExpressionPtr first, parseProduct());
    if (!m_tokens.atOperator("~"))
        return first;
    auto node = std::make_unique<SequenceExpression>(ExpressionKind::Concat, line);
    std::int32_t depth = depthOf(first);
    node->items.push_back(std::move(first));
    while (m_tokens.skipOperator("~")) {
        HEARTH_TRY(ExpressionPtr item, parseProduct());
        depth = std::max(depth, depthOf(item));
        node->items.push_back(std::move(item));
    }
    return finish(m_tokens, std::move(node), depth);
}

Result<ExpressionPtr> ExpressionParser::parseUnaryWithFilters() {
    HEARTH_TRY(ExpressionPtr value, parseUnary());
    while (true) {
        if (m_tokens.skipOperator("|")) {
            HEARTH_TRY(value, parseFilters(std::move(value)));
        } else if (m_tokens.atName("is")) {
            HEARTH_TRY(value, parseTest(std::move(value)));
        } else if (m_tokens.atOperator("(")) {
            HEARTH_TRY(value, parseCall(std::move(value)));
        } else {
            return value;
        }
    }
}

// The sign binds tighter than filters and power: -2|abs is 2 and -2 ** 2 is 4.
Result<ExpressionPtr> ExpressionParser::parseUnary() {
    if (!m_tokens.atOperator("-") && !m_tokens.atOperator("+")) {
        HEARTH_TRY(ExpressionPtr primary, parsePrimary());
        return parsePostfix(std::move(primary));
    }
    const Nesting nesting(m_nesting);
    if (m_nesting > kDeepestNesting)
        return m_tokens.fail("the expression is nested too deeply");
    auto node = std::make_unique<UnaryExpression>(ExpressionKind::Unary, m_tokens.current().line);
    node->operation = m_tokens.take().text == "-" ? UnaryOperator::Minus : UnaryOperator::Plus;
    HEARTH_TRY(node->operand, parseUnary());
    const std::int32_t depth = depthOf(node->operand);
    HEARTH_TRY(ExpressionPtr value, finish(m_tokens, std::move(node), depth));
    return parsePostfix(std::move(value));
}

Result<ExpressionPtr> ExpressionParser::parsePrimary() {
    const Token& token = m_tokens.current();
    const std::int32_t line = token.line;
    if (token.isOperator("(")) {
        m_tokens.take();
        const Nesting nesting(m_nesting);
        if (m_nesting > kDeepestNesting)
            return m_tokens.fail("the expression is nested too deeply");
        HEARTH_TRY(ExpressionPtr inside, parseTupleItems(&ExpressionParser::parseConditional, {}, true));
        HEARTH_CHECK(m_tokens.expectOperator(")"));
        return inside;
    }
    if (token.isOperator("["))
        return parseList();
    if (token.isOperator("{"))
        return parseDict();
    static constexpr std::string_view kConstants[] = {"true", "True", "false", "False", "none", "None"};
    const bool isConstant = std::find(std::begin(kConstants), std::end(kConstants), token.text) != std::end(kConstants);
    if (token.type != TokenType::Name || isConstant)
        return parseLiteral();
    auto node = std::make_unique<NameExpression>(ExpressionKind::Name, line);
    node->name = m_tokens.take().text;
    return finish(m_tokens, std::move(node), 0);
}

Result<ExpressionPtr> ExpressionParser::parseLiteral() {
    const Token& token = m_tokens.current();
    auto node = std::make_unique<LiteralExpression>(ExpressionKind::None, token.line);
    switch (token.type) {
    case TokenType::Name:
        if (token.text != "none" && token.text != "None") {
            node->kind = ExpressionKind::Boolean;
            node->integer = token.text == "true" || token.text == "True" ? 1 : 0;
        }
        m_tokens.take();
        break;
    case TokenType::Integer:
        node->kind = ExpressionKind::Integer;
        node->integer = m_tokens.take().integer;
        break;
    case TokenType::Float:
        node->kind = ExpressionKind::Float;
        node->real = m_tokens.take().real;
        break;
    case TokenType::String:
        node->kind = ExpressionKind::Text;
        while (m_tokens.at(TokenType::String)) // neighbouring strings are one
            node->text += m_tokens.take().text;
        node->textIndex = m_textCount++;
        break;
    default:
        return m_tokens.fail("unexpected " + describe(token));
    }
    return finish(m_tokens, std::move(node), 0);
}

Result<ExpressionPtr> ExpressionParser::parseList() {
    auto node = std::make_unique<SequenceExpression>(ExpressionKind::List, m_tokens.take().line);
    std::int32_t depth = 0;
    while (!m_tokens.atOperator("]")) {
        if (!node->items.empty()) {
            HEARTH_CHECK(m_tokens.expectOperator(","));
            if (m_tokens.atOperator("]"))
                break;
        }
        HEARTH_TRY(ExpressionPtr item, parseExpression());
        depth = std::max(depth, depthOf(item));
        node->items.push_back(std::move(item));
    }
    m_tokens.take();
    return finish(m_tokens, std::move(node), depth);
}

Result<ExpressionPtr> ExpressionParser::parseDict() {
    auto node = std::make_unique<DictExpression>(ExpressionKind::Dict, m_tokens.take().line);
    std::int32_t depth = 0;
    while (!m_tokens.atOperator("}")) {
        if (!node->items.empty()) {
            HEARTH_CHECK(m_tokens.expectOperator(","));
            if (m_tokens.atOperator("}"))
                break;
        }
        HEARTH_TRY(ExpressionPtr key, parseExpression());
        HEARTH_CHECK(m_tokens.expectOperator(":"));
        HEARTH_TRY(ExpressionPtr value, parseExpression());
        depth = std::max({depth, depthOf(key), depthOf(value)});
        node->items.emplace_back(std::move(key), std::move(value));
    }
    m_tokens.take();
    return finish(m_tokens, std::move(node), depth);
}

Result<ExpressionPtr> ExpressionParser::parseTuple(Inline conditional, std::string_view endName) {
    const Nesting nesting(m_nesting);
    return parseTupleItems(
        conditional == Inline::Yes ? &ExpressionParser::parseConditional : &ExpressionParser::parseOr, endName, false);
}

Result<ExpressionPtr> ExpressionParser::parseTupleItems(Parse parseItem, std::string_view endName, bool parenthesized) {
    auto node = std::make_unique<SequenceExpression>(ExpressionKind::Tuple, m_tokens.current().line);
    bool isTuple = false;
    std::int32_t depth = 0;
    while (true) {
        const bool atEnd = m_tokens.at(TokenType::VariableEnd) || m_tokens.at(TokenType::BlockEnd)
                           || m_tokens.atOperator(")") || (!endName.empty() && m_tokens.atName(endName));
        if (atEnd)
            break;
        HEARTH_TRY(ExpressionPtr item, (this->*parseItem)());
        depth = std::max(depth, depthOf(item));
        node->items.push_back(std::move(item));
        if (!m_tokens.skipOperator(","))
            break;
        isTuple = true;
    }
    if (!isTuple && !node->items.empty())
        return std::move(node->items.front());
    if (!isTuple && !parenthesized)
        return m_tokens.fail("expected an expression, got " + describe(m_tokens.current()));
    return finish(m_tokens, std::move(node), depth);
}

Result<AssignTarget> ExpressionParser::parseTarget(bool namespaceAttribute, std::string_view endName) {
    if (namespaceAttribute && m_tokens.next().isOperator(".")) {
        AssignTarget target;
        target.kind = AssignTarget::Kind::NamespaceAttribute;
        target.line = m_tokens.current().line;
        HEARTH_TRY(target.name, m_tokens.takeName());
        m_tokens.take();
        HEARTH_TRY(target.attribute, m_tokens.takeName());
        return target;
    }
    HEARTH_TRY(const ExpressionPtr expression, parseTupleItems(&ExpressionParser::parsePrimary, endName, false));
    return toTarget(*expression);
}

Result<AssignTarget> ExpressionParser::toTarget(const Expression& expression) const {
    AssignTarget target;
    target.line = expression.line;
    if (expression.kind == ExpressionKind::Name) {
        target.name = static_cast<const NameExpression&>(expression).name;
        return target;
    }
    if (expression.kind != ExpressionKind::Tuple)
        return TokenStream::fail("only names can be assigned to", expression.line);
    target.kind = AssignTarget::Kind::Tuple;
    for (const ExpressionPtr& item : static_cast<const SequenceExpression&>(expression).items) {
        HEARTH_TRY(AssignTarget inner, toTarget(*item));
        target.items.push_back(std::move(inner));
    }
    return target;
}

} // namespace hearth::jinja
