#pragma once

#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/token_stream.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

namespace hearth::jinja {

/// How deep expressions may be: all that walks over them recurses. Thread: any.

// Deeper trees are refused: Python's own compiler stops at 200 nested parentheses, so no real template comes near.
inline constexpr std::int32_t kDeepestExpression = 250;
inline constexpr std::int32_t kDeepestNesting = 100;

[[nodiscard]] inline std::int32_t depthOf(const ExpressionPtr& expression) {
    return expression ? expression->depth : 0;
}

[[nodiscard]] inline std::int32_t depthOf(const ArgumentExpressions& arguments) {
    std::int32_t depth = std::max(depthOf(arguments.star), depthOf(arguments.doubleStar));
    for (const ExpressionPtr& argument : arguments.positional)
        depth = std::max(depth, depthOf(argument));
    for (const auto& [name, argument] : arguments.named)
        depth = std::max(depth, depthOf(argument));
    return depth;
}

/// Counts one level of parentheses, brackets or the like while it lives.
class Nesting {
public:
    explicit Nesting(std::int32_t& level) : m_level(level) { ++m_level; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    ~Nesting() { --m_level; }

private:
    std::int32_t& m_level;
};

/// The finished node above children of that depth, or an error at the current token if the tree is too deep.
template <typename Node>
[[nodiscard]] Result<ExpressionPtr> finish(const TokenStream& tokens, std::unique_ptr<Node> node,
                                           std::int32_t deepestChild) {
    node->depth = deepestChild + 1;
    if (node->depth > kDeepestExpression)
        return tokens.fail("the expression is nested too deeply");
    return ExpressionPtr(std::move(node));
}

} // namespace hearth::jinja
