#include "ui/markdown/unfinished_marks.h"

#include <algorithm>

namespace hearth::ui {
namespace {

bool isBlank(char c) {
    return c == ' ' || c == '\t';
}

/// Behind the blanks, quote signs and list marker at the start of a line.
qsizetype textBegin(QByteArrayView line) {
    qsizetype at = 0;
    while (at < line.size() && (isBlank(line[at]) || line[at] == '>'))
        ++at;
    qsizetype marker = at;
    while (marker < line.size() && line[marker] >= '0' && line[marker] <= '9')
        ++marker;
    const bool ordered = marker > at && marker < line.size() && (line[marker] == '.' || line[marker] == ')');
    const bool bullet = marker == at && at < line.size() && QByteArrayView("-*+").contains(line[at]);
    const bool isMarker = (ordered || bullet) && marker + 1 < line.size() && isBlank(line[marker + 1]);
    return isMarker ? marker + 2 : at;
}

/// Walks over a line and remembers what is open.
class OpenMarks {
public:
    explicit OpenMarks(QByteArrayView line) : m_line(line) {
        for (qsizetype at = textBegin(line); at < line.size();)
            at = step(at);
    }

    [[nodiscard]] LineCompletion completion() const {
        LineCompletion completion{m_line.size(), {}};
        if (m_codeFence > 0)
            close(m_codeBegin, QByteArray(m_codeFence, '`'), &completion);
        else if (m_address >= 0)
            completion.suffix += ')';
        else if (m_line.endsWith('*') && !m_line.endsWith("**")) // half of a closing or opening mark
            --completion.keep;
        else if (m_strikeBegin >= 0 && m_line.endsWith('~') && !m_line.endsWith("~~"))
            --completion.keep;
        // The mark that was opened last is closed first.
        if (m_strikeBegin > m_strongBegin)
            close(m_strikeBegin, "~~", &completion);
        if (m_strongBegin >= 0)
            close(m_strongBegin, "**", &completion);
        if (m_strikeBegin >= 0 && m_strikeBegin < m_strongBegin)
            close(m_strikeBegin, "~~", &completion);
        return completion;
    }

private:
    /// Adds the closing mark, or hides the opening one at `begin` - its size when nothing stands behind it.
    void close(qsizetype begin, const QByteArray& mark, LineCompletion* completion) const {
        if (completion->suffix.isEmpty() && completion->keep > begin)
            while (completion->keep > begin && isBlank(m_line[completion->keep - 1]))
                --completion->keep;
        if (completion->keep <= begin)
            completion->keep = std::min(completion->keep, begin - mark.size());
        else
            completion->suffix += mark;
    }

    qsizetype step(qsizetype at) {
        const char c = m_line[at];
        if (c == '\\' && m_codeFence == 0)
            return at + 2;
        qsizetype run = 1;
        while (at + run < m_line.size() && m_line[at + run] == c)
            ++run;
        if (c == '`') {
            const bool closes = m_codeFence == run;
            m_codeFence = m_codeFence == 0 ? run : closes ? 0 : m_codeFence;
            if (m_codeFence == run && !closes)
                m_codeBegin = at + run;
            return at + run;
        }
        if (m_codeFence > 0)
            return at + 1;
        if (c == '*' && run == 2)
            toggle(&m_strongBegin, at + run);
        else if (c == '~' && run == 2)
            toggle(&m_strikeBegin, at + run);
        else if (c == '(' && at > 0 && m_line[at - 1] == ']')
            m_address = at;
        else if (c == ')' || isBlank(c))
            m_address = -1;
        return at + run;
    }

    void toggle(qsizetype* begin, qsizetype behind) const {
        if (*begin >= 0)
            *begin = -1;
        else if (behind == m_line.size() || !isBlank(m_line[behind]))
            *begin = behind;
    }

    QByteArrayView m_line;
    qsizetype m_codeFence = 0; ///< backticks of the open code span
    qsizetype m_codeBegin = 0;
    qsizetype m_strongBegin = -1; ///< behind the open mark
    qsizetype m_strikeBegin = -1;
    qsizetype m_address = -1;
};

} // namespace

LineCompletion completeLine(QByteArrayView line) {
    return OpenMarks(line).completion();
}

} // namespace hearth::ui
