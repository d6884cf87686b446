#include "ui/markdown/segment_scanner.h"

#include <QByteArray>

#include <algorithm>
#include <limits>

namespace hearth::ui {
namespace {

// Four columns of indentation make code (CommonMark 4.4), and tab stops are four columns apart (2.2).
constexpr int kCodeIndent = 4;

enum class LineKind { Blank, Text, Heading, Rule, DashRule, SetextEquals, Fence, Quote, Bullet, Ordered };

bool isBlankChar(char c) {
    return c == ' ' || c == '\t';
}
bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

qsizetype runLength(QByteArrayView text, char c) {
    qsizetype length = 0;
    while (length < text.size() && text[length] == c)
        ++length;
    return length;
}

bool containsFence(QByteArrayView text) {
    return text.contains("```") || text.contains("~~~");
}

bool isBlank(QByteArrayView text) {
    return std::all_of(text.begin(), text.end(), isBlankChar);
}

/// At least three of one of the characters, and nothing else but blanks.
bool isRule(QByteArrayView text) {
    const char mark = text[0];
    if (mark != '-' && mark != '*' && mark != '_')
        return false;
    const auto marks = std::count(text.begin(), text.end(), mark);
    return marks >= 3 && std::all_of(text.begin(), text.end(), [mark](char c) { return c == mark || isBlankChar(c); });
}

/// One run of the character and then only blanks: the underline of a setext heading.
bool isUnderline(QByteArrayView text, char c) {
    const qsizetype run = runLength(text, c);
    return run > 0 && isBlank(text.sliced(run));
}

bool isHeading(QByteArrayView text) {
    const qsizetype run = runLength(text, '#');
    return run >= 1 && run <= 6 && (run == text.size() || isBlankChar(text[run]));
}

bool opensFence(QByteArrayView text) {
    const char mark = text[0];
    if (mark != '`' && mark != '~')
        return false;
    const qsizetype run = runLength(text, mark);
    return run >= 3 && (mark == '~' || !text.sliced(run).contains('`'));
}

/// Size of "-", "12." and the like when it stands before a blank or the end of the line, else 0.
qsizetype markerSize(QByteArrayView text) {
    qsizetype size = 0;
    if (text[0] == '-' || text[0] == '+' || text[0] == '*') {
        size = 1;
    } else {
        while (size < text.size() && isDigit(text[size]))
            ++size;
        if (size == 0 || size > 9 || size == text.size() || (text[size] != '.' && text[size] != ')'))
            return 0;
        ++size;
    }
    return size == text.size() || isBlankChar(text[size]) ? size : 0;
}

/// Columns that the blanks at the start of text take when the first stands at `column`, and their number.
struct Indent {
    int columns = 0;
    qsizetype bytes = 0;
};
Indent indentOf(QByteArrayView text, int column) {
    Indent indent;
    const int first = column;
    for (; indent.bytes < text.size() && isBlankChar(text[indent.bytes]); ++indent.bytes)
        column += text[indent.bytes] == '\t' ? kCodeIndent - column % kCodeIndent : 1;
    indent.columns = column - first;
    return indent;
}

} // namespace

struct SegmentScanner::Line {
    LineKind kind = LineKind::Blank;
    int indent = 0;
    QByteArrayView text;  ///< behind the indentation
    qsizetype marker = 0; ///< size of the list marker
    bool itemEmpty = false;

    [[nodiscard]] bool isMarker() const { return kind == LineKind::Bullet || kind == LineKind::Ordered; }
    /// A list that may begin in the middle of a paragraph (CommonMark 5.2).
    [[nodiscard]] bool interruptsParagraph() const {
        if (!isMarker() || itemEmpty)
            return false;
        return kind == LineKind::Bullet || text.first(marker - 1).toByteArray().toInt() == 1;
    }
};

SegmentScanner::Line SegmentScanner::examine(QByteArrayView bytes) {
    Line line;
    const Indent indent = indentOf(bytes, 0);
    line.indent = indent.columns;
    line.text = bytes.sliced(indent.bytes);
    if (line.text.isEmpty())
        return line;
    line.kind = LineKind::Text;
    if (line.indent >= kCodeIndent)
        return line;
    line.marker = markerSize(line.text);
    if (isHeading(line.text))
        line.kind = LineKind::Heading;
    else if (isRule(line.text))
        line.kind = isUnderline(line.text, '-') ? LineKind::DashRule : LineKind::Rule;
    else if (isUnderline(line.text, '='))
        line.kind = LineKind::SetextEquals;
    else if (opensFence(line.text))
        line.kind = LineKind::Fence;
    else if (line.text[0] == '>')
        line.kind = LineKind::Quote;
    else if (line.marker > 0)
        line.kind = isDigit(line.text[0]) ? LineKind::Ordered : LineKind::Bullet;
    line.itemEmpty = line.marker > 0 && isBlank(line.text.sliced(line.marker));
    return line;
}

void SegmentScanner::reset() {
    *this = SegmentScanner();
}

bool SegmentScanner::closesFence(QByteArrayView line) const {
    const Indent indent = indentOf(line, 0);
    const QByteArrayView text = line.sliced(indent.bytes);
    const qsizetype run = runLength(text, m_fenceChar);
    return indent.columns < kCodeIndent && run >= m_fenceSize && isBlank(text.sliced(run));
}

bool SegmentScanner::mayCloseFence(QByteArrayView line) const {
    const Indent indent = indentOf(line, 0);
    const QByteArrayView text = line.sliced(indent.bytes);
    const qsizetype run = runLength(text, m_fenceChar);
    return indent.columns < kCodeIndent && (run == text.size() || (run >= m_fenceSize && isBlank(text.sliced(run))));
}

bool SegmentScanner::expectsText() const {
    const bool text =
        m_state == State::Fresh || m_state == State::Paragraph || m_state == State::Leaf || m_state == State::List;
    return text && !m_itemFence && !m_hiddenFence;
}

SegmentScanner::Cut SegmentScanner::addLine(QByteArrayView bytes) {
    if (m_state == State::Fence) {
        if (!closesFence(bytes))
            return {};
        reset();
        return {.after = true};
    }
    const Line line = examine(bytes);
    if (m_state == State::List && m_itemFence && takenByItemFence(bytes, line))
        return {};
    if (line.kind == LineKind::Blank) {
        // An item that begins with a blank line holds nothing more (CommonMark 5.2).
        if (m_state == State::List && m_itemEmpty)
            m_contentColumn = std::numeric_limits<int>::max();
        m_itemParagraph = false;
        m_afterBlank = true;
        // Nothing goes on with a paragraph, a quote or a table behind a blank line.
        const bool closed = m_state == State::Paragraph || m_state == State::Leaf;
        if (closed)
            reset();
        return {.after = closed};
    }
    switch (m_state) {
    case State::Fresh:
        begin(line);
        return {.after = m_state == State::Fresh};
    case State::Indented:
        if (line.indent < kCodeIndent)
            return cutBefore(line);
        m_afterBlank = false;
        return {};
    case State::Paragraph:
        return inParagraph(line);
    case State::Leaf:
        return inLeaf(line);
    case State::List:
        return inList(line);
    case State::DoubtfulList:
        return inDoubtfulList(line);
    case State::Fence:
    case State::Unknown:
        break;
    }
    return {};
}

/// Whether the line is inside the item's code block or closes it.
bool SegmentScanner::takenByItemFence(QByteArrayView bytes, const Line& line) {
    if (line.kind == LineKind::Blank)
        return true;
    const bool inside = line.indent >= m_contentColumn;
    const bool closes =
        closesFence(inside ? line.text : bytes) && line.indent - (inside ? m_contentColumn : 0) < kCodeIndent;
    m_itemFence = inside && !closes;
    if (closes && !inside) {
        m_afterBlank = true;
        m_listEnded = true;
        m_contentColumn = std::numeric_limits<int>::max();
    }
    return inside || closes;
}

void SegmentScanner::begin(const Line& line) {
    reset();
    switch (line.kind) {
    case LineKind::Heading:
    case LineKind::Rule:
    case LineKind::DashRule:
        break;
    case LineKind::Fence:
        m_state = State::Fence;
        m_fenceChar = line.text[0];
        m_fenceSize = runLength(line.text, m_fenceChar);
        m_fenceIndent = line.indent;
        break;
    case LineKind::Quote:
        m_state = State::Leaf;
        m_hiddenFence = containsFence(line.text);
        break;
    case LineKind::Bullet:
    case LineKind::Ordered:
        beginItem(line);
        break;
    case LineKind::Blank:
    case LineKind::Text:
    case LineKind::SetextEquals:
        if (line.indent >= kCodeIndent)
            m_state = State::Indented;
        else
            m_state = line.text.contains('|') ? State::Leaf : State::Paragraph;
        break;
    }
}

void SegmentScanner::beginItem(const Line& line) {
    m_state = State::List;
    m_itemEmpty = line.itemEmpty;
    const int markerEnd = line.indent + static_cast<int>(line.marker);
    const QByteArrayView rest = line.text.sliced(line.marker);
    const Indent gap = indentOf(rest, markerEnd);
    m_contentColumn = markerEnd + (line.itemEmpty || gap.columns > kCodeIndent ? 1 : gap.columns);
    m_itemParagraph = false;
    if (!line.itemEmpty && gap.columns <= kCodeIndent) {
        goOnInItem(examine(rest.sliced(gap.bytes)), 0);
    } else if (!line.itemEmpty) {
        m_hiddenFence = containsFence(line.text);
    }
}

/// line: as seen from the item's content column, `depth` columns further in.
void SegmentScanner::goOnInItem(const Line& line, int depth) {
    m_itemEmpty = false;
    m_afterBlank = false;
    m_itemDoubtful = m_itemDoubtful || containsFence(line.text) || line.text.contains('|');
    // Two columns further in, an inner list may own it.
    if (line.kind == LineKind::Fence && depth < 2) {
        m_itemFence = true;
        m_fenceChar = line.text[0];
        m_fenceSize = runLength(line.text, m_fenceChar);
    } else if (containsFence(line.text)) {
        m_hiddenFence = true;
    }
    // "- - text" opens a paragraph too, in the inner item.
    QByteArrayView text = line.text;
    if (line.isMarker() && !line.itemEmpty) {
        const Indent gap = indentOf(text.sliced(line.marker), 0);
        text = gap.columns <= kCodeIndent ? text.sliced(line.marker + gap.bytes) : QByteArrayView();
    } else if (line.kind != LineKind::Text) {
        text = {};
    }
    m_itemParagraph = !text.isEmpty() && !m_itemDoubtful && examine(text).kind == LineKind::Text;
}

SegmentScanner::Cut SegmentScanner::cutBefore(const Line& line) {
    begin(line);
    return {.before = true, .after = m_state == State::Fresh};
}

SegmentScanner::Cut SegmentScanner::inParagraph(const Line& line) {
    switch (line.kind) {
    case LineKind::Heading:
    case LineKind::Rule:
    case LineKind::Fence:
    case LineKind::Quote:
        return cutBefore(line);
    case LineKind::Bullet:
    case LineKind::Ordered:
        if (line.interruptsParagraph())
            return cutBefore(line);
        // A lone dash makes a heading of the paragraph; other empty or higher items are its text.
        if (isUnderline(line.text, '-'))
            m_state = State::Leaf;
        break;
    case LineKind::DashRule:
    case LineKind::SetextEquals:
        // The paragraph may have been a link definition, and the line the start of the next.
        m_state = State::Leaf;
        break;
    case LineKind::Blank:
    case LineKind::Text:
        // md4c opens a fence here at any indentation.
        if (line.indent >= kCodeIndent && containsFence(line.text))
            m_state = State::Unknown;
        else if (line.text.contains('|'))
            m_state = State::Leaf;
        break;
    }
    return {};
}

SegmentScanner::Cut SegmentScanner::inLeaf(const Line& line) {
    m_hiddenFence = m_hiddenFence || (line.kind != LineKind::Fence && containsFence(line.text));
    switch (line.kind) {
    case LineKind::Fence:
        if (m_hiddenFence) {
            m_state = State::Unknown;
            break;
        }
        return cutBefore(line);
    case LineKind::Heading:
    case LineKind::Rule:
        return cutBefore(line);
    case LineKind::Bullet:
    case LineKind::Ordered:
        if (line.interruptsParagraph())
            return cutBefore(line);
        m_state = State::Unknown;
        break;
    case LineKind::Quote:
    case LineKind::DashRule:
    case LineKind::SetextEquals:
    case LineKind::Blank:
    case LineKind::Text:
        // Indented text goes on with a paragraph, but is code when the heading or table before it has ended.
        if (line.indent >= kCodeIndent)
            m_state = State::Unknown;
        break;
    }
    return {};
}

SegmentScanner::Cut SegmentScanner::inList(const Line& line) {
    if (line.indent >= m_contentColumn) {
        // Markers and fences count from the content's column.
        const Line content = examine(line.text);
        const int depth = line.indent - m_contentColumn;
        const bool code = depth >= kCodeIndent;
        const bool paragraphGoesOn = m_itemParagraph;
        goOnInItem(content, depth);
        if (code)
            m_itemParagraph = paragraphGoesOn && content.kind == LineKind::Text;
        return {};
    }
    const bool afterBlank = m_afterBlank;
    if (line.isMarker()) {
        const bool continuesList = !m_listEnded;
        reset();
        beginItem(line);
        return {.before = true, .continuesList = continuesList};
    }
    if (line.kind == LineKind::Fence && m_hiddenFence) {
        m_state = State::Unknown;
        return {};
    }
    const bool plain = line.kind == LineKind::Text || line.kind == LineKind::SetextEquals;
    if (!plain)
        return cutBefore(line);
    if (line.indent >= kCodeIndent) {
        if (!m_itemParagraph || containsFence(line.text))
            m_state = State::Unknown;
        return {};
    }
    if (afterBlank)
        return cutBefore(line);
    if (m_itemParagraph && line.kind == LineKind::Text && !line.text.contains('|'))
        return {};
    m_state = State::DoubtfulList;
    return {};
}

SegmentScanner::Cut SegmentScanner::inDoubtfulList(const Line& line) {
    const bool outside = line.indent < std::min(m_contentColumn, kCodeIndent);
    if (!outside) {
        if (m_afterBlank || line.kind != LineKind::Text || containsFence(line.text))
            m_state = State::Unknown;
        return {};
    }
    switch (line.kind) {
    case LineKind::Fence:
        if (m_hiddenFence) {
            m_state = State::Unknown;
            break;
        }
        return cutBefore(line);
    case LineKind::Heading:
    case LineKind::Rule:
        return cutBefore(line);
    case LineKind::Text:
        if (m_afterBlank)
            return cutBefore(line);
        break;
    case LineKind::Bullet:
        // A new item or a new list: without numbers the blocks are the same.
        if (line.interruptsParagraph())
            return cutBefore(line);
        m_state = State::Unknown;
        break;
    case LineKind::Blank:
    case LineKind::Quote:
    case LineKind::Ordered:
    case LineKind::DashRule:
    case LineKind::SetextEquals:
        m_state = State::Unknown;
        break;
    }
    return {};
}

} // namespace hearth::ui
