#pragma once

#include "engine/text/jinja/lexer.h"
#include "kernels/base/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::jinja {

/// The tokens of a template as the parser walks over them. The last one, End, is never left. Thread: one.
class TokenStream {
public:
    explicit TokenStream(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}

    [[nodiscard]] const Token& current() const { return m_tokens[m_index]; }
    [[nodiscard]] const Token& next() const { return m_tokens[m_index + 1 < m_tokens.size() ? m_index + 1 : m_index]; }
    Token& take() {
        Token& token = m_tokens[m_index];
        if (m_index + 1 < m_tokens.size())
            ++m_index;
        return token;
    }

    [[nodiscard]] bool at(TokenType type) const { return current().type == type; }
    [[nodiscard]] bool atOperator(std::string_view symbol) const { return current().isOperator(symbol); }
    [[nodiscard]] bool atName(std::string_view name) const { return current().isName(name); }
    bool skipOperator(std::string_view symbol) {
        const bool found = atOperator(symbol);
        if (found)
            take();
        return found;
    }
    bool skipName(std::string_view name) {
        const bool found = atName(name);
        if (found)
            take();
        return found;
    }

    [[nodiscard]] Status expectOperator(std::string_view symbol) {
        if (skipOperator(symbol))
            return {};
        return fail("expected '" + std::string(symbol) + "', got " + describe(current()));
    }
    [[nodiscard]] Status expectName(std::string_view name) {
        if (skipName(name))
            return {};
        return fail("expected '" + std::string(name) + "', got " + describe(current()));
    }
    [[nodiscard]] Result<std::string> takeName() {
        if (!at(TokenType::Name))
            return fail("expected a name, got " + describe(current()));
        return std::move(take().text);
    }
    [[nodiscard]] Status expect(TokenType type) {
        if (at(type)) {
            take();
            return {};
        }
        Token wanted;
        wanted.type = type;
        return fail("expected " + describe(wanted) + ", got " + describe(current()));
    }

    /// An error at the current token's line.
    [[nodiscard]] Error fail(const std::string& reason) const { return fail(reason, current().line); }
    [[nodiscard]] static Error fail(const std::string& reason, std::int32_t line) {
        return Error{ErrorCode::InvalidInput, "line " + std::to_string(line) + ": " + reason};
    }

private:
    std::vector<Token> m_tokens;
    std::size_t m_index = 0;
};

} // namespace hearth::jinja
