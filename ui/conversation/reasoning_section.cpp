#include "ui/conversation/reasoning_section.h"

#include "ui/theme/icons.h"

#include <QFontMetrics>
#include <QLocale>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace hearth::ui {

namespace {

/// Space for the bar beside the text.
int indentOf(const ConversationStyle& style) {
    return style.scaled(Metrics::kSpace4);
}

} // namespace

void ReasoningSection::setText(const QString& text) {
    m_text = text;
    m_lines.clear();
}

void ReasoningSection::append(const QString& delta) {
    m_text += delta;
}

void ReasoningSection::setProgress(bool thinking, double seconds) {
    m_thinking = thinking;
    m_seconds = seconds;
}

QString ReasoningSection::label() const {
    const auto seconds = static_cast<int>(std::lround(m_seconds));
    const QLocale locale;
    const QString time = seconds < 60
                             ? tr("%1 s").arg(locale.toString(std::max(seconds, 1)))
                             : tr("%1 min %2 s").arg(locale.toString(seconds / 60), locale.toString(seconds % 60));
    if (m_thinking)
        return seconds < 1 ? tr("Thinking …") : tr("Thinking … %1").arg(time);
    return m_seconds > 0 ? tr("Thought for %1").arg(time) : tr("Reasoning");
}

int ReasoningSection::place(int top, int width, const ConversationStyle& style) {
    const int height = style.scaled(26);
    const int overhang = style.scaled(Metrics::kSpace1);
    const int wanted =
        style.iconSize + Metrics::kSpace1 + QFontMetrics(style.small).horizontalAdvance(label()) + 2 * overhang;
    m_toggle = QRect(-overhang, top, std::min(wanted, width + overhang), height);
    m_body = {};
    int bottom = m_toggle.bottom() + 1;
    if (isOpen()) {
        layOutLines(width, style);
        const int lines = m_lines.empty() ? 0 : m_lines.back().top + m_lines.back().height;
        m_body = QRect(0, bottom + style.scaled(Metrics::kSpace1), width, lines);
        bottom = m_body.bottom() + 1 + style.scaled(Metrics::kSpace2);
    }
    return bottom + style.scaled(Metrics::kSpace2);
}

/// Lines that stand stay; the last one may have grown.
void ReasoningSection::layOutLines(int width, const ConversationStyle& style) {
    if (width != m_width || &style != m_style)
        m_lines.clear();
    m_width = width;
    m_style = &style;
    if (m_lines.empty())
        m_laidOut = 0;
    else
        m_lines.pop_back();
    int top = m_lines.empty() ? 0 : m_lines.back().top + m_lines.back().height;
    while (true) {
        const qsizetype end = m_text.indexOf(u'\n', m_laidOut);
        const QString text = m_text.mid(m_laidOut, end < 0 ? -1 : end - m_laidOut).trimmed();
        Line line;
        line.flow =
            std::make_unique<TextFlow>(RichText{text, {}, {}}, TextLook{style.small, style.colors.textMuted}, style);
        const int height = line.flow->setWidth(std::max(width - indentOf(style), style.scaled(80)));
        line.top = top;
        // An empty line parts paragraphs and takes less than a line.
        line.height = text.isEmpty() ? style.scaled(Metrics::kSpace2) : height;
        top += line.height;
        m_lines.push_back(std::move(line));
        if (end < 0)
            return;
        m_laidOut = end + 1;
    }
}

int ReasoningSection::estimate(int width, const ConversationStyle& style) const {
    const int closed = style.scaled(26) + style.scaled(Metrics::kSpace2);
    if (!isOpen())
        return closed;
    const double perLine = std::max(1.0, (width - indentOf(style)) / style.letterWidth);
    const auto lines =
        std::ceil(static_cast<double>(m_text.size()) / perLine) + static_cast<double>(m_text.count(u'\n'));
    return closed + static_cast<int>(lines * style.chatLineHeight);
}

void ReasoningSection::paint(QPainter& painter, QPoint topLeft, const QRect& clip, Look look,
                             const ConversationStyle& style) const {
    const QRect toggle = m_toggle.translated(topLeft);
    if (look != Look::Plain) {
        painter.setPen(look == Look::Focused ? QPen(style.colors.accent, Metrics::kFocusWidth) : QPen(Qt::NoPen));
        painter.setBrush(look == Look::Hovered ? QBrush(style.colors.hover) : QBrush(Qt::NoBrush));
        painter.drawRoundedRect(QRectF(toggle).adjusted(1, 1, -1, -1), Metrics::kRadiusSmall + 2,
                                Metrics::kRadiusSmall + 2);
        painter.setBrush(Qt::NoBrush);
    }
    const int inset = style.scaled(Metrics::kSpace1);
    const QRect icon(toggle.left() + inset, toggle.center().y() - style.iconSize / 2 + 1, style.iconSize,
                     style.iconSize);
    themedIcon(*style.theme, isOpen() ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right"),
               IconTone::Muted)
        .paint(&painter, icon);
    painter.setFont(style.small);
    painter.setPen(style.colors.textMuted);
    painter.drawText(toggle.adjusted(inset + style.iconSize + Metrics::kSpace1, 0, 0, 0),
                     Qt::AlignLeft | Qt::AlignVCenter, label());
    if (m_body.isEmpty())
        return;
    const QRect body = m_body.translated(topLeft);
    painter.fillRect(QRectF(body.left() + style.iconSize / 2.0, body.top(), 2, body.height()), style.colors.border);
    for (const Line& line : m_lines) {
        const QPoint at = body.topLeft() + QPoint(indentOf(style), line.top);
        if (at.y() > clip.bottom())
            break;
        if (at.y() + line.height >= clip.top())
            line.flow->paint(painter, at, clip, {});
    }
}

} // namespace hearth::ui
