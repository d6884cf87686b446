#include "engine/text/jinja/lexer.h"

#include "engine/text/jinja/literals.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hearth::jinja {
namespace {

// Longest first, so that "**" is not read as two "*".
constexpr std::array<std::string_view, 25> kOperators{"//", "**", "==", "!=", ">=", "<=", "+", "-", "/",
                                                      "*",  "%",  "~",  "[",  "]",  "(",  ")", "{", "}",
                                                      ">",  "<",  "=",  ".",  ":",  "|",  ","};

std::string normalizeLineBreaks(std::string_view source) {
    std::string text;
    text.reserve(source.size());
    for (std::size_t offset = 0; offset < source.size(); ++offset) {
        const char byte = source[offset];
        if (byte == '\r' && offset + 1 < source.size() && source[offset + 1] == '\n')
            continue;
        text += byte == '\r' ? '\n' : byte;
    }
    if (text.ends_with('\n'))
        text.pop_back();
    return text;
}

class Lexer {
public:
    explicit Lexer(std::string_view source) : m_source(normalizeLineBreaks(source)) {}

    Result<std::vector<Token>> run() {
        while (m_position < m_source.size())
            HEARTH_CHECK(readTextAndTag());
        add(TokenType::End, {});
        return std::move(m_tokens);
    }

private:
    enum class Trim : std::uint8_t { Default, Strip, Keep };

    [[nodiscard]] Error error(const std::string& reason) const {
        return Error{ErrorCode::InvalidInput, "line " + std::to_string(m_line) + ": " + reason};
    }
    [[nodiscard]] std::string_view rest() const { return std::string_view(m_source).substr(m_position); }
    [[nodiscard]] bool at(std::string_view text) const { return rest().starts_with(text); }

    void add(TokenType type, std::string text) {
        Token token;
        token.type = type;
        token.line = m_line;
        token.text = std::move(text);
        m_tokens.push_back(std::move(token));
    }
    void advance(std::size_t bytes) {
        const std::string_view passed = rest().substr(0, bytes);
        m_line += static_cast<std::int32_t>(std::count(passed.begin(), passed.end(), '\n'));
        m_position += passed.size();
    }
    void skipSpaces() { advance(rest().size() - stripStart(rest(), nullptr).size()); }

    Status readTextAndTag();
    Status readTag(std::string_view end, TokenType begin, TokenType endType);
    Status readComment();
    Status readRaw();
    Status readToken();
    Status readString();
    bool readName();
    bool skipRawBegin();
    bool atRawEnd(std::size_t& signOffset) const;
    Trim readSign();
    void addText(std::string_view text, Trim trim, bool isVariable);
    void endBlock(std::string_view end);
    Status balance(char symbol);

    const std::string m_source;
    std::size_t m_position = 0;
    std::int32_t m_line = 1;
    bool m_lineStarting = true; ///< the tag before ended with a line break
    std::string m_brackets;     ///< closing ones still expected in this tag
    std::vector<Token> m_tokens;
};

Lexer::Trim Lexer::readSign() {
    if (at("-") || at("+")) {
        const Trim trim = at("-") ? Trim::Strip : Trim::Keep;
        advance(1);
        return trim;
    }
    return Trim::Default;
}

// Adds the text before a tag, without the white space that the tag eats.
void Lexer::addText(std::string_view text, Trim trim, bool isVariable) {
    std::string_view kept = text;
    if (trim == Trim::Strip) {
        kept = stripEnd(text, nullptr);
    } else if (trim == Trim::Default && !isVariable) {
        const std::size_t lineBreak = text.rfind('\n');
        const std::size_t lineStart = lineBreak == std::string_view::npos ? 0 : lineBreak + 1;
        if ((lineStart > 0 || m_lineStarting) && stripStart(text.substr(lineStart), nullptr).empty())
            kept = text.substr(0, lineStart);
    }
    if (!kept.empty())
        add(TokenType::Data, std::string(kept));
}

Status Lexer::readTextAndTag() {
    std::size_t tag = m_position;
    const auto isTag = [&](std::size_t offset) {
        return offset + 1 < m_source.size()
               && (m_source[offset + 1] == '{' || m_source[offset + 1] == '%' || m_source[offset + 1] == '#');
    };
    for (tag = m_source.find('{', tag); tag != std::string::npos && !isTag(tag);)
        tag = m_source.find('{', tag + 1);
    if (tag == std::string::npos) {
        add(TokenType::Data, std::string(rest()));
        advance(rest().size());
        return {};
    }
    const std::string_view text = rest().substr(0, tag - m_position);
    const char kind = m_source[tag + 1];
    const std::int32_t textLine = m_line;
    advance(text.size());
    const std::size_t afterText = m_position;
    const bool raw = kind == '%' && skipRawBegin();
    const std::int32_t tagLine = std::exchange(m_line, textLine);
    const std::size_t next = std::exchange(m_position, afterText + 2);
    const Trim trim = readSign();
    addText(text, trim, kind == '{');
    m_line = tagLine;
    if (raw) {
        m_position = next;
        m_lineStarting = m_source[next - 1] == '\n';
        return readRaw();
    }
    if (kind == '#')
        return readComment();
    return kind == '{' ? readTag("}}", TokenType::VariableBegin, TokenType::VariableEnd)
                       : readTag("%}", TokenType::BlockBegin, TokenType::BlockEnd);
}

// Moves past "{% raw %}" if that is what stands here.
bool Lexer::skipRawBegin() {
    const std::size_t start = m_position;
    const std::int32_t line = m_line;
    advance(2);
    readSign();
    skipSpaces();
    if (at("raw")) {
        advance(3);
        skipSpaces();
        if (at("%}")) {
            advance(2);
            return true;
        }
        if (at("-%}")) {
            advance(3);
            skipSpaces();
            return true;
        }
    }
    m_position = start;
    m_line = line;
    return false;
}

// Moves past the end of a block or comment and the white space that it eats.
void Lexer::endBlock(std::string_view end) {
    const std::size_t start = m_position;
    if (at("-")) {
        advance(1 + end.size());
        skipSpaces();
    } else if (at("+")) {
        advance(1 + end.size());
    } else {
        advance(end.size());
        if (at("\n") && end != "}}")
            advance(1);
    }
    m_lineStarting = m_position > start && m_source[m_position - 1] == '\n';
}

Status Lexer::readComment() {
    const std::size_t close = m_source.find("#}", m_position);
    if (close == std::string::npos)
        return error("a comment has no end");
    const bool signedEnd = close > m_position && (m_source[close - 1] == '-' || m_source[close - 1] == '+');
    advance(close - m_position - (signedEnd ? 1 : 0));
    endBlock("#}");
    return {};
}

// True if "{% endraw" with its end stands here; `signOffset` is where the end's sign or "%}" is.
bool Lexer::atRawEnd(std::size_t& signOffset) const {
    std::string_view text = rest();
    if (!text.starts_with("{%"))
        return false;
    text.remove_prefix(2);
    if (text.starts_with('-') || text.starts_with('+'))
        text.remove_prefix(1);
    text = stripStart(text, nullptr);
    if (!text.starts_with("endraw"))
        return false;
    text = stripStart(text.substr(6), nullptr);
    signOffset = rest().size() - text.size();
    return text.starts_with("%}") || text.starts_with("-%}") || text.starts_with("+%}");
}

Status Lexer::readRaw() {
    const std::size_t start = m_position;
    const std::int32_t line = m_line;
    std::size_t signOffset = 0;
    while (m_position < m_source.size() && !atRawEnd(signOffset)) {
        const std::size_t next = m_source.find("{%", m_position + 1);
        advance((next == std::string::npos ? m_source.size() : next) - m_position);
    }
    const std::int32_t endLine = std::exchange(m_line, line);
    if (m_position >= m_source.size())
        return error("a raw block has no end");
    const std::size_t tag = std::exchange(m_position, m_position + 2);
    const Trim trim = readSign();
    addText(std::string_view(m_source).substr(start, tag - start), trim, false);
    m_position = tag;
    m_line = endLine;
    advance(signOffset);
    endBlock("%}");
    return {};
}

Status Lexer::readTag(std::string_view end, TokenType begin, TokenType endType) {
    add(begin, {});
    while (true) {
        const bool signedEnd =
            (at("-") || (at("+") && endType == TokenType::BlockEnd)) && rest().substr(1).starts_with(end);
        if (m_brackets.empty() && (at(end) || signedEnd)) {
            add(endType, {});
            endBlock(end);
            return {};
        }
        if (m_position >= m_source.size())
            return {}; // the parser says what is missing
        HEARTH_CHECK(readToken());
    }
}

Status Lexer::readToken() {
    const std::size_t before = m_position;
    skipSpaces();
    if (m_position != before)
        return {};
    const bool afterDot = m_position > 0 && m_source[m_position - 1] == '.';
    if (const std::size_t length = afterDot ? 0 : floatLength(rest()); length > 0) {
        add(TokenType::Float, {});
        m_tokens.back().real = floatValue(rest().substr(0, length));
        advance(length);
        return {};
    }
    if (const std::size_t length = integerLength(rest()); length > 0) {
        add(TokenType::Integer, {});
        if (!integerValue(rest().substr(0, length), m_tokens.back().integer))
            return error("the number " + std::string(rest().substr(0, length)) + " is too large");
        advance(length);
        return {};
    }
    if (readName())
        return {};
    if (at("'") || at("\""))
        return readString();
    for (const std::string_view symbol : kOperators) {
        if (!at(symbol))
            continue;
        if (symbol.size() == 1)
            HEARTH_CHECK(balance(symbol[0]));
        add(TokenType::Operator, std::string(symbol));
        advance(symbol.size());
        return {};
    }
    return error("unexpected character '" + std::string(rest().substr(0, characterBytes(rest()[0]))) + "'");
}

Status Lexer::balance(char symbol) {
    constexpr std::string_view kOpening = "([{";
    constexpr std::string_view kClosing = ")]}";
    if (const std::size_t index = kOpening.find(symbol); index != std::string_view::npos) {
        m_brackets += kClosing[index];
    } else if (kClosing.find(symbol) != std::string_view::npos) {
        if (m_brackets.empty())
            return error(std::string("unexpected '") + symbol + "'");
        if (m_brackets.back() != symbol)
            return error(std::string("unexpected '") + symbol + "', expected '" + m_brackets.back() + "'");
        m_brackets.pop_back();
    }
    return {};
}

bool Lexer::readName() {
    const std::string_view text = rest();
    std::size_t length = 0;
    while (length < text.size()) {
        std::size_t next = length;
        const char32_t codePoint = decodeAt(text, next);
        if (codePoint != '_' && !isAlpha(codePoint) && !isNumeric(codePoint))
            break;
        length = next;
    }
    if (length == 0)
        return false;
    add(TokenType::Name, std::string(text.substr(0, length)));
    advance(length);
    return true;
}

Status Lexer::readString() {
    const char quote = m_source[m_position];
    std::size_t close = m_position + 1;
    while (close < m_source.size() && m_source[close] != quote)
        close += m_source[close] == '\\' ? 2 : 1;
    if (close >= m_source.size())
        return error("a string has no end");
    std::string value;
    const std::string_view body = std::string_view(m_source).substr(m_position + 1, close - m_position - 1);
    if (!unescape(body, value))
        return error("a string has a malformed escape");
    add(TokenType::String, std::move(value));
    advance(close + 1 - m_position);
    return {};
}

} // namespace

std::string describe(const Token& token) {
    switch (token.type) {
    case TokenType::Data:
        return "template text";
    case TokenType::VariableBegin:
        return "begin of print statement";
    case TokenType::VariableEnd:
        return "end of print statement";
    case TokenType::BlockBegin:
        return "begin of statement block";
    case TokenType::BlockEnd:
        return "end of statement block";
    case TokenType::Name:
    case TokenType::Operator:
        return "'" + token.text + "'";
    case TokenType::String:
        return "a string";
    case TokenType::Integer:
    case TokenType::Float:
        return "a number";
    case TokenType::End:
        return "end of template";
    }
    return "a token";
}

Result<std::vector<Token>> tokenize(std::string_view source) {
    return Lexer(source).run();
}

} // namespace hearth::jinja
