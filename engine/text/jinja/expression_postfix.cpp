#include "engine/text/jinja/expression_depth.h"
#include "engine/text/jinja/expression_parser.h"

#include <algorithm>
#include <utility>

// What stands behind a value: attributes, subscripts, calls, filters and tests.

namespace hearth::jinja {

Result<ExpressionPtr> ExpressionParser::parsePostfix(ExpressionPtr expression) {
    while (true) {
        if (m_tokens.atOperator(".")) {
            HEARTH_TRY(expression, parseAttribute(std::move(expression)));
        } else if (m_tokens.atOperator("[")) {
            HEARTH_TRY(expression, parseSubscript(std::move(expression)));
        } else if (m_tokens.atOperator("(")) {
            HEARTH_TRY(expression, parseCall(std::move(expression)));
        } else {
            return expression;
        }
    }
}

Result<ExpressionPtr> ExpressionParser::parseAttribute(ExpressionPtr object) {
    const std::int32_t line = m_tokens.take().line;
    const std::int32_t depth = depthOf(object);
    if (m_tokens.at(TokenType::Integer)) { // items.0
        auto node = std::make_unique<SubscriptExpression>(ExpressionKind::Subscript, line);
        node->object = std::move(object);
        HEARTH_TRY(node->key, parseLiteral());
        return finish(m_tokens, std::move(node), depth);
    }
    auto node = std::make_unique<AttributeExpression>(ExpressionKind::Attribute, line);
    node->object = std::move(object);
    HEARTH_TRY(node->name, m_tokens.takeName());
    return finish(m_tokens, std::move(node), depth);
}

Result<ExpressionPtr> ExpressionParser::parseSubscript(ExpressionPtr object) {
    const std::int32_t line = m_tokens.take().line;
    auto node = std::make_unique<SubscriptExpression>(ExpressionKind::Subscript, line);
    node->object = std::move(object);
    HEARTH_TRY(node->key, parseSubscriptKey());
    if (m_tokens.atOperator(",") && node->key->kind != ExpressionKind::Slice) {
        auto keys = std::make_unique<SequenceExpression>(ExpressionKind::Tuple, line);
        std::int32_t depth = depthOf(node->key);
        keys->items.push_back(std::move(node->key));
        while (m_tokens.skipOperator(",")) {
            HEARTH_TRY(ExpressionPtr item, parseExpression());
            depth = std::max(depth, depthOf(item));
            keys->items.push_back(std::move(item));
        }
        HEARTH_TRY(node->key, finish(m_tokens, std::move(keys), depth));
    }
    HEARTH_CHECK(m_tokens.expectOperator("]"));
    const std::int32_t depth = std::max(depthOf(node->object), depthOf(node->key));
    return finish(m_tokens, std::move(node), depth);
}

Result<ExpressionPtr> ExpressionParser::parseSubscriptKey() {
    const std::int32_t line = m_tokens.current().line;
    ExpressionPtr start;
    if (!m_tokens.atOperator(":")) {
        HEARTH_TRY(start, parseExpression());
        if (!m_tokens.atOperator(":"))
            return start;
    }
    m_tokens.take();
    auto node = std::make_unique<SliceExpression>(ExpressionKind::Slice, line);
    node->start = std::move(start);
    const auto atEnd = [this] { return m_tokens.atOperator("]") || m_tokens.atOperator(","); };
    if (!atEnd() && !m_tokens.atOperator(":")) {
        HEARTH_TRY(node->stop, parseExpression());
    }
    if (m_tokens.skipOperator(":") && !atEnd()) {
        HEARTH_TRY(node->step, parseExpression());
    }
    const std::int32_t depth = std::max({depthOf(node->start), depthOf(node->stop), depthOf(node->step)});
    return finish(m_tokens, std::move(node), depth);
}

Result<ExpressionPtr> ExpressionParser::parseCall(ExpressionPtr callee) {
    auto node = std::make_unique<CallExpression>(ExpressionKind::Call, m_tokens.current().line);
    node->callee = std::move(callee);
    HEARTH_TRY(node->arguments, parseArguments());
    const std::int32_t depth = std::max(depthOf(node->callee), depthOf(node->arguments));
    return finish(m_tokens, std::move(node), depth);
}

Result<ArgumentExpressions> ExpressionParser::parseArguments() {
    HEARTH_CHECK(m_tokens.expectOperator("("));
    ArgumentExpressions arguments;
    bool first = true;
    while (!m_tokens.atOperator(")")) {
        if (!first) {
            HEARTH_CHECK(m_tokens.expectOperator(","));
            if (m_tokens.atOperator(")"))
                break;
        }
        first = false;
        HEARTH_CHECK(parseArgument(arguments));
    }
    m_tokens.take();
    return arguments;
}

Status ExpressionParser::parseArgument(ArgumentExpressions& arguments) {
    const auto misplaced = [this] { return m_tokens.fail("an argument of the call stands in the wrong place"); };
    if (m_tokens.atOperator("*")) {
        if (arguments.star || arguments.doubleStar)
            return misplaced();
        m_tokens.take();
        HEARTH_TRY(arguments.star, parseExpression());
        return {};
    }
    if (arguments.doubleStar)
        return misplaced();
    if (m_tokens.skipOperator("**")) {
        HEARTH_TRY(arguments.doubleStar, parseExpression());
        return {};
    }
    if (m_tokens.at(TokenType::Name) && m_tokens.next().isOperator("=")) {
        std::string name = m_tokens.take().text;
        m_tokens.take();
        for (const auto& [other, expression] : arguments.named)
            if (other == name)
                return m_tokens.fail("the argument '" + name + "' is given twice");
        HEARTH_TRY(ExpressionPtr value, parseExpression());
        arguments.named.emplace_back(std::move(name), std::move(value));
        return {};
    }
    if (arguments.star || !arguments.named.empty())
        return misplaced();
    HEARTH_TRY(ExpressionPtr value, parseExpression());
    arguments.positional.push_back(std::move(value));
    return {};
}

Result<ExpressionPtr> ExpressionParser::parseFilters(ExpressionPtr input) {
    do {
        auto node = std::make_unique<FilterExpression>(ExpressionKind::Filter, m_tokens.current().line);
        node->input = std::move(input);
        HEARTH_TRY(node->name, m_tokens.takeName());
        while (m_tokens.skipOperator(".")) {
            HEARTH_TRY(const std::string part, m_tokens.takeName());
            node->name += "." + part;
        }
        if (m_tokens.atOperator("(")) {
            HEARTH_TRY(node->arguments, parseArguments());
        }
        const std::int32_t depth = std::max(depthOf(node->input), depthOf(node->arguments));
        HEARTH_TRY(input, finish(m_tokens, std::move(node), depth));
    } while (m_tokens.skipOperator("|"));
    return input;
}

Result<ExpressionPtr> ExpressionParser::parseTest(ExpressionPtr input) {
    auto node = std::make_unique<FilterExpression>(ExpressionKind::Test, m_tokens.take().line);
    node->input = std::move(input);
    const bool negated = m_tokens.skipName("not");
    HEARTH_TRY(node->name, m_tokens.takeName());
    while (m_tokens.skipOperator(".")) {
        HEARTH_TRY(const std::string part, m_tokens.takeName());
        node->name += "." + part;
    }
    const Token& token = m_tokens.current();
    const bool startsValue =
        token.type == TokenType::String || token.type == TokenType::Integer || token.type == TokenType::Float
        || token.isOperator("[") || token.isOperator("{")
        || (token.type == TokenType::Name && token.text != "else" && token.text != "or" && token.text != "and");
    if (token.isOperator("(")) {
        HEARTH_TRY(node->arguments, parseArguments());
    } else if (token.isName("is")) {
        return m_tokens.fail("tests cannot be chained with 'is'");
    } else if (startsValue) {
        HEARTH_TRY(ExpressionPtr argument, parsePrimary());
        HEARTH_TRY(argument, parsePostfix(std::move(argument)));
        node->arguments.positional.push_back(std::move(argument));
    }
    const std::int32_t line = node->line;
    const std::int32_t depth = std::max(depthOf(node->input), depthOf(node->arguments));
    HEARTH_TRY(ExpressionPtr test, finish(m_tokens, std::move(node), depth));
    if (!negated)
        return test;
    auto negation = std::make_unique<UnaryExpression>(ExpressionKind::Unary, line);
    negation->operation = UnaryOperator::Not;
    negation->operand = std::move(test);
    return finish(m_tokens, std::move(negation), depth + 1);
}

} // namespace hearth::jinja
