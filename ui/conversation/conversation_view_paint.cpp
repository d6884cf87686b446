// How the conversation view paints.

#include "ui/conversation/conversation_view.h"
#include "ui/conversation/find_session.h"

#include <QFontMetrics>
#include <QPaintEvent>
#include <QPainter>

#include <algorithm>
#include <limits>

namespace hearth::ui {

void ConversationView::paintEvent(QPaintEvent* event) {
    layOutNow();
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(event->rect(), m_style->colors.base);
    if (m_layout.count() == 0)
        paintEmptyState(painter);
    else
        paintMessages(painter, event->rect());
}

void ConversationView::paintMessages(QPainter& painter, const QRect& clip) {
    const int top = viewTop();
    // The focus ring reaches a little beyond its message.
    const int reach = Metrics::kSpace4;
    int index = m_layout.messageAt(top + clip.top() - reach);
    for (; index < m_layout.count() && m_layout.top(index) - top <= clip.bottom() + reach; ++index)
        m_layout.message(index).paint(painter, QPoint(columnLeft(), m_layout.top(index) - top), paintOf(index, clip));
}

MessagePaint ConversationView::paintOf(int message, const QRect& clip) {
    constexpr int kLast = std::numeric_limits<int>::max();
    MessagePaint paint;
    paint.clip = clip;
    const bool keyboard = m_keyboardFocus && hasFocus() && message == m_current;
    paint.active = m_hovered.message == message || keyboard || message == m_layout.count() - 1;
    paint.current = keyboard && m_focusedTarget.isNull();
    if (m_hovered.message == message)
        paint.hovered = m_hovered.target;
    if (keyboard)
        paint.focused = m_focusedTarget;
    if (m_doneMessage == message)
        paint.done = m_doneTarget;
    const auto [first, last] = std::minmax(m_selectionStart, m_selectionEnd);
    if (first != last && message >= first.message && message <= last.message) {
        paint.selectionBegin = message == first.message ? first : TextPosition{message, 0, 0};
        paint.selectionEnd = message == last.message ? last : TextPosition{message, kLast, kLast};
    }
    paint.matches = m_find->matchesOf(message);
    if (m_find->currentMessage() == message)
        paint.currentMatch = m_find->currentMatch();
    paint.caretVisible = m_caretVisible;
    paint.waitingNote = m_waitingNote;
    return paint;
}

std::vector<QRect> ConversationView::suggestionRects() const {
    std::vector<QRect> rects;
    const QFontMetrics metrics(m_theme.font(FontRole::Interface));
    const int width = std::min(m_style->columnWidth, viewport()->width() - 2 * m_style->sideMargin);
    const int height = metrics.height() + 2 * m_style->scaled(Metrics::kSpace3);
    const int gap = m_style->scaled(Metrics::kSpace2);
    int widest = 0;
    for (const QString& suggestion : m_suggestions)
        widest = std::max(widest, metrics.horizontalAdvance(suggestion));
    const int cardWidth = std::min(width, widest + 2 * m_style->scaled(Metrics::kSpace4));
    int y = viewport()->height() / 2 - m_style->scaled(Metrics::kSpace4);
    for (int index = 0; index < m_suggestions.size(); ++index) {
        rects.push_back(QRect((viewport()->width() - cardWidth) / 2, y, cardWidth, height));
        y += height + gap;
    }
    return rects;
}

void ConversationView::paintEmptyState(QPainter& painter) {
    const Colors& colors = m_style->colors;
    const auto rects = suggestionRects();
    const int middle = rects.empty() ? viewport()->height() / 2 : rects.front().top();
    const QFont title = m_theme.font(FontRole::Display);
    const int titleHeight = QFontMetrics(title).height();
    painter.setFont(title);
    painter.setPen(colors.text);
    const QRect titleRect(m_style->sideMargin, middle - titleHeight - m_style->scaled(Metrics::kSpace6),
                          viewport()->width() - 2 * m_style->sideMargin, titleHeight);
    painter.drawText(titleRect, Qt::AlignHCenter | Qt::AlignVCenter, tr("What can I help with?"));

    painter.setFont(m_theme.font(FontRole::Interface));
    const QFontMetrics metrics(painter.font());
    for (std::size_t index = 0; index < rects.size(); ++index) {
        const bool hovered = m_hovered.suggestion == static_cast<int>(index);
        const bool focused = m_focusedSuggestion == static_cast<int>(index) && hasFocus();
        painter.setPen(focused ? QPen(colors.accent, Metrics::kFocusWidth) : QPen(colors.border, Metrics::kHair));
        painter.setBrush(hovered ? colors.hover : colors.raised);
        painter.drawRoundedRect(QRectF(rects[index]).adjusted(0.5, 0.5, -0.5, -0.5), Metrics::kRadiusLarge,
                                Metrics::kRadiusLarge);
        painter.setPen(colors.text);
        const QRect text =
            rects[index].adjusted(m_style->scaled(Metrics::kSpace4), 0, -m_style->scaled(Metrics::kSpace4), 0);
        painter.drawText(
            text, Qt::AlignCenter,
            metrics.elidedText(m_suggestions[static_cast<qsizetype>(index)], Qt::ElideRight, text.width()));
    }
    painter.setBrush(Qt::NoBrush);
    const QString note =
        m_emptyNote.isEmpty() ? tr("Works offline. What you write stays on this computer.") : m_emptyNote;
    painter.setFont(m_style->small);
    painter.setPen(colors.textMuted);
    const int noteTop = (rects.empty() ? middle : rects.back().bottom()) + m_style->scaled(Metrics::kSpace4);
    painter.drawText(
        QRect(m_style->sideMargin, noteTop, viewport()->width() - 2 * m_style->sideMargin, m_style->scaled(60)),
        Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap, note);
}

} // namespace hearth::ui
