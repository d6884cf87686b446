#include "ui/markdown/code_highlighter.h"

#include "ui/markdown/code_language.h"

#include <QString>

#include <algorithm>
#include <optional>

namespace hearth::ui {
namespace {

constexpr HighlightState kInBlockComment = 1;
constexpr HighlightState kInTag = 2;
constexpr HighlightState kFirstString = 16; ///< plus the index of the open string's rule

bool isWordStart(QChar c) {
    return c.isLetter() || c == u'_';
}
bool isWordPart(QChar c) {
    return c.isLetterOrNumber() || c == u'_';
}
bool isAsciiDigit(QChar c) {
    return c >= u'0' && c <= u'9';
}

bool containsWord(const std::vector<QStringView>& sorted, QStringView word) {
    return std::binary_search(sorted.begin(), sorted.end(), word);
}

/// Walks along one line.
class LineHighlighter {
public:
    LineHighlighter(const CodeLanguage& language, QStringView line, HighlightState state)
        : m_language(language), m_line(line), m_state(state) {}

    void run() {
        if (has(CodeTrait::LineMarks)) {
            diffLine();
            return;
        }
        if (m_state == 0)
            lineStart();
        while (m_at < m_line.size())
            step();
    }

    [[nodiscard]] std::vector<CodeSpan> takeSpans() { return std::move(m_spans); }
    [[nodiscard]] HighlightState state() const { return m_state; }

private:
    [[nodiscard]] bool has(CodeTrait trait) const { return m_language.traits.testFlag(trait); }
    [[nodiscard]] QChar letter(qsizetype at) const { return at < m_line.size() ? m_line[at] : QChar(); }
    [[nodiscard]] bool startsWith(QStringView text) const { return m_line.sliced(m_at).startsWith(text); }

    void add(qsizetype from, qsizetype to, CodeToken token) {
        if (to <= from)
            return;
        if (!m_spans.empty() && m_spans.back().token == token && m_spans.back().start + m_spans.back().length == from)
            m_spans.back().length += static_cast<int>(to - from);
        else
            m_spans.push_back({static_cast<int>(from), static_cast<int>(to - from), token});
    }

    void diffLine() {
        if (m_line.startsWith(u"+++") || m_line.startsWith(u"---") || m_line.startsWith(u"@@")
            || m_line.startsWith(u"diff ") || m_line.startsWith(u"index "))
            add(0, m_line.size(), CodeToken::Meta);
        else if (m_line.startsWith(u'+'))
            add(0, m_line.size(), CodeToken::Inserted);
        else if (m_line.startsWith(u'-'))
            add(0, m_line.size(), CodeToken::Deleted);
    }

    void lineStart() {
        qsizetype first = 0;
        while (first < m_line.size() && m_line[first].isSpace())
            ++first;
        if (has(CodeTrait::HashDirectives) && letter(first) == u'#') {
            m_at = first + 1;
            while (m_at < m_line.size() && (isWordPart(m_line[m_at]) || m_line[m_at] == u' '))
                ++m_at;
            add(first, m_at, CodeToken::Meta);
            if (letter(m_at) == u'<' && m_line.sliced(first).startsWith(u"#include")) {
                add(m_at, m_line.size(), CodeToken::String);
                m_at = m_line.size();
            }
        } else if (has(CodeTrait::BareKeys)) {
            bareKey(first);
        }
    }

    /// "name:", "- name:" or "name =" at the start of a line.
    void bareKey(qsizetype first) {
        while (letter(first) == u'-' && letter(first + 1) == u' ')
            first += 2;
        if (letter(first) == u'[') {
            const qsizetype close = m_line.indexOf(u']', first);
            add(first, close < 0 ? m_line.size() : close + 1, CodeToken::Keyword);
            m_at = close < 0 ? m_line.size() : close + 1;
            return;
        }
        qsizetype end = first;
        while (end < m_line.size() && (isWordPart(m_line[end]) || QStringView(u"-./$@").contains(m_line[end])))
            ++end;
        qsizetype sign = end;
        while (letter(sign) == u' ')
            ++sign;
        const bool colon = letter(sign) == u':' && (sign + 1 == m_line.size() || letter(sign + 1).isSpace());
        if (end > first && (colon || letter(sign) == u'=')) {
            add(first, end, CodeToken::Type);
            m_at = end;
        }
    }

    void step() {
        if (m_state == kInBlockComment) {
            closeBlockComment(m_at);
        } else if (m_state >= kFirstString) {
            const std::size_t rule = m_state - kFirstString;
            const qsizetype from = m_at;
            closeString(rule);
            add(from, m_at, CodeToken::String);
        } else if (has(CodeTrait::Markup)) {
            markup();
        } else if (!comment() && !string() && !wordOrNumber()) {
            ++m_at;
        }
    }

    void closeBlockComment(qsizetype from) {
        const qsizetype close = m_line.indexOf(m_language.blockClose, m_at);
        m_state = close < 0 ? kInBlockComment : HighlightState(0);
        m_at = close < 0 ? m_line.size() : close + m_language.blockClose.size();
        add(from, m_at, CodeToken::Comment);
    }

    bool comment() {
        const bool startsWord = m_at == 0 || m_line[m_at - 1].isSpace();
        for (const QStringView mark : m_language.lineComments) {
            if (!startsWith(mark) || (has(CodeTrait::HashNeedsBlank) && !startsWord))
                continue;
            add(m_at, m_line.size(), CodeToken::Comment);
            m_at = m_line.size();
            return true;
        }
        if (m_language.blockOpen.isEmpty() || !startsWith(m_language.blockOpen))
            return false;
        const qsizetype from = m_at;
        m_at += m_language.blockOpen.size();
        closeBlockComment(from);
        return true;
    }

    bool string() {
        for (std::size_t rule = 0; rule < m_language.strings.size(); ++rule) {
            const StringRule& string = m_language.strings[rule];
            if (!startsWith(string.open))
                continue;
            if (has(CodeTrait::Lifetimes) && string.open == u"'" && isLifetime())
                return false;
            const qsizetype from = m_at;
            m_at += string.open.size();
            closeString(rule);
            add(from, m_at, isKey() ? CodeToken::Type : CodeToken::String);
            return true;
        }
        return false;
    }

    [[nodiscard]] bool isLifetime() const { return isWordStart(letter(m_at + 1)) && letter(m_at + 2) != u'\''; }

    [[nodiscard]] bool isKey() const {
        if (!has(CodeTrait::StringKeys))
            return false;
        qsizetype next = m_at;
        while (letter(next).isSpace())
            ++next;
        return letter(next) == u':';
    }

    /// Moves behind the closing sign, or to the end of the line.
    void closeString(std::size_t ruleIndex) {
        const StringRule& rule = m_language.strings[ruleIndex];
        while (m_at < m_line.size()) {
            if (!rule.escape.isNull() && m_line[m_at] == rule.escape) {
                m_at = std::min(m_at + 2, m_line.size());
            } else if (startsWith(rule.close)) {
                m_at += rule.close.size();
                m_state = 0;
                return;
            } else {
                ++m_at;
            }
        }
        m_state = rule.manyLines ? static_cast<HighlightState>(kFirstString + ruleIndex) : HighlightState(0);
    }

    bool wordOrNumber() {
        const QChar first = m_line[m_at];
        const qsizetype from = m_at;
        if (isAsciiDigit(first)) {
            while (m_at < m_line.size() && (isWordPart(m_line[m_at]) || isFraction()))
                ++m_at;
            add(from, m_at, CodeToken::Number);
            return true;
        }
        const bool marked =
            (first == u'@' && has(CodeTrait::Decorators)) || (first == u'$' && has(CodeTrait::DollarNames));
        if (marked) {
            m_at += letter(m_at + 1) == u'{' ? 2 : 1;
            while (m_at < m_line.size() && isWordPart(m_line[m_at]))
                ++m_at;
            if (letter(m_at) == u'}')
                ++m_at;
            add(from, m_at, CodeToken::Meta);
            return true;
        }
        if (!isWordStart(first))
            return false;
        while (m_at < m_line.size() && isWordPart(m_line[m_at]))
            ++m_at;
        if (const auto token = wordToken(m_line.sliced(from, m_at - from)))
            add(from, m_at, *token);
        return true;
    }

    [[nodiscard]] bool isFraction() const {
        return (m_line[m_at] == u'.' || m_line[m_at] == u'\'') && isAsciiDigit(letter(m_at + 1));
    }

    [[nodiscard]] std::optional<CodeToken> wordToken(QStringView word) const {
        const QString lower = has(CodeTrait::IgnoresCase) ? word.toString().toLower() : QString();
        const QStringView looked = lower.isNull() ? word : QStringView(lower);
        if (containsWord(m_language.keywords, looked))
            return CodeToken::Keyword;
        if (containsWord(m_language.types, looked))
            return CodeToken::Type;
        if (letter(m_at) == u'(' && !has(CodeTrait::NoCalls))
            return CodeToken::Function;
        const bool capital = word.front().isUpper() && word.size() > 1 && word != word.toString().toUpper();
        if (capital && has(CodeTrait::CapitalTypes))
            return CodeToken::Type;
        return std::nullopt;
    }

    void markup() {
        const qsizetype from = m_at;
        if (m_state != kInTag) {
            if (comment())
                return;
            const bool tag = letter(m_at) == u'<'
                             && (isWordStart(letter(m_at + 1)) || QStringView(u"/!?").contains(letter(m_at + 1)));
            if (!tag) {
                ++m_at;
                return;
            }
            m_at += 2;
            while (m_at < m_line.size() && (isWordPart(m_line[m_at]) || m_line[m_at] == u'-' || m_line[m_at] == u':'))
                ++m_at;
            add(from, m_at, CodeToken::Keyword);
            m_state = kInTag;
            return;
        }
        const QChar first = m_line[m_at];
        if (first == u'>') {
            const qsizetype coloured = m_spans.empty() ? 0 : m_spans.back().start + m_spans.back().length;
            const bool slash = m_at > coloured && (m_line[m_at - 1] == u'/' || m_line[m_at - 1] == u'?');
            add(slash ? m_at - 1 : m_at, m_at + 1, CodeToken::Keyword);
            ++m_at;
            m_state = 0;
        } else if (first == u'"' || first == u'\'') {
            const qsizetype close = m_line.indexOf(first, m_at + 1);
            m_at = close < 0 ? m_line.size() : close + 1;
            add(from, m_at, CodeToken::String);
        } else if (isWordStart(first)) {
            while (m_at < m_line.size() && (isWordPart(m_line[m_at]) || QStringView(u"-:.").contains(m_line[m_at])))
                ++m_at;
            add(from, m_at, CodeToken::Type);
        } else {
            ++m_at;
        }
    }

    const CodeLanguage& m_language;
    QStringView m_line;
    HighlightState m_state;
    qsizetype m_at = 0;
    std::vector<CodeSpan> m_spans;
};

} // namespace

const CodeLanguage* findCodeLanguage(QStringView name) {
    const QString wanted = name.trimmed().toString().toLower();
    for (const CodeLanguage& language : codeLanguages())
        if (containsWord(language.names, wanted))
            return &language;
    return nullptr;
}

std::vector<CodeSpan> highlightLine(const CodeLanguage& language, QStringView line, HighlightState* state) {
    LineHighlighter highlighter(language, line, *state);
    highlighter.run();
    *state = highlighter.state();
    return highlighter.takeSpans();
}

} // namespace hearth::ui
