#pragma once

#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/token_stream.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::jinja {

/// Parses expressions out of a token stream. Thread: one. Errors of all: InvalidInput with the line.
class ExpressionParser {
public:
    /// Whether "a if b else c" may stand there without parentheses ("for x in y if z" and "if" do not allow it).
    enum class Inline : std::uint8_t { No, Yes };

    explicit ExpressionParser(TokenStream& tokens) : m_tokens(tokens) {}

    [[nodiscard]] Result<ExpressionPtr> parseExpression(Inline conditional = Inline::Yes);
    /// An expression, or a tuple if there are commas; ends before the name `endName` if that is not empty.
    [[nodiscard]] Result<ExpressionPtr> parseTuple(Inline conditional = Inline::Yes, std::string_view endName = {});
    /// Names, or a tuple of such, to assign to; `namespaceAttribute` allows "ns.name".
    [[nodiscard]] Result<AssignTarget> parseTarget(bool namespaceAttribute, std::string_view endName = {});
    /// "name(arguments)|name…" after the first "|" was taken (or stood for by the tag). `input` may be null.
    [[nodiscard]] Result<ExpressionPtr> parseFilters(ExpressionPtr input);

    /// Literal texts seen so far.
    [[nodiscard]] std::int32_t textCount() const { return m_textCount; }

private:
    using Parse = Result<ExpressionPtr> (ExpressionParser::*)();

    Result<ExpressionPtr> parseConditional();
    Result<ExpressionPtr> parseOr();
    Result<ExpressionPtr> parseAnd();
    Result<ExpressionPtr> parseNot();
    Result<ExpressionPtr> parseCompare();
    Result<ExpressionPtr> parseSum();
    Result<ExpressionPtr> parseConcat();
    Result<ExpressionPtr> parseProduct();
    Result<ExpressionPtr> parsePower();
    Result<ExpressionPtr> parseUnaryWithFilters();
    Result<ExpressionPtr> parseUnary();
    Result<ExpressionPtr> parsePrimary();
    Result<ExpressionPtr> parseLiteral();
    Result<ExpressionPtr> parseList();
    Result<ExpressionPtr> parseDict();
    Result<ExpressionPtr> parsePostfix(ExpressionPtr expression);
    Result<ExpressionPtr> parseAttribute(ExpressionPtr object);
    Result<ExpressionPtr> parseSubscript(ExpressionPtr object);
    Result<ExpressionPtr> parseSubscriptKey();
    Result<ExpressionPtr> parseCall(ExpressionPtr callee);
    Result<ExpressionPtr> parseTest(ExpressionPtr input);
    Result<ArgumentExpressions> parseArguments();
    Status parseArgument(ArgumentExpressions& arguments);
    Result<ExpressionPtr> parseTupleItems(Parse parseItem, std::string_view endName, bool parenthesized);
    /// a op b op c from the left, for one level of precedence.
    Result<ExpressionPtr> parseBinaryChain(Parse parseOperand,
                                           const std::vector<std::pair<std::string_view, BinaryOperator>>& operators);
    Result<AssignTarget> toTarget(const Expression& expression) const;

    TokenStream& m_tokens;
    std::int32_t m_nesting = 0;
    std::int32_t m_textCount = 0;
};

} // namespace hearth::jinja
