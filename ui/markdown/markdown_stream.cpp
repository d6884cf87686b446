#include "ui/markdown/markdown_stream.h"

#include "ui/markdown/unfinished_marks.h"

#include <algorithm>
#include <utility>

namespace hearth::ui {
namespace {

// Below this size a parse of the tail takes a fraction of a millisecond. Above, it waits for 1/32 more text, which
// keeps the work of a whole answer below 32 parses of it, whatever its size.
constexpr qsizetype kAlwaysParsed = 32 * 1024;
constexpr qsizetype kGrowthPart = 32;

// Definitions are parsed again with every segment that may use them.
constexpr qsizetype kMostDefinitionBytes = 16 * 1024;

bool isBlankLine(QByteArrayView line) {
    return std::all_of(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t'; });
}

/// A line that may yet become a marker of almost anything. Shown as it stands, "-" below a paragraph would turn that
/// into a heading until the next character shows that a list begins.
bool isUnsettled(QByteArrayView line) {
    constexpr QByteArrayView kMarkers("-=*_#`~|>+:. \t)");
    const bool onlyMarks =
        std::all_of(line.begin(), line.end(), [&](char c) { return kMarkers.contains(c) || (c >= '0' && c <= '9'); });
    // A number alone is far more often the start of a sum than of a list: only a whole marker is held back.
    const bool number = !line.isEmpty() && line.back() >= '0' && line.back() <= '9';
    return onlyMarks && !number;
}

} // namespace

std::size_t MarkdownStream::append(QStringView delta) {
    m_firstChanged = m_blocks.size();
    takeIn(delta);
    scanLines();
    if (m_scanner.inPlainFence()) {
        extendFence();
        return m_firstChanged;
    }
    const qsizetype end = settledEnd();
    const qsizetype tailSize = end - m_tail.begin;
    const bool waits = tailSize > kAlwaysParsed && end - m_parsedTo < tailSize / kGrowthPart;
    if (end != m_parsedTo && !waits)
        showTail(end);
    return m_firstChanged;
}

std::size_t MarkdownStream::finish() {
    m_firstChanged = m_blocks.size();
    if (!m_pending.isNull()) {
        m_source += m_pending == u'\r' ? QByteArray("\n") : QByteArray("\xEF\xBF\xBD");
        m_pending = {};
        scanLines();
    }
    m_fenceShown = -1;
    parseTail(m_source.size());
    if (!m_definitions.isEmpty())
        resolveReferences();
    return m_firstChanged;
}

void MarkdownStream::clear() {
    *this = MarkdownStream();
}

QByteArrayView MarkdownStream::source(qsizetype begin, qsizetype end) const {
    return QByteArrayView(m_source).sliced(begin, end - begin);
}

void MarkdownStream::takeIn(QStringView delta) {
    QString text;
    text.reserve(delta.size() + 1);
    if (!m_pending.isNull())
        text += m_pending;
    text += delta;
    m_pending = {};
    if (!text.isEmpty() && (text.back() == u'\r' || text.back().isHighSurrogate())) {
        m_pending = text.back();
        text.chop(1);
    }
    text.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
    text.replace(u'\r', u'\n');
    text.replace(QChar(QChar::Null), QChar(QChar::ReplacementCharacter));
    m_source += text.toUtf8();
}

void MarkdownStream::scanLines() {
    while (true) {
        const qsizetype lineEnd = m_source.indexOf('\n', m_scanned);
        if (lineEnd < 0)
            return;
        const qsizetype lineBegin = m_scanned;
        const SegmentScanner::Cut cut = m_scanner.addLine(source(lineBegin, lineEnd));
        m_scanned = lineEnd + 1;
        if (cut.before)
            closeSegment(lineBegin, cut.continuesList);
        if (cut.after)
            closeSegment(m_scanned, false);
    }
}

void MarkdownStream::closeSegment(qsizetype end, bool nextContinuesList) {
    const QByteArrayView segment = source(m_tail.begin, end);
    ListContext after;
    replaceTail(parse(segment, m_tail.continuesList ? m_list : ListContext{}, &after));
    m_list = after;
    collectDefinitions(segment);
    m_segments.push_back(m_tail);
    m_frozenCount = m_blocks.size();
    m_tail = {end, m_frozenCount, nextContinuesList};
    m_parsedTo = end;
    m_fenceShown = -1;
}

/// End of the text that can be shown: all of it, or up to a last line that is no more than a marker yet.
qsizetype MarkdownStream::settledEnd() const {
    const QByteArrayView lastLine = source(m_scanned, m_source.size());
    return isUnsettled(lastLine) ? m_scanned : m_source.size();
}

/// Parses the tail as if what its last line leaves open were closed.
void MarkdownStream::showTail(qsizetype end) {
    const QByteArrayView lastLine = source(m_scanned, end);
    const bool text = m_scanner.expectsText() && !lastLine.startsWith("    ") && !lastLine.startsWith('\t');
    const LineCompletion completion = text ? completeLine(lastLine) : LineCompletion{lastLine.size(), {}};
    const qsizetype shown = m_scanned + completion.keep;
    if (completion.suffix.isEmpty()) {
        parseTail(shown);
    } else {
        const QByteArray completed = source(m_tail.begin, shown).toByteArray() + completion.suffix;
        replaceTail(parse(completed, m_tail.continuesList ? m_list : ListContext{}, nullptr));
    }
    m_parsedTo = end;
}

void MarkdownStream::parseTail(qsizetype end) {
    ListContext after;
    replaceTail(parse(source(m_tail.begin, end), m_tail.continuesList ? m_list : ListContext{}, &after));
    m_parsedTo = end;
}

void MarkdownStream::extendFence() {
    if (m_fenceShown < 0) {
        qsizetype lineBegin = m_tail.begin;
        qsizetype lineEnd = m_source.indexOf('\n', lineBegin);
        while (isBlankLine(source(lineBegin, lineEnd))) {
            lineBegin = lineEnd + 1;
            lineEnd = m_source.indexOf('\n', lineBegin);
        }
        replaceTail(parse(source(lineBegin, lineEnd), {}, nullptr));
        m_fenceShown = lineEnd + 1;
    }
    // What may turn out to be the closing line is not flashed as code, and the last line feed ends the last line.
    const bool mayClose = m_scanner.mayCloseFence(source(m_scanned, m_source.size()));
    qsizetype end = mayClose ? m_scanned : m_source.size();
    if (end > m_fenceShown && m_source[end - 1] == '\n')
        --end;
    m_parsedTo = m_source.size();
    if (end <= m_fenceShown)
        return;
    m_blocks.back().content.text += QString::fromUtf8(source(m_fenceShown, end));
    m_fenceShown = end;
    m_firstChanged = std::min(m_firstChanged, m_blocks.size() - 1);
}

/// Link definitions of one line each that stand at the beginning of a segment.
void MarkdownStream::collectDefinitions(QByteArrayView segment) {
    qsizetype lineBegin = 0;
    while (lineBegin < segment.size()) {
        const qsizetype lineFeed = segment.indexOf('\n', lineBegin);
        const qsizetype lineEnd = lineFeed < 0 ? segment.size() : lineFeed;
        const QByteArrayView line = segment.sliced(lineBegin, lineEnd - lineBegin);
        const QByteArrayView text = line.trimmed();
        const bool looksRight = text.startsWith('[') && text.contains("]:");
        if (!looksRight && !text.isEmpty())
            return;
        const bool fits = m_definitions.size() + line.size() < kMostDefinitionBytes;
        if (looksRight && (!fits || !parseSegment(line).empty()))
            return;
        if (looksRight)
            m_definitions += line.toByteArray() + "\n\n";
        lineBegin = lineEnd + 1;
    }
}

std::vector<Block> MarkdownStream::parse(QByteArrayView segment, ListContext before, ListContext* after) {
    m_parsedBytes += segment.size();
    if (m_definitions.isEmpty() || !segment.contains('['))
        return parseSegment(segment, before, after);
    m_parsedBytes += m_definitions.size();
    return parseSegment(m_definitions + segment.toByteArray(), before, after);
}

void MarkdownStream::replaceTail(std::vector<Block> tail) {
    const auto first = m_blocks.begin() + static_cast<std::ptrdiff_t>(m_tail.firstBlock);
    const auto [differs, newOne] = std::mismatch(first, m_blocks.end(), tail.begin(), tail.end());
    const auto kept = static_cast<std::size_t>(differs - m_blocks.begin());
    const bool changed = differs != m_blocks.end() || newOne != tail.end();
    m_blocks.erase(differs, m_blocks.end());
    m_blocks.insert(m_blocks.end(), std::make_move_iterator(newOne), std::make_move_iterator(tail.end()));
    if (changed)
        m_firstChanged = std::min(m_firstChanged, kept);
}

void MarkdownStream::resolveReferences() {
    std::vector<Segment> segments = std::exchange(m_segments, {});
    const Segment tail = m_tail;
    std::vector<Block> blocks;
    ListContext list;
    for (std::size_t index = 0; index <= segments.size(); ++index) {
        const bool last = index == segments.size();
        Segment segment = last ? tail : segments[index];
        const qsizetype end = last                          ? m_source.size()
                              : index + 1 < segments.size() ? segments[index + 1].begin
                                                            : tail.begin;
        segment.firstBlock = blocks.size();
        std::vector<Block> part =
            parse(source(segment.begin, end), segment.continuesList ? list : ListContext{}, &list);
        std::move(part.begin(), part.end(), std::back_inserter(blocks));
        if (last)
            m_tail = segment;
        else
            m_segments.push_back(segment);
    }
    const auto differs = std::mismatch(m_blocks.begin(), m_blocks.end(), blocks.begin(), blocks.end());
    const bool changed = differs.first != m_blocks.end() || differs.second != blocks.end();
    if (changed)
        m_firstChanged = std::min(m_firstChanged, static_cast<std::size_t>(differs.second - blocks.begin()));
    m_blocks = std::move(blocks);
    m_frozenCount = m_tail.firstBlock;
}

std::vector<Block> parseMarkdown(QStringView text) {
    MarkdownStream stream;
    stream.append(text);
    stream.finish();
    return stream.blocks();
}

} // namespace hearth::ui
