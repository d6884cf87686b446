#include "ui/conversation/code_block_layout.h"

#include "ui/theme/icons.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace hearth::ui {
namespace {

// A line of minified code can be a megabyte; shaping it at once would stall the window.
constexpr int kLongestRow = 1000;
// Rows that are kept shaped: a few screens of them.
constexpr std::size_t kKeptRows = 400;

QColor tokenColor(CodeToken token, const Colors& colors) {
    switch (token) {
    case CodeToken::Keyword:
        return colors.codeKeyword;
    case CodeToken::Type:
        return colors.codeType;
    case CodeToken::String:
        return colors.codeString;
    case CodeToken::Number:
        return colors.codeNumber;
    case CodeToken::Comment:
        return colors.codeComment;
    case CodeToken::Function:
    case CodeToken::Meta:
        return colors.codeFunction;
    case CodeToken::Inserted:
        return colors.success;
    case CodeToken::Deleted:
        return colors.danger;
    }
    return colors.codeText;
}

} // namespace

CodeBlockLayout::CodeBlockLayout(const Block& block, const ConversationStyle& style)
    : m_style(&style), m_language(block.language), m_syntax(findCodeLanguage(block.language)),
      m_text(block.content.text) {
    addRows(0);
}

void CodeBlockLayout::addRows(int from) {
    const QFontMetricsF metrics(m_style->code);
    const double letterWidth = metrics.horizontalAdvance(u'0');
    int begin = from;
    const auto size = static_cast<int>(m_text.size());
    while (true) {
        const qsizetype lineFeed = m_text.indexOf(u'\n', begin);
        const int lineEnd = lineFeed < 0 ? size : static_cast<int>(lineFeed);
        bool startsLine = true;
        do {
            int length = std::min(lineEnd - begin, kLongestRow);
            if (length == kLongestRow && begin + length < size && m_text[begin + length].isLowSurrogate())
                --length;
            m_rows.push_back({begin, length, startsLine});
            const QStringView row = QStringView(m_text).sliced(begin, length);
            const bool ascii = std::all_of(row.begin(), row.end(), [](QChar c) { return c >= u' ' && c <= u'~'; });
            // A fixed pitch makes the common case a product; measuring is for tabs, accents and wide letters.
            const double width = ascii
                                     ? letterWidth * length
                                     : metrics.horizontalAdvance(row.toString().replace(u'\t', QStringLiteral("    ")));
            m_widest = std::max(m_widest, width);
            begin += length;
            startsLine = false;
        } while (begin < lineEnd);
        if (lineFeed < 0)
            return;
        begin = lineEnd + 1;
    }
}

bool CodeBlockLayout::grow(const Block& block) {
    const bool sameStart = block.kind == BlockKind::Code && block.language == m_language
                           && block.content.text.size() >= m_text.size() && block.content.text.startsWith(m_text);
    if (!sameStart)
        return false;
    m_text = block.content.text;
    // The last line was open: it and its colours are made anew.
    while (!m_rows.back().startsLine)
        m_rows.pop_back();
    const int lastLine = static_cast<int>(m_rows.size()) - 1;
    const int begin = m_rows.back().begin;
    m_rows.pop_back();
    std::erase_if(m_rowLayouts, [lastLine](const auto& kept) { return kept.first >= lastLine; });
    m_states.resize(std::min(m_states.size(), static_cast<std::size_t>(lastLine) + 1));
    addRows(begin);
    return true;
}

int CodeBlockLayout::setWidth(int width) {
    m_width = width;
    m_scroll.setWidths(static_cast<int>(std::ceil(m_widest)) + 1, width - 2 * m_style->codePadding);
    return height();
}

int CodeBlockLayout::height() const {
    const int bar = m_scroll.isNeeded() ? SideScroll::kBarHeight / 2 : 0;
    return textTop() + static_cast<int>(m_rows.size()) * m_style->codeLineHeight + m_style->codePadding + bar;
}

QRect CodeBlockLayout::scrollBar() const {
    return m_scroll.bar(m_style->codePadding, height() - 1);
}

QRect CodeBlockLayout::firstLine() const {
    return {0, 0, m_width, m_style->codeHeaderHeight};
}

QRect CodeBlockLayout::copyButton() const {
    const int label = static_cast<int>(std::ceil(QFontMetricsF(m_style->small).horizontalAdvance(tr("Copied"))));
    const int width = m_style->iconSize + label + 3 * Metrics::kSpace2;
    const int height = m_style->scaled(26);
    const int inset = (m_style->codeHeaderHeight - height) / 2;
    return {m_width - width - inset, inset, width, height};
}

void CodeBlockLayout::paint(QPainter& painter, QPoint topLeft, const BlockPaint& paint) const {
    const QRect box(topLeft, QSize(m_width, height()));
    painter.setPen(QPen(m_style->colors.border, Metrics::kHair));
    painter.setBrush(m_style->colors.codeBackground);
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), Metrics::kRadius, Metrics::kRadius);
    painter.setBrush(Qt::NoBrush);
    paintHeader(painter, topLeft, paint);

    painter.save();
    const QRect inside =
        box.adjusted(m_style->codePadding / 2, m_style->codeHeaderHeight, -m_style->codePadding / 2, -1);
    painter.setClipRect(inside, Qt::IntersectClip);
    const int top = topLeft.y() + textTop();
    const int line = m_style->codeLineHeight;
    const int first = std::max(0, (paint.clip.top() - top) / line);
    const int last = std::min(static_cast<int>(m_rows.size()) - 1, (paint.clip.bottom() - top) / line);
    const double left = topLeft.x() + m_style->codePadding - m_scroll.offset();
    for (int row = first; row <= last; ++row)
        paintRow(painter, row, QPointF(left, top + row * line), paint.marks);
    painter.restore();
    m_scroll.paint(painter, scrollBar().translated(topLeft), m_style->colors);
}

void CodeBlockLayout::paintHeader(QPainter& painter, QPoint topLeft, const BlockPaint& paint) const {
    const Colors& colors = m_style->colors;
    const QRectF bar(topLeft.x() + 1, topLeft.y() + 1, m_width - 2, m_style->codeHeaderHeight - 1);
    // Round above, straight below.
    QPainterPath path;
    path.addRoundedRect(bar.adjusted(0, 0, 0, Metrics::kRadius), Metrics::kRadius - 1, Metrics::kRadius - 1);
    QPainterPath cut;
    cut.addRect(bar);
    painter.fillPath(path.intersected(cut), colors.codeHeader);

    const QRect button = copyButton().translated(topLeft);
    painter.setFont(m_style->small);
    painter.setPen(colors.textMuted);
    const QRectF label = bar.adjusted(m_style->codePadding, 0, -(bar.right() - button.left()), 0);
    const QString name = m_language.isEmpty() ? tr("text") : m_language;
    painter.drawText(label, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(m_style->small).elidedText(name, Qt::ElideRight, label.width()));
    if (paint.copyHovered || paint.copyFocused) {
        painter.setPen(paint.copyFocused ? QPen(colors.accent, Metrics::kFocusWidth) : QPen(Qt::NoPen));
        painter.setBrush(colors.pressed);
        painter.drawRoundedRect(QRectF(button).adjusted(1, 1, -1, -1), Metrics::kRadiusSmall, Metrics::kRadiusSmall);
        painter.setBrush(Qt::NoBrush);
    }
    const QString word = paint.copied ? tr("Copied") : tr("Copy");
    const QRect wordRect = button.adjusted(0, 0, -Metrics::kSpace2, 0);
    painter.setPen(paint.copied ? colors.success : colors.textMuted);
    painter.drawText(wordRect, Qt::AlignVCenter | Qt::AlignRight, word);
    const int wordWidth = static_cast<int>(std::ceil(QFontMetricsF(m_style->small).horizontalAdvance(word)));
    const QRect icon(wordRect.right() - wordWidth - m_style->iconSize - Metrics::kSpace1,
                     button.center().y() - m_style->iconSize / 2 + 1, m_style->iconSize, m_style->iconSize);
    themedIcon(*m_style->theme, paint.copied ? QStringLiteral("check") : QStringLiteral("copy"),
               paint.copied ? IconTone::Success : IconTone::Muted)
        .paint(&painter, icon);
}

void CodeBlockLayout::paintRow(QPainter& painter, int row, QPointF at, const TextMarks& marks) const {
    const Row& piece = m_rows[static_cast<std::size_t>(row)];
    const QTextLayout& layout = rowLayout(row);
    const QTextLine line = layout.lineAt(0);
    const auto fill = [&](TextRange range, const QColor& color) {
        const int begin = std::max(range.begin - piece.begin, 0);
        const int end = std::min(range.end - piece.begin, piece.length);
        const bool wholeLineEnd = range.end > piece.begin + piece.length && range.begin <= piece.begin + piece.length;
        if (range.isEmpty() || end < begin || range.end <= piece.begin)
            return;
        const double from = line.cursorToX(begin);
        // A selected line feed shows as a little more than the last letter.
        const double to = line.cursorToX(end) + (wholeLineEnd ? m_style->codeLineHeight / 3.0 : 0);
        painter.fillRect(QRectF(at.x() + from, at.y(), to - from, m_style->codeLineHeight), color);
    };
    for (const TextRange match : marks.matches)
        fill(match, match == marks.currentMatch ? m_style->colors.findMatchCurrent : m_style->colors.findMatch);
    fill(marks.selection, m_style->colors.selection);
    painter.setPen(m_style->colors.codeText);
    line.draw(&painter, at + QPointF(0, std::floor((m_style->codeLineHeight - line.height()) / 2)));
}

HighlightState CodeBlockLayout::stateBefore(int row) const {
    if (m_states.empty())
        m_states.push_back(0);
    while (static_cast<int>(m_states.size()) <= row) {
        const Row& done = m_rows[m_states.size() - 1];
        HighlightState state = m_states.back();
        (void)highlightLine(*m_syntax, QStringView(m_text).sliced(done.begin, done.length), &state);
        m_states.push_back(state);
    }
    return m_states[static_cast<std::size_t>(row)];
}

QTextLayout& CodeBlockLayout::rowLayout(int row) const {
    if (const auto kept = m_rowLayouts.find(row); kept != m_rowLayouts.end())
        return *kept->second;
    if (m_rowLayouts.size() >= kKeptRows)
        m_rowLayouts.clear();
    const Row& piece = m_rows[static_cast<std::size_t>(row)];
    auto layout = std::make_unique<QTextLayout>(m_text.sliced(piece.begin, piece.length), m_style->code);
    QTextOption option;
    option.setWrapMode(QTextOption::NoWrap);
    option.setTabStopDistance(4 * QFontMetricsF(m_style->code).horizontalAdvance(u'0'));
    // Code reads from left to right, whatever its strings hold.
    option.setTextDirection(Qt::LeftToRight);
    layout->setTextOption(option);
    if (m_syntax) {
        HighlightState state = stateBefore(row);
        QList<QTextLayout::FormatRange> formats;
        for (const CodeSpan& span : highlightLine(*m_syntax, layout->text(), &state)) {
            QTextCharFormat format;
            format.setForeground(tokenColor(span.token, m_style->colors));
            format.setFontItalic(span.token == CodeToken::Comment);
            formats.append({span.start, span.length, format});
        }
        layout->setFormats(formats);
    }
    layout->setCacheEnabled(true);
    layout->beginLayout();
    QTextLine line = layout->createLine();
    line.setLineWidth(1e6);
    layout->endLayout();
    return *m_rowLayouts.emplace(row, std::move(layout)).first->second;
}

int CodeBlockLayout::rowAtPosition(int position) const {
    const auto behind = std::upper_bound(m_rows.begin(), m_rows.end(), position,
                                         [](int wanted, const Row& row) { return wanted < row.begin; });
    return std::max(0, static_cast<int>(behind - m_rows.begin()) - 1);
}

int CodeBlockLayout::positionAt(QPoint point) const {
    const int y = point.y() - textTop();
    const int row = std::clamp(y / m_style->codeLineHeight, 0, static_cast<int>(m_rows.size()) - 1);
    const Row& piece = m_rows[static_cast<std::size_t>(row)];
    if (y < 0)
        return 0;
    return piece.begin + rowLayout(row).lineAt(0).xToCursor(point.x() - m_style->codePadding + m_scroll.offset());
}

QRect CodeBlockLayout::rangeRect(TextRange range) const {
    const int first = rowAtPosition(range.begin);
    const int last = rowAtPosition(std::max(range.begin, range.end - 1));
    const Row& piece = m_rows[static_cast<std::size_t>(first)];
    const QTextLine line = rowLayout(first).lineAt(0);
    const int left = m_style->codePadding - m_scroll.offset();
    const double from = line.cursorToX(range.begin - piece.begin);
    const double to = first == last ? line.cursorToX(std::min(range.end - piece.begin, piece.length)) : m_widest;
    return {left + static_cast<int>(from), textTop() + first * m_style->codeLineHeight,
            std::max(1, static_cast<int>(to - from)), (last - first + 1) * m_style->codeLineHeight};
}

} // namespace hearth::ui
