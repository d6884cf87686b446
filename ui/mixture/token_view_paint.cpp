// How TokenView paints.
#include "ui/mixture/token_view.h"

#include "ui/mixture/heat_scale.h"
#include "ui/mixture/trace_cursor.h"
#include "ui/theme/theme.h"

#include <QPaintEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace hearth::ui {

namespace {

constexpr double kStrongestGround = 0.40; ///< of the accent; text on it keeps 4.5:1
constexpr double kShareGain = 2.0;        ///< half of a layer is as strong as a mark gets
constexpr double kSilent = 0.12;          ///< less surprising tokens have no mark: most of a text should be quiet

} // namespace

QColor TokenView::groundOf(double mark) const {
    return mark < kSilent ? m_theme.colors().base
                          : mixed(m_theme.colors().base, m_theme.colors().accent, mark * kStrongestGround);
}

double TokenView::markOf(int token) const {
    const AnswerTrace& trace = m_cursor.trace();
    const TraceCursor::Expert expert = m_cursor.expert();
    if (expert.isNone())
        return surprise(trace.chosen(token).probability);
    const auto experts = trace.experts(token, expert.layer);
    const auto found = std::find(experts.begin(), experts.end(), static_cast<quint16>(expert.expert));
    if (found == experts.end())
        return 0;
    const auto shares = trace.shares(token, expert.layer);
    const double share = shares[static_cast<std::size_t>(found - experts.begin())] / 255.0;
    return std::clamp(kSilent + share * kShareGain, kSilent, 1.0);
}

void TokenView::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(event->rect(), m_theme.colors().base);
    if (m_layout.lineCount() == 0)
        return;
    painter.setFont(m_theme.font(FontRole::Chat));
    const int height = m_layout.lineHeight();
    const int first = std::clamp((event->rect().top() - origin().y()) / height, 0, m_layout.lineCount() - 1);
    const int last = std::clamp((event->rect().bottom() - origin().y()) / height, 0, m_layout.lineCount() - 1);
    for (int token = m_layout.firstOfLine(first); token < m_layout.endOfLine(last); ++token)
        paintToken(painter, token, origin());
    for (int pin = 0; pin < m_cursor.pins().size(); ++pin)
        if (m_cursor.pins()[pin] < m_layout.placed())
            paintPin(painter, pin, m_layout.inkOf(m_cursor.pins()[pin]).translated(origin()));
    const int current = m_cursor.current();
    if (current >= 0 && current < m_layout.placed()) {
        const QRect rect = m_layout.inkOf(current).translated(origin());
        const bool isKeys = hasFocus() && current == m_cursor.place();
        painter.setPen(QPen(isKeys ? m_theme.colors().accent : m_theme.colors().borderStrong,
                            isKeys ? Metrics::kFocusWidth : Metrics::kHair));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect).adjusted(-1.5, 1.5, 1.5, -1.5), Metrics::kRadiusSmall,
                                Metrics::kRadiusSmall);
    }
}

void TokenView::paintToken(QPainter& painter, int token, const QPoint& at) const {
    const Colors& colors = m_theme.colors();
    const TokenText& text = m_cursor.texts().at(token);
    const QRect rect = m_layout.rectOf(token).translated(at);
    const bool isMarked = m_cursor.isMarked(token);
    const bool isSelected = m_cursor.hasSelection() && m_cursor.range().contains(token);
    const double mark = markOf(token);
    if (isSelected)
        painter.fillRect(rect.adjusted(0, 1, 0, -1), colors.selection);
    if (mark >= kSilent) {
        const QRectF ground = QRectF(m_layout.inkOf(token).translated(at)).adjusted(-1, 2, 1, -2);
        painter.setPen(Qt::NoPen);
        if (!isSelected) {
            painter.setBrush(groundOf(mark));
            painter.drawRoundedRect(ground, 3, 3);
        }
        // The line grows with the mark, so that the ground's shade is not all there is to see.
        const double thickness = 1.0 + std::round(mark * 2.0);
        painter.setBrush(colors.accent);
        painter.drawRect(QRectF(ground.left() + 1, ground.bottom() - thickness, ground.width() - 2, thickness));
    }
    painter.setPen(isSelected     ? colors.selectionText
                   : !isMarked    ? colors.textDisabled
                   : text.isPlain ? colors.text
                                  : colors.textMuted);
    painter.drawText(rect.adjusted(0, 0, 0, -1), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, text.shown);
}

void TokenView::paintPin(QPainter& painter, int pin, const QRect& rect) const {
    const QColor color = pinColor(m_theme, pin);
    painter.setPen(QPen(color, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect).adjusted(-1, 1, 1, -1), Metrics::kRadiusSmall, Metrics::kRadiusSmall);
    QFont font = m_theme.font(FontRole::SmallStrong);
    font.setPointSizeF(font.pointSizeF() * 0.8);
    const QFontMetrics metrics(font);
    const QString letter = pinLetter(pin);
    const int side = metrics.height();
    const QRectF badge(rect.right() - side / 2.0, rect.top() - side / 3.0, side, side);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(badge);
    painter.setPen(m_theme.colors().base);
    painter.setFont(font);
    painter.drawText(badge, Qt::AlignCenter, letter);
    painter.setFont(m_theme.font(FontRole::Chat));
}

} // namespace hearth::ui
