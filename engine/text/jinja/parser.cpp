#include "engine/text/jinja/parser.h"

#include "engine/text/jinja/expression_parser.h"
#include "engine/text/jinja/lexer.h"
#include "engine/text/jinja/scope_resolver.h"
#include "engine/text/jinja/token_stream.h"

#include <array>
#include <memory>
#include <utility>

namespace hearth::jinja {
namespace {

using Inline = ExpressionParser::Inline;

// The longest template of a real model has 40 KB; beyond this it is something else.
constexpr std::size_t kLargestTemplate = 1U << 20U;
constexpr std::int32_t kDeepestBlocks = 60;

class StatementParser {
public:
    explicit StatementParser(std::vector<Token> tokens) : m_tokens(std::move(tokens)), m_expressions(m_tokens) {}

    Result<Syntax> run() {
        Syntax syntax;
        HEARTH_CHECK(parseBody(syntax.body, {}));
        syntax.textCount = m_expressions.textCount();
        return syntax;
    }

private:
    using EndTags = std::initializer_list<std::string_view>;
    using Handler = Status (StatementParser::*)(Body& body);

    Status parseBody(Body& body, EndTags endTags);
    Status parseBlock(Body& body, EndTags endTags);
    Status parseBlock(Body& body, std::string_view endTag);
    Status parseStatement(Body& body, EndTags endTags);
    Status parseFor(Body& body);
    Status parseIf(Body& body);
    Status parseMacro(Body& body);
    Status parseCall(Body& body);
    Status parseGeneration(Body& body);
    Status parseFilter(Body& body);
    Status parseWith(Body& body);
    Status parseSet(Body& body);
    Status parsePrint(Body& body);
    Status parseJump(Body& body);
    Status parseNamedBlock(Body& body);
    Status parseAutoescape(Body& body);
    Status parseForeign(Body& body);
    Status parseParameters(MacroFunction& function);
    Error unknownTag(std::string_view tag, EndTags endTags) const;

    TokenStream m_tokens;
    ExpressionParser m_expressions;
    std::int32_t m_depth = 0;
    std::int32_t m_loops = 0; ///< around the current statement, within its macro
};

// Statements up to one of the end tags, whose name is then the current token; without end tags up to the end.
Status StatementParser::parseBody(Body& body, EndTags endTags) {
    while (true) {
        const std::int32_t line = m_tokens.current().line;
        switch (m_tokens.current().type) {
        case TokenType::Data: {
            auto text = std::make_unique<TextStatement>(StatementKind::Text, line);
            text->text = std::move(m_tokens.take().text);
            body.push_back(std::move(text));
            break;
        }
        case TokenType::VariableBegin: {
            m_tokens.take();
            auto print = std::make_unique<PrintStatement>(StatementKind::Print, line);
            HEARTH_TRY(print->value, m_expressions.parseTuple());
            HEARTH_CHECK(m_tokens.expect(TokenType::VariableEnd));
            body.push_back(std::move(print));
            break;
        }
        case TokenType::BlockBegin: {
            m_tokens.take();
            for (const std::string_view tag : endTags)
                if (m_tokens.atName(tag))
                    return {};
            HEARTH_CHECK(parseStatement(body, endTags));
            HEARTH_CHECK(m_tokens.expect(TokenType::BlockEnd));
            break;
        }
        default:
            if (endTags.size() == 0)
                return {};
            return m_tokens.fail("the template ends before '" + std::string(*(endTags.end() - 1)) + "'");
        }
    }
}

// The end of the opening tag, the statements, and up to the name of the closing one.
Status StatementParser::parseBlock(Body& body, EndTags endTags) {
    m_tokens.skipOperator(":");
    HEARTH_CHECK(m_tokens.expect(TokenType::BlockEnd));
    if (++m_depth > kDeepestBlocks)
        return m_tokens.fail("blocks are nested too deeply");
    HEARTH_CHECK(parseBody(body, endTags));
    --m_depth;
    return {};
}

Status StatementParser::parseBlock(Body& body, std::string_view endTag) {
    HEARTH_CHECK(parseBlock(body, {endTag}));
    m_tokens.take();
    return {};
}

Status StatementParser::parseStatement(Body& body, EndTags endTags) {
    static constexpr std::array<std::pair<std::string_view, Handler>, 17> kHandlers{{
        {"for", &StatementParser::parseFor},
        {"if", &StatementParser::parseIf},
        {"set", &StatementParser::parseSet},
        {"macro", &StatementParser::parseMacro},
        {"call", &StatementParser::parseCall},
        {"generation", &StatementParser::parseGeneration},
        {"filter", &StatementParser::parseFilter},
        {"with", &StatementParser::parseWith},
        {"print", &StatementParser::parsePrint},
        {"break", &StatementParser::parseJump},
        {"continue", &StatementParser::parseJump},
        {"block", &StatementParser::parseNamedBlock},
        {"autoescape", &StatementParser::parseAutoescape},
        {"include", &StatementParser::parseForeign},
        {"import", &StatementParser::parseForeign},
        {"from", &StatementParser::parseForeign},
        {"extends", &StatementParser::parseForeign},
    }};
    if (!m_tokens.at(TokenType::Name))
        return m_tokens.fail("expected the name of a tag, got " + describe(m_tokens.current()));
    for (const auto& [tag, handler] : kHandlers)
        if (m_tokens.atName(tag))
            return (this->*handler)(body);
    return unknownTag(m_tokens.current().text, endTags);
}

Error StatementParser::unknownTag(std::string_view tag, EndTags endTags) const {
    std::string reason = "unknown tag '" + std::string(tag) + "'";
    if (endTags.size() > 0) {
        reason += "; the innermost block needs ";
        for (const std::string_view end : endTags)
            reason += (end == *endTags.begin() ? "'" : " or '") + std::string(end) + "'";
    }
    return m_tokens.fail(reason);
}

Status StatementParser::parseFor(Body& body) {
    auto node = std::make_unique<ForStatement>(StatementKind::For, m_tokens.take().line);
    HEARTH_TRY(node->target, m_expressions.parseTarget(false, "in"));
    HEARTH_CHECK(m_tokens.expectName("in"));
    HEARTH_TRY(node->iterable, m_expressions.parseTuple(Inline::No, "recursive"));
    if (m_tokens.skipName("if")) {
        HEARTH_TRY(node->condition, m_expressions.parseExpression());
    }
    node->recursive = m_tokens.skipName("recursive");
    ++m_loops;
    HEARTH_CHECK(parseBlock(node->body, {"else", "endfor"}));
    --m_loops;
    if (m_tokens.take().text == "else")
        HEARTH_CHECK(parseBlock(node->otherwise, "endfor"));
    body.push_back(std::move(node));
    return {};
}

Status StatementParser::parseIf(Body& body) {
    auto node = std::make_unique<IfStatement>(StatementKind::If, m_tokens.current().line);
    std::string tag;
    do {
        m_tokens.take();
        auto& branch = node->branches.emplace_back();
        HEARTH_TRY(branch.first, m_expressions.parseTuple(Inline::No));
        HEARTH_CHECK(parseBlock(branch.second, {"elif", "else", "endif"}));
        tag = m_tokens.current().text;
    } while (tag == "elif");
    m_tokens.take();
    if (tag == "else")
        HEARTH_CHECK(parseBlock(node->otherwise, "endif"));
    body.push_back(std::move(node));
    return {};
}

Status StatementParser::parseSet(Body& body) {
    const std::int32_t line = m_tokens.take().line;
    HEARTH_TRY(AssignTarget target, m_expressions.parseTarget(true));
    if (m_tokens.skipOperator("=")) {
        auto node = std::make_unique<SetStatement>(StatementKind::Set, line);
        node->target = std::move(target);
        HEARTH_TRY(node->value, m_expressions.parseTuple());
        body.push_back(std::move(node));
        return {};
    }
    auto node = std::make_unique<SetBlockStatement>(StatementKind::SetBlock, line);
    node->target = std::move(target);
    if (m_tokens.skipOperator("|")) {
        HEARTH_TRY(node->filter, m_expressions.parseFilters(nullptr));
    }
    HEARTH_CHECK(parseBlock(node->body, "endset"));
    body.push_back(std::move(node));
    return {};
}

Status StatementParser::parseParameters(MacroFunction& function) {
    HEARTH_CHECK(m_tokens.expectOperator("("));
    while (!m_tokens.atOperator(")")) {
        if (!function.parameters.empty())
            HEARTH_CHECK(m_tokens.expectOperator(","));
        Parameter parameter;
        HEARTH_TRY(parameter.name, m_tokens.takeName());
        for (const Parameter& other : function.parameters)
            if (other.name == parameter.name)
                return m_tokens.fail("the parameter '" + parameter.name + "' stands there twice");
        if (m_tokens.skipOperator("=")) {
            HEARTH_TRY(parameter.defaultValue, m_expressions.parseExpression());
        } else if (!function.parameters.empty() && function.parameters.back().defaultValue) {
            return m_tokens.fail("a parameter without a default follows one with a default");
        }
        function.parameters.push_back(std::move(parameter));
    }
    m_tokens.take();
    return {};
}

Status StatementParser::parseMacro(Body& body) {
    auto node = std::make_unique<MacroStatement>(StatementKind::Macro, m_tokens.take().line);
    HEARTH_TRY(node->function.name, m_tokens.takeName());
    HEARTH_CHECK(parseParameters(node->function));
    const std::int32_t loops = std::exchange(m_loops, 0);
    HEARTH_CHECK(parseBlock(node->function.body, "endmacro"));
    m_loops = loops;
    body.push_back(std::move(node));
    return {};
}

Status StatementParser::parseCall(Body& body) {
    auto node = std::make_unique<CallBlockStatement>(StatementKind::CallBlock, m_tokens.take().line);
    if (m_tokens.atOperator("("))
        HEARTH_CHECK(parseParameters(node->function));
    HEARTH_TRY(node->call, m_expressions.parseExpression());
    if (node->call->kind != ExpressionKind::Call)
        return TokenStream::fail("a call block needs a call", node->line);
    const std::int32_t loops = std::exchange(m_loops, 0);
    HEARTH_CHECK(parseBlock(node->function.body, "endcall"));
    m_loops = loops;
    body.push_back(std::move(node));
    return {};
}

// Marks what the model itself wrote; to whom renders a prompt it is a call block whose call gives its text.
Status StatementParser::parseGeneration(Body& body) {
    auto node = std::make_unique<CallBlockStatement>(StatementKind::CallBlock, m_tokens.take().line);
    const std::int32_t loops = std::exchange(m_loops, 0);
    HEARTH_CHECK(parseBlock(node->function.body, "endgeneration"));
    m_loops = loops;
    body.push_back(std::move(node));
    return {};
}

Status StatementParser::parseFilter(Body& body) {
    auto node = std::make_unique<FilterBlockStatement>(StatementKind::FilterBlock, m_tokens.take().line);
    HEARTH_TRY(node->filter, m_expressions.parseFilters(nullptr));
    HEARTH_CHECK(parseBlock(node->body, "endfilter"));
    body.push_back(std::move(node));
    return {};
}

Status StatementParser::parseWith(Body& body) {
    auto node = std::make_unique<WithStatement>(StatementKind::With, m_tokens.take().line);
    while (!m_tokens.at(TokenType::BlockEnd)) {
        if (!node->assignments.empty())
            HEARTH_CHECK(m_tokens.expectOperator(","));
        auto& assignment = node->assignments.emplace_back();
        HEARTH_TRY(assignment.first.name, m_tokens.takeName());
        HEARTH_CHECK(m_tokens.expectOperator("="));
        HEARTH_TRY(assignment.second, m_expressions.parseExpression());
    }
    HEARTH_CHECK(parseBlock(node->body, "endwith"));
    body.push_back(std::move(node));
    return {};
}

Status StatementParser::parsePrint(Body& body) {
    m_tokens.take();
    bool first = true;
    while (!m_tokens.at(TokenType::BlockEnd)) {
        if (!first)
            HEARTH_CHECK(m_tokens.expectOperator(","));
        first = false;
        auto node = std::make_unique<PrintStatement>(StatementKind::Print, m_tokens.current().line);
        HEARTH_TRY(node->value, m_expressions.parseExpression());
        body.push_back(std::move(node));
    }
    return {};
}

Status StatementParser::parseJump(Body& body) {
    const StatementKind kind = m_tokens.atName("break") ? StatementKind::Break : StatementKind::Continue;
    if (m_loops == 0)
        return m_tokens.fail("'" + m_tokens.current().text + "' outside of a loop");
    body.push_back(std::make_unique<Statement>(kind, m_tokens.take().line));
    return {};
}

Status StatementParser::parseNamedBlock(Body& body) {
    auto node = std::make_unique<ScopeBlockStatement>(StatementKind::ScopeBlock, m_tokens.take().line);
    HEARTH_TRY(const std::string name, m_tokens.takeName());
    m_tokens.skipName("scoped");
    const std::int32_t loops = std::exchange(m_loops, 0);
    HEARTH_CHECK(parseBlock(node->body, "endblock"));
    m_loops = loops;
    m_tokens.skipName(name);
    body.push_back(std::move(node));
    return {};
}

Status StatementParser::parseAutoescape(Body& body) {
    auto node = std::make_unique<ScopeBlockStatement>(StatementKind::ScopeBlock, m_tokens.take().line);
    HEARTH_TRY(node->escape, m_expressions.parseExpression());
    HEARTH_CHECK(parseBlock(node->body, "endautoescape"));
    body.push_back(std::move(node));
    return {};
}

Status StatementParser::parseForeign(Body&) {
    return m_tokens.fail("'" + m_tokens.current().text + "' needs another template, and a chat template has none");
}

} // namespace

Result<Syntax> parse(std::string_view source) {
    if (source.size() > kLargestTemplate)
        return Error{ErrorCode::InvalidInput, "the template has " + std::to_string(source.size()) + " bytes, more than "
                                                  + std::to_string(kLargestTemplate)};
    HEARTH_TRY(std::vector<Token> tokens, tokenize(source));
    HEARTH_TRY(Syntax syntax, StatementParser(std::move(tokens)).run());
    HEARTH_CHECK(resolveScopes(syntax));
    return syntax;
}

} // namespace hearth::jinja
