#include "engine/text/grammar/gbnf_parser.h"

#include "engine/text/unicode.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace hearth {

namespace {

constexpr std::size_t kLongestSource = std::size_t{4} << 20;
constexpr int kDeepestGroup = 200;
constexpr std::int32_t kMostCopies = 100'000;

bool isDigit(char character) {
    return character >= '0' && character <= '9';
}

bool isNameCharacter(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || isDigit(character)
           || character == '-' || character == '_';
}

/// Whether line feeds count as white space: inside of parentheses they do.
enum class Lines : std::uint8_t { End, GoOn };

class GbnfParser {
public:
    GbnfParser(std::string_view source, GrammarRules& rules) : m_source(source), m_rules(rules) {}

    Status parse() {
        if (m_source.size() > kLongestSource)
            return Error{ErrorCode::InvalidInput, "grammar: " + std::to_string(m_source.size()) + " bytes; at most "
                                                      + std::to_string(kLongestSource) + " are read"};
        HEARTH_CHECK(checkEncoding());
        skipSpace(Lines::GoOn);
        while (!atEnd()) {
            HEARTH_CHECK(parseRule());
            skipSpace(Lines::GoOn);
        }
        for (const GrammarRules::Named& rule : m_rules.rules())
            if (rule.body < 0)
                return Error{ErrorCode::InvalidInput,
                             "grammar: " + rule.place + ": there is no rule '" + rule.name + "'"};
        return {};
    }

private:
    using Node = GrammarRules::Node;

    [[nodiscard]] bool atEnd() const { return m_at >= m_source.size(); }
    [[nodiscard]] char peek() const { return atEnd() ? '\0' : m_source[m_at]; }
    [[nodiscard]] bool next(std::string_view text) const { return m_source.substr(m_at).starts_with(text); }
    bool take(std::string_view text) {
        if (!next(text))
            return false;
        m_at += text.size();
        return true;
    }

    /// Counts on from the last place asked for: places of rules and tokens rise, so that all together cost one pass.
    [[nodiscard]] std::string placeOf(std::size_t at) const {
        if (at < m_place.at)
            m_place = {};
        for (; m_place.at < at && m_place.at < m_source.size(); ++m_place.at) {
            const char byte = m_source[m_place.at];
            if (byte == '\n')
                m_place = {m_place.at, m_place.line + 1, 1};
            else if ((static_cast<unsigned char>(byte) & 0xc0U) != 0x80)
                ++m_place.column;
        }
        return "line " + std::to_string(m_place.line) + ", column " + std::to_string(m_place.column);
    }
    [[nodiscard]] Error wrong(const std::string& message) const { return wrongAt(m_at, message); }
    [[nodiscard]] Error wrongAt(std::size_t at, const std::string& message) const {
        return {ErrorCode::InvalidInput, "grammar: " + placeOf(at) + ": " + message};
    }
    /// What stands here, for a message.
    [[nodiscard]] std::string found() const {
        if (atEnd())
            return "the end of the grammar";
        if (peek() == '\n' || peek() == '\r')
            return "the end of the line";
        return "'" + std::string(m_source.substr(m_at, decodeUtf8(m_source, m_at).sizeBytes)) + "'";
    }

    Status checkEncoding() {
        for (std::size_t at = 0; at < m_source.size();) {
            const DecodedCodePoint decoded = decodeUtf8(m_source, at);
            if (!decoded.valid || m_source[at] == '\0')
                return wrongAt(at, "a byte that is no text");
            at += decoded.sizeBytes;
        }
        return {};
    }

    void skipSpace(Lines lines) {
        while (!atEnd()) {
            if (peek() == '#') {
                while (!atEnd() && peek() != '\n' && peek() != '\r')
                    ++m_at;
            } else if (peek() == ' ' || peek() == '\t'
                       || (lines == Lines::GoOn && (peek() == '\n' || peek() == '\r'))) {
                ++m_at;
            } else {
                return;
            }
        }
    }

    Status parseRule() {
        const std::size_t start = m_at;
        const std::string_view name = takeName();
        if (name.empty())
            return wrong("expected the name of a rule, found " + found());
        skipSpace(Lines::End);
        if (!take("::="))
            return wrong("expected '::=' after the rule's name '" + std::string(name) + "', found " + found());
        const GrammarRules::Rule rule = namedRule(name, start);
        if (m_rules.rules()[static_cast<std::size_t>(rule)].body >= 0)
            return wrongAt(start, "the rule '" + std::string(name) + "' is defined a second time");
        skipSpace(Lines::GoOn);
        HEARTH_TRY(const Node body, parseChoice(0));
        m_rules.define(rule, body);
        if (!atEnd() && peek() != '\n' && peek() != '\r')
            return wrong("expected the end of the line, found " + found());
        return {};
    }

    GrammarRules::Rule namedRule(std::string_view name, std::size_t at) {
        const auto known = m_rules.findRule(name);
        return known ? *known : m_rules.rule(name, placeOf(at));
    }

    std::string_view takeName() {
        const std::size_t start = m_at;
        while (!atEnd() && isNameCharacter(peek()))
            ++m_at;
        return m_source.substr(start, m_at - start);
    }

    Result<Node> parseChoice(int depth) {
        if (depth > kDeepestGroup)
            return wrong("parentheses nest deeper than " + std::to_string(kDeepestGroup));
        const Lines lines = depth > 0 ? Lines::GoOn : Lines::End;
        std::vector<Node> options;
        while (true) {
            HEARTH_TRY(const Node option, parseSequence(depth, lines));
            options.push_back(option);
            if (!take("|"))
                return m_rules.choice(options);
            skipSpace(Lines::GoOn);
        }
    }

    Result<Node> parseSequence(int depth, Lines lines) {
        std::vector<Node> parts;
        while (true) {
            skipSpace(lines);
            HEARTH_TRY(const auto part, parsePart(depth));
            if (!part)
                return m_rules.sequence(parts);
            skipSpace(lines);
            HEARTH_TRY(const Node repeated, parseRepetitions(*part, lines));
            parts.push_back(repeated);
        }
    }

    Result<std::optional<Node>> parsePart(int depth) {
        const char first = peek();
        if (first == '"')
            return some(parseText());
        if (first == '[')
            return some(parseSet());
        if (first == '<' || first == '!')
            return some(parseToken());
        if (first == '(') {
            const std::size_t start = m_at++;
            skipSpace(Lines::GoOn);
            HEARTH_TRY(const Node inside, parseChoice(depth + 1));
            skipSpace(Lines::GoOn);
            if (!take(")"))
                return wrong("expected ')' for the '(' of " + placeOf(start) + ", found " + found());
            return std::optional<Node>(inside);
        }
        if (take("."))
            return std::optional<Node>(m_rules.characters(CodePointRanges::all()));
        if (isNameCharacter(first)) {
            const std::size_t start = m_at;
            const std::string_view name = takeName();
            return std::optional<Node>(m_rules.call(namedRule(name, start)));
        }
        if (first == '*' || first == '+' || first == '?' || first == '{')
            return wrong("there is nothing before " + found() + " that could be repeated");
        return std::optional<Node>();
    }

    static Result<std::optional<Node>> some(Result<Node> node) {
        if (!node)
            return std::move(node).error();
        return std::optional<Node>(*node);
    }

    Result<Node> parseText() {
        const std::size_t start = m_at++;
        std::string text;
        while (!take("\"")) {
            if (atEnd())
                return wrongAt(start, "the text that begins here has no closing quotation mark");
            HEARTH_TRY(const char32_t character, takeCharacter());
            appendUtf8(text, character);
        }
        return m_rules.text(text);
    }

    Result<Node> parseSet() {
        const std::size_t start = m_at++;
        const bool negated = take("^");
        std::vector<CodePointRanges::Range> ranges;
        while (!take("]")) {
            if (atEnd())
                return wrongAt(start, "the set that begins here has no closing bracket");
            const std::size_t rangeStart = m_at;
            HEARTH_TRY(const char32_t low, takeCharacter());
            char32_t high = low;
            if (next("-") && m_at + 1 < m_source.size() && m_source[m_at + 1] != ']') {
                ++m_at;
                HEARTH_TRY(high, takeCharacter());
            }
            if (high < low)
                return wrongAt(rangeStart, "the range ends before it begins");
            ranges.push_back({low, high});
        }
        CodePointRanges set(std::move(ranges));
        return m_rules.characters(negated ? set.inverted() : std::move(set));
    }

    /// One character, escaped or not.
    Result<char32_t> takeCharacter() {
        if (atEnd())
            return wrong("the grammar ends inside of a text or set");
        if (peek() != '\\') {
            const DecodedCodePoint decoded = decodeUtf8(m_source, m_at);
            m_at += decoded.sizeBytes;
            return decoded.codePoint;
        }
        const std::size_t start = m_at++;
        const char kind = peek();
        ++m_at;
        constexpr std::array<std::pair<char, char32_t>, 10> kPlain{{{'t', U'\t'},
                                                                    {'r', U'\r'},
                                                                    {'n', U'\n'},
                                                                    {'\\', U'\\'},
                                                                    {'"', U'"'},
                                                                    {'[', U'['},
                                                                    {']', U']'},
                                                                    {'-', U'-'},
                                                                    {'^', U'^'},
                                                                    {'/', U'/'}}};
        const auto* const plain =
            std::find_if(kPlain.begin(), kPlain.end(), [kind](const auto& row) { return row.first == kind; });
        if (plain != kPlain.end())
            return plain->second;
        const int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
        if (digits == 0)
            return wrongAt(start,
                           "an unknown escape; known are \\n \\r \\t \\\\ \\\" \\[ \\] \\xXX \\uXXXX \\UXXXXXXXX");
        const std::string_view hex = m_source.substr(m_at, static_cast<std::size_t>(digits));
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
        if (error != std::errc() || end != hex.data() + digits)
            return wrongAt(start, "expected " + std::to_string(digits) + " hexadecimal digits after this escape");
        if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
            return wrongAt(start, "this number is no character");
        m_at += static_cast<std::size_t>(digits);
        return static_cast<char32_t>(value);
    }

    Result<Node> parseToken() {
        const std::size_t start = m_at;
        GrammarToken token;
        token.place = placeOf(start);
        token.negated = take("!");
        if (!take("<"))
            return wrong("expected '<' of a token after '!', found " + found());
        const std::size_t end = m_source.find('>', m_at);
        const std::string_view inside = m_source.substr(m_at, end == std::string_view::npos ? end : end - m_at);
        if (end == std::string_view::npos || inside.find('\n') != std::string_view::npos)
            return wrongAt(start, "the token that begins here has no closing '>'");
        m_at = end + 1;
        if (inside.starts_with('[') && inside.ends_with(']')) {
            const std::string_view digits = inside.substr(1, inside.size() - 2);
            TokenId id = -1;
            const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
            if (error != std::errc() || last != digits.data() + digits.size() || id < 0)
                return wrongAt(start, "expected the number of a token, as in <[1000]>");
            token.id = id;
        } else {
            token.text = "<" + std::string(inside) + ">";
        }
        return m_rules.token(std::move(token));
    }

    Result<Node> parseRepetitions(Node part, Lines lines) {
        while (true) {
            std::int32_t least = 0;
            std::int32_t most = GrammarRules::kUnlimited;
            if (take("?")) {
                most = 1;
            } else if (take("+")) {
                least = 1;
            } else if (next("{")) {
                HEARTH_TRY(const auto counts, parseCounts(lines));
                least = counts.first;
                most = counts.second;
            } else if (!take("*")) {
                return part;
            }
            // x** and the like: one repetition of a repetition.
            part = m_rules.repeat(part, least, most);
            skipSpace(lines);
        }
    }

    Result<std::pair<std::int32_t, std::int32_t>> parseCounts(Lines lines) {
        const std::size_t start = m_at++;
        skipSpace(lines);
        std::int32_t least = 0;
        const bool given = isDigit(peek());
        if (given) {
            HEARTH_TRY(least, takeCount());
        } else if (peek() != ',') {
            return wrong("expected a number of repetitions, found " + found());
        }
        skipSpace(lines);
        std::int32_t most = least;
        if (take(",")) {
            skipSpace(lines);
            most = GrammarRules::kUnlimited;
            if (isDigit(peek())) {
                HEARTH_TRY(most, takeCount());
            }
            skipSpace(lines);
        }
        if (!take("}"))
            return wrong("expected '}' for the '{' of " + placeOf(start) + ", found " + found());
        if (most != GrammarRules::kUnlimited && most < least)
            return wrongAt(start, "at most " + std::to_string(most) + " repetitions are fewer than at least "
                                      + std::to_string(least));
        return std::pair(least, most);
    }

    Result<std::int32_t> takeCount() {
        const std::size_t start = m_at;
        std::int64_t count = 0;
        while (isDigit(peek())) {
            count = std::min<std::int64_t>(count * 10 + (peek() - '0'), kMostCopies + 1);
            ++m_at;
        }
        if (count > kMostCopies)
            return wrongAt(start, "more than " + std::to_string(kMostCopies) + " repetitions");
        return static_cast<std::int32_t>(count);
    }

    std::string_view m_source;
    GrammarRules& m_rules;
    std::size_t m_at = 0;
    struct Place {
        std::size_t at = 0;
        std::size_t line = 1;
        std::size_t column = 1;
    };
    mutable Place m_place; ///< the last one asked for
};

} // namespace

Status parseGbnf(std::string_view source, GrammarRules& rules) {
    return GbnfParser(source, rules).parse();
}

} // namespace hearth
