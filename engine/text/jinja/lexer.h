#pragma once

#include "engine/text/jinja/value.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::jinja {

enum class TokenType : std::uint8_t {
    Data, ///< text between tags, white space control already applied
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String, ///< its escapes resolved
    Integer,
    Float,
    Operator,
    End, ///< of the template
};

struct Token {
    TokenType type = TokenType::End;
    std::int32_t line = 1;
    std::string text; ///< data, name, string or operator
    Integer integer = 0;
    double real = 0;

    [[nodiscard]] bool isOperator(std::string_view symbol) const {
        return type == TokenType::Operator && text == symbol;
    }
    [[nodiscard]] bool isName(std::string_view name) const { return type == TokenType::Name && text == name; }
};

/// What a message calls the token: "end of statement block", "'endfor'".
[[nodiscard]] std::string describe(const Token& token);

/// Splits a template into tokens; the last is End. White space is treated as with trim_blocks and lstrip_blocks, line
/// breaks become \n and one at the very end is dropped. `source` is valid UTF-8.
/// Errors: InvalidInput with the line. Thread: any. Source: jinja.palletsprojects.com, "Whitespace Control".
[[nodiscard]] Result<std::vector<Token>> tokenize(std::string_view source);

} // namespace hearth::jinja
