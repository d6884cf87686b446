// Regular expressions, read into StringLanguage.

#include "engine/text/grammar/string_language.h"
#include "engine/text/unicode.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <system_error>
#include <utility>

namespace hearth {

namespace {

constexpr std::size_t kMostNodes = 50'000;
constexpr int kDeepestGroup = 100;
constexpr std::int32_t kMostCopies = 10'000;

CodePointRanges digits() {
    return CodePointRanges::of(U'0', U'9');
}
CodePointRanges wordCharacters() {
    return CodePointRanges({{U'0', U'9'}, {U'A', U'Z'}, {U'_', U'_'}, {U'a', U'z'}});
}
/// ECMA-262's WhiteSpace and LineTerminator.
CodePointRanges spaces() {
    return CodePointRanges({{0x09, 0x0d},
                            {0x20, 0x20},
                            {0xa0, 0xa0},
                            {0x1680, 0x1680},
                            {0x2000, 0x200a},
                            {0x2028, 0x2029},
                            {0x202f, 0x202f},
                            {0x205f, 0x205f},
                            {0x3000, 0x3000},
                            {0xfeff, 0xfeff}});
}
CodePointRanges lineEnds() {
    return CodePointRanges({{U'\n', U'\n'}, {U'\r', U'\r'}, {0x2028, 0x2029}});
}

} // namespace

/// Reads a pattern into a machine that may be in several nodes at once (Thompson), then makes it deterministic.
class PatternReader {
public:
    explicit PatternReader(std::string_view pattern) : m_pattern(pattern) {}

    Result<StringLanguage> read() {
        const Node first = newNode();
        const Node last = newNode();
        HEARTH_CHECK(readTop(first, last));
        return determined(first, last);
    }

private:
    using Node = std::uint32_t;
    struct Edges {
        std::vector<std::pair<CodePointRanges, Node>> characters;
        std::vector<Node> empties;
    };

    [[nodiscard]] Error wrong(std::size_t at, const std::string& message) const {
        return {ErrorCode::InvalidInput, "pattern '" + std::string(m_pattern) + "', position "
                                             + std::to_string(codePointsOf(m_pattern.substr(0, at)).size() + 1) + ": "
                                             + message};
    }
    [[nodiscard]] bool atEnd() const { return m_at >= m_pattern.size(); }
    [[nodiscard]] char peek() const { return atEnd() ? '\0' : m_pattern[m_at]; }
    bool take(std::string_view text) {
        if (!m_pattern.substr(m_at).starts_with(text))
            return false;
        m_at += text.size();
        return true;
    }
    Node newNode() {
        m_nodes.emplace_back();
        return static_cast<Node>(m_nodes.size() - 1);
    }
    void addEmpty(Node from, Node to) { m_nodes[from].empties.push_back(to); }
    void addAnything(Node node) { m_nodes[node].characters.emplace_back(CodePointRanges::all(), node); }

    /// Alternatives with their own anchors; without one, anything may stand before or behind.
    Status readTop(Node first, Node last) {
        do {
            const Node begin = newNode();
            addEmpty(first, begin);
            if (!take("^"))
                addAnything(begin);
            // Anything stays in `begin`; the alternative itself starts behind it.
            const Node start = newNode();
            addEmpty(begin, start);
            HEARTH_TRY(const Node end, readSequence(start, 0));
            const Node behind = newNode();
            addEmpty(end, behind);
            if (!take("$"))
                addAnything(behind);
            addEmpty(behind, last);
        } while (take("|"));
        if (!atEnd())
            return wrong(m_at, peek() == ')' ? "a ')' without its '('" : "'$' before the end is not supported");
        return {};
    }

    Result<Node> readChoice(Node from, int depth) {
        if (depth > kDeepestGroup)
            return wrong(m_at, "parentheses nest deeper than " + std::to_string(kDeepestGroup));
        const Node end = newNode();
        do {
            const Node start = newNode();
            addEmpty(from, start);
            HEARTH_TRY(const Node last, readSequence(start, depth));
            addEmpty(last, end);
        } while (take("|"));
        return end;
    }

    Result<Node> readSequence(Node from, int depth) {
        while (!atEnd() && peek() != '|' && peek() != ')' && peek() != '$') {
            HEARTH_TRY(from, readRepeated(from, depth));
            if (m_nodes.size() > kMostNodes)
                return wrong(m_at, "the pattern is too big");
        }
        return from;
    }

    /// An atom and how often it comes; it is read again for every copy.
    Result<Node> readRepeated(Node from, int depth) {
        const std::size_t start = m_at;
        const std::size_t nodesBefore = m_nodes.size();
        const Node inside = newNode();
        HEARTH_TRY(const Node first, readAtom(inside, depth));
        const std::size_t atomEnd = m_at;
        HEARTH_TRY(const auto counts, readCounts());
        const auto [least, most] = counts;
        const std::size_t behind = m_at;
        const std::size_t perCopy = m_nodes.size() - nodesBefore;
        const auto copies = static_cast<std::size_t>(std::max({least, most, 1}));
        if (copies * perCopy > kMostNodes)
            return wrong(start, "the pattern is too big");
        std::pair<Node, Node> copy{inside, first};
        bool used = false;
        const auto nextCopy = [&]() -> Status {
            if (std::exchange(used, true)) {
                copy.first = newNode();
                m_at = start;
                HEARTH_TRY(copy.second, readAtom(copy.first, depth));
                m_at = atomEnd;
            }
            return {};
        };
        for (std::int32_t count = 0; count < least; ++count) {
            HEARTH_CHECK(nextCopy());
            addEmpty(from, copy.first);
            from = copy.second;
        }
        const Node end = newNode();
        addEmpty(from, end);
        if (most < 0) {
            HEARTH_CHECK(nextCopy());
            addEmpty(from, copy.first);
            addEmpty(copy.second, copy.first);
            addEmpty(copy.second, end);
        }
        for (std::int32_t count = least; count < most; ++count) {
            HEARTH_CHECK(nextCopy());
            addEmpty(from, copy.first);
            addEmpty(copy.second, end);
            from = copy.second;
        }
        m_at = behind;
        return end;
    }

    Result<std::pair<std::int32_t, std::int32_t>> readCounts() {
        std::pair<std::int32_t, std::int32_t> counts{1, 1};
        const std::size_t start = m_at;
        if (take("*")) {
            counts = {0, -1};
        } else if (take("+")) {
            counts = {1, -1};
        } else if (take("?")) {
            counts = {0, 1};
        } else if (peek() == '{' && m_at + 1 < m_pattern.size() && m_pattern[m_at + 1] >= '0'
                   && m_pattern[m_at + 1] <= '9') {
            ++m_at;
            counts.first = takeNumber();
            counts.second = counts.first;
            if (take(","))
                counts.second = peek() == '}' ? -1 : takeNumber();
            if (!take("}"))
                return wrong(start, "expected numbers in braces");
            if (counts.first > kMostCopies || counts.second > kMostCopies)
                return wrong(start, "more than " + std::to_string(kMostCopies) + " repetitions");
            if (counts.second >= 0 && counts.second < counts.first)
                return wrong(start, "the numbers in braces are out of order");
        } else {
            return counts;
        }
        (void)take("?"); // lazy: the same strings
        if (peek() == '*' || peek() == '+' || peek() == '?')
            return wrong(m_at, "there is nothing to repeat");
        return counts;
    }

    std::int32_t takeNumber() {
        std::int32_t number = 0;
        while (peek() >= '0' && peek() <= '9')
            number = std::min(number * 10 + (m_pattern[m_at++] - '0'), kMostCopies + 1);
        return number;
    }

    Result<Node> readAtom(Node from, int depth) {
        const std::size_t start = m_at;
        if (take("(")) {
            if (take("?") && !take(":")) {
                const bool named =
                    peek() == '<' && m_pattern.substr(m_at, 2) != "<=" && m_pattern.substr(m_at, 2) != "<!";
                const std::size_t close = m_pattern.find('>', m_at);
                if (!named || close == std::string_view::npos)
                    return wrong(start, "look-ahead and look-behind are not supported");
                m_at = close + 1;
            }
            HEARTH_TRY(const Node end, readChoice(from, depth + 1));
            if (peek() == '$')
                return wrong(m_at, "'$' is supported at the end of the pattern only");
            if (!take(")"))
                return wrong(start, "a '(' without its ')'");
            return end;
        }
        if (peek() == '^')
            return wrong(start, "'^' is supported at the beginning of the pattern only");
        if (peek() == '*' || peek() == '+' || peek() == '?')
            return wrong(start, "there is nothing to repeat");
        HEARTH_TRY(CodePointRanges set, readSet());
        const Node to = newNode();
        m_nodes[from].characters.emplace_back(std::move(set), to);
        return to;
    }

    Result<CodePointRanges> readSet() {
        const std::size_t start = m_at;
        if (take("."))
            return lineEnds().inverted();
        if (!take("["))
            return readCharacter();
        const bool negated = take("^");
        CodePointRanges set;
        while (!take("]")) {
            if (atEnd())
                return wrong(start, "a '[' without its ']'");
            const std::size_t rangeStart = m_at;
            HEARTH_TRY(const CodePointRanges low, readCharacter());
            const bool isRange = peek() == '-' && m_at + 1 < m_pattern.size() && m_pattern[m_at + 1] != ']';
            if (!isRange) {
                set = set.united(low);
                continue;
            }
            ++m_at;
            HEARTH_TRY(const CodePointRanges high, readCharacter());
            const auto single = [](const CodePointRanges& one) {
                return one.ranges().size() == 1 && one.ranges()[0].first == one.ranges()[0].last;
            };
            if (!single(low) || !single(high) || high.ranges()[0].first < low.ranges()[0].first)
                return wrong(rangeStart, "this is no range of characters");
            set = set.united(CodePointRanges::of(low.ranges()[0].first, high.ranges()[0].first));
        }
        return negated ? set.inverted() : set;
    }

    /// One character, or a class like \d.
    Result<CodePointRanges> readCharacter() {
        const std::size_t start = m_at;
        if (atEnd())
            return wrong(start, "the pattern ends too soon");
        if (peek() != '\\') {
            const DecodedCodePoint decoded = decodeUtf8(m_pattern, m_at);
            m_at += decoded.sizeBytes;
            return CodePointRanges::of(decoded.codePoint);
        }
        ++m_at;
        if (atEnd())
            return wrong(start, "the pattern ends after a backslash");
        const DecodedCodePoint decoded = decodeUtf8(m_pattern, m_at);
        m_at += decoded.sizeBytes;
        switch (decoded.codePoint) {
        case U'd':
            return digits();
        case U'D':
            return digits().inverted();
        case U'w':
            return wordCharacters();
        case U'W':
            return wordCharacters().inverted();
        case U's':
            return spaces();
        case U'S':
            return spaces().inverted();
        case U't':
            return CodePointRanges::of(U'\t');
        case U'n':
            return CodePointRanges::of(U'\n');
        case U'r':
            return CodePointRanges::of(U'\r');
        case U'f':
            return CodePointRanges::of(U'\f');
        case U'v':
            return CodePointRanges::of(U'\v');
        case U'0':
            return CodePointRanges::of(0);
        case U'x':
            return readHex(start, 2);
        case U'u':
            return readHex(start, 4);
        default:
            break;
        }
        const bool letterOrDigit =
            decoded.codePoint < 0x80 && wordCharacters().contains(decoded.codePoint) && decoded.codePoint != U'_';
        if (letterOrDigit)
            return wrong(start,
                         "the escape \\" + std::string(1, static_cast<char>(decoded.codePoint)) + " is not supported");
        return CodePointRanges::of(decoded.codePoint);
    }

    Result<CodePointRanges> readHex(std::size_t start, std::size_t digitCount) {
        std::string_view hex = m_pattern.substr(m_at, digitCount);
        std::size_t behind = m_at + digitCount;
        if (digitCount == 4 && peek() == '{') {
            const std::size_t close = m_pattern.find('}', m_at);
            hex = m_pattern.substr(m_at + 1, close == std::string_view::npos ? 0 : close - m_at - 1);
            behind = close + 1;
        }
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
        if (error != std::errc() || hex.empty() || end != hex.data() + hex.size() || value > 0x10ffff
            || behind > m_pattern.size())
            return wrong(start, "expected hexadecimal digits of a character after this escape");
        m_at = behind;
        return CodePointRanges::of(static_cast<char32_t>(value));
    }

    /// Which nodes the machine may be in without reading anything more.
    void close(std::vector<Node>& nodes) {
        m_seen.assign(m_nodes.size(), false);
        for (const Node node : nodes)
            m_seen[node] = true;
        for (std::size_t index = 0; index < nodes.size(); ++index)
            for (const Node next : m_nodes[nodes[index]].empties)
                if (!m_seen[next]) {
                    m_seen[next] = true;
                    nodes.push_back(next);
                }
        std::sort(nodes.begin(), nodes.end());
    }

    Result<StringLanguage> determined(Node first, Node last) {
        StringLanguage language;
        for (const Edges& node : m_nodes)
            for (const auto& [set, target] : node.characters)
                for (const CodePointRanges::Range& range : set.ranges()) {
                    language.m_starts.push_back(range.first);
                    if (range.last < 0x10ffff)
                        language.m_starts.push_back(range.last + 1);
                }
        std::sort(language.m_starts.begin(), language.m_starts.end());
        language.m_starts.erase(std::unique(language.m_starts.begin(), language.m_starts.end()),
                                language.m_starts.end());
        std::map<std::vector<Node>, StringLanguage::State> numbers;
        std::vector<std::vector<Node>> states;
        const auto numberOf = [&](std::vector<Node> nodes) {
            close(nodes);
            const auto [found, isNew] = numbers.try_emplace(nodes, static_cast<StringLanguage::State>(states.size()));
            if (isNew) {
                (void)language.addState(std::binary_search(nodes.begin(), nodes.end(), last));
                states.push_back(std::move(nodes));
            }
            return found->second;
        };
        (void)numberOf({first});
        // The work is bounded too: states of many nodes count for more.
        std::size_t work = 0;
        for (std::size_t state = 0; state < states.size(); ++state) {
            work += (states[state].size() + m_nodes.size() / 64) * language.classCount();
            if (states.size() > StringLanguage::kMostStates || work > std::size_t{200'000'000})
                return wrong(0,
                             "the pattern takes more than " + std::to_string(StringLanguage::kMostStates) + " states");
            for (std::size_t index = 0; index < language.classCount(); ++index) {
                std::vector<Node> next;
                for (const Node node : states[state])
                    for (const auto& [set, target] : m_nodes[node].characters)
                        if (set.contains(language.m_starts[index]))
                            next.push_back(target);
                std::sort(next.begin(), next.end());
                next.erase(std::unique(next.begin(), next.end()), next.end());
                const StringLanguage::State target = numberOf(std::move(next));
                language.m_next[state * language.classCount() + index] = target;
            }
        }
        return language;
    }

    std::string_view m_pattern;
    std::size_t m_at = 0;
    std::vector<Edges> m_nodes;
    std::vector<bool> m_seen;
};

Result<StringLanguage> StringLanguage::fromPattern(std::string_view pattern) {
    return PatternReader(pattern).read();
}

} // namespace hearth
