#include "ui/conversation/text_flow.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace hearth::ui {
namespace {

// How far the background of inline code reaches beyond its letters.
constexpr double kInlineCodePadding = 2;
constexpr int kNoLimit = 1 << 20;

QTextCharFormat spanFormat(const TextSpan& span, const TextLook& look, const ConversationStyle& style) {
    QTextCharFormat format;
    QFont font = look.font;
    if (span.styles.testAnyFlags(SpanStyle::Code | SpanStyle::Math)) {
        font = style.inlineCode;
        font.setPointSizeF(look.font.pointSizeF() * style.inlineCode.pointSizeF() / style.chat.pointSizeF());
        font.setItalic(span.styles.testFlag(SpanStyle::Math));
        format.setForeground(style.colors.codeText);
    }
    if (span.styles.testFlag(SpanStyle::Strong))
        font.setWeight(look.font.weight() > QFont::Normal ? QFont::Bold : QFont::DemiBold);
    if (span.styles.testAnyFlags(SpanStyle::Emphasis | SpanStyle::Image))
        font.setItalic(true);
    if (span.styles.testFlag(SpanStyle::Strike))
        font.setStrikeOut(true);
    format.setFont(font);
    if (span.link >= 0) {
        format.setForeground(style.colors.link);
        format.setFontUnderline(true);
        QColor underline = style.colors.link;
        underline.setAlphaF(0.5F);
        format.setUnderlineColor(underline);
        format.setUnderlineStyle(QTextCharFormat::SingleUnderline);
    }
    return format;
}

} // namespace

TextFlow::TextFlow(const RichText& text, const TextLook& look, const ConversationStyle& style)
    : m_text(text), m_style(&style), m_look(look), m_layout(std::make_unique<QTextLayout>(text.text, look.font)) {
    QTextOption option(look.alignment);
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(Qt::LayoutDirectionAuto);
    m_layout->setTextOption(option);
    m_layout->setCacheEnabled(true);
    applyFormats();
}

void TextFlow::applyFormats() {
    QList<QTextLayout::FormatRange> formats;
    formats.reserve(static_cast<qsizetype>(m_text.spans.size()));
    for (const TextSpan& span : m_text.spans)
        formats.append({span.start, span.length, spanFormat(span, m_look, *m_style)});
    m_layout->setFormats(formats);
}

int TextFlow::setWidth(int width) {
    if (width == m_width)
        return m_height;
    m_width = width;
    m_lines.clear();
    const double lineHeight = std::round(QFontMetricsF(m_look.font).height() * m_style->lineSpacing);
    double y = 0;
    m_layout->beginLayout();
    while (true) {
        QTextLine line = m_layout->createLine();
        if (!line.isValid())
            break;
        line.setLineWidth(width);
        // Letters of a fallback font may be higher than the line; then this one line grows.
        const double box = std::max(lineHeight, std::ceil(line.height()));
        line.setPosition(QPointF(0, y + std::floor((box - line.height()) / 2)));
        m_lines.push_back({y, box});
        y += box;
    }
    m_layout->endLayout();
    m_height = static_cast<int>(std::ceil(y));
    return m_height;
}

int TextFlow::usedWidth() const {
    double widest = 0;
    for (int index = 0; index < m_layout->lineCount(); ++index)
        widest = std::max(widest, m_layout->lineAt(index).naturalTextWidth());
    return static_cast<int>(std::ceil(widest));
}

TextFlow::Widths TextFlow::measure() {
    // Only a layout knows: one without a limit, and with words kept whole.
    const QTextOption usual = m_layout->textOption();
    QTextOption wholeWords = usual;
    wholeWords.setWrapMode(QTextOption::WordWrap);
    m_layout->setTextOption(wholeWords);
    setWidth(kNoLimit);
    const Widths widths{usedWidth(), static_cast<int>(std::ceil(m_layout->minimumWidth()))};
    m_layout->setTextOption(usual);
    m_width = -1;
    return widths;
}

void TextFlow::paint(QPainter& painter, QPointF topLeft, const QRectF& clip, const TextMarks& marks) const {
    paintInlineCode(painter, topLeft, clip);
    for (const TextRange match : marks.matches)
        fillRange(painter, topLeft, clip, match,
                  match == marks.currentMatch ? m_style->colors.findMatchCurrent : m_style->colors.findMatch);
    fillRange(painter, topLeft, clip, marks.selection, m_style->colors.selection);
    painter.setPen(m_look.color);
    for (int index = 0; index < m_layout->lineCount(); ++index) {
        const LineBox& box = m_lines[static_cast<std::size_t>(index)];
        if (topLeft.y() + box.top + box.height < clip.top())
            continue;
        if (topLeft.y() + box.top > clip.bottom())
            break;
        m_layout->lineAt(index).draw(&painter, topLeft);
    }
}

void TextFlow::fillRange(QPainter& painter, QPointF topLeft, const QRectF& clip, TextRange range,
                         const QColor& color) const {
    if (range.isEmpty())
        return;
    for (const QRectF& rect : rangeRects(range))
        if (const QRectF moved = rect.translated(topLeft); moved.intersects(clip))
            painter.fillRect(moved, color);
}

void TextFlow::paintInlineCode(QPainter& painter, QPointF topLeft, const QRectF& clip) const {
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_style->colors.codeInline);
    for (const TextSpan& span : m_text.spans) {
        if (!span.styles.testFlag(SpanStyle::Code))
            continue;
        const int spanEnd = span.start + span.length;
        for (int index = m_layout->lineForTextPosition(span.start).lineNumber(); index < m_layout->lineCount();
             ++index) {
            const QTextLine line = m_layout->lineAt(index);
            if (line.textStart() >= spanEnd)
                break;
            // Where code is broken, the blank at the end of the line has no background.
            int end = std::min(spanEnd, line.textStart() + line.textLength());
            while (end > span.start && m_text.text[end - 1].isSpace())
                --end;
            std::vector<QRectF> rects;
            collectLineRects(index, {span.start, end}, &rects);
            for (const QRectF& rect : rects) {
                const double shrink = std::floor(rect.height() * 0.1);
                const QRectF back =
                    rect.translated(topLeft).adjusted(-kInlineCodePadding, shrink, kInlineCodePadding, -shrink);
                if (back.intersects(clip))
                    painter.drawRoundedRect(back, Metrics::kRadiusSmall, Metrics::kRadiusSmall);
            }
        }
    }
    painter.setBrush(Qt::NoBrush);
}

int TextFlow::lineAt(double y) const {
    const auto below = std::partition_point(m_lines.begin(), m_lines.end(),
                                            [y](const LineBox& line) { return line.top + line.height <= y; });
    const auto last = static_cast<int>(m_lines.size()) - 1;
    return std::min(static_cast<int>(below - m_lines.begin()), last);
}

int TextFlow::positionAt(QPointF point) const {
    const int line = lineAt(point.y());
    return line < 0 ? 0 : m_layout->lineAt(line).xToCursor(point.x());
}

void TextFlow::collectLineRects(int lineNumber, TextRange range, std::vector<QRectF>* rects) const {
    const QTextLine line = m_layout->lineAt(lineNumber);
    const LineBox& box = m_lines[static_cast<std::size_t>(lineNumber)];
    const int begin = std::max(range.begin, line.textStart());
    const int end = std::min(range.end, line.textStart() + line.textLength());
    QRectF run;
    // Letter by letter, because a range of bidirectional text need not be one piece on the screen.
    for (int position = begin; position < end; ++position) {
        const double from = line.cursorToX(position, QTextLine::Leading);
        const double to = line.cursorToX(position, QTextLine::Trailing);
        const QRectF letter(std::min(from, to), box.top, std::abs(to - from), box.height);
        const bool touches = !run.isNull() && letter.left() <= run.right() + 0.5 && letter.right() >= run.left() - 0.5;
        if (touches) {
            run = run.united(letter);
        } else {
            if (!run.isNull())
                rects->push_back(run);
            run = letter;
        }
    }
    if (!run.isNull())
        rects->push_back(run);
}

std::vector<QRectF> TextFlow::rangeRects(TextRange range) const {
    std::vector<QRectF> rects;
    for (int index = 0; index < m_layout->lineCount(); ++index) {
        const QTextLine line = m_layout->lineAt(index);
        if (line.textStart() >= range.end)
            break;
        if (line.textStart() + line.textLength() > range.begin)
            collectLineRects(index, range, &rects);
    }
    return rects;
}

QString TextFlow::linkAt(QPointF point) const {
    for (const TextSpan& span : m_text.spans) {
        if (span.link < 0)
            continue;
        const auto rects = rangeRects({span.start, span.start + span.length});
        if (std::any_of(rects.begin(), rects.end(), [point](const QRectF& rect) { return rect.contains(point); }))
            return m_text.links[span.link];
    }
    return {};
}

QRectF TextFlow::firstLine() const {
    if (m_lines.empty())
        return {};
    return {0, m_lines.front().top, static_cast<double>(m_width), m_lines.front().height};
}

} // namespace hearth::ui
