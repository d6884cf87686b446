// The painting half of HearthStyle: single controls.
#include "ui/theme/hearth_style.h"

#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QMenu>
#include <QPainter>
#include <QPainterPath>
#include <QStyleOption>
#include <QVariant>

#include <algorithm>

namespace hearth::ui {

namespace {

/// Saves the painter's state and sets antialiasing for one scope.
class SmoothPainting {
public:
    explicit SmoothPainting(QPainter& painter) : m_painter(painter) {
        m_painter.save();
        m_painter.setRenderHint(QPainter::Antialiasing);
    }
    ~SmoothPainting() { m_painter.restore(); }
    SmoothPainting(const SmoothPainting&) = delete;
    SmoothPainting& operator=(const SmoothPainting&) = delete;

private:
    QPainter& m_painter;
};

void fillRounded(QPainter& painter, const QRectF& rect, const QColor& fill, const QColor& line, qreal radius) {
    painter.setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
    painter.setPen(line.isValid() ? QPen(line, 1) : QPen(Qt::NoPen));
    // A one pixel line is sharp when it runs through pixel centres.
    painter.drawRoundedRect(line.isValid() ? rect.adjusted(0.5, 0.5, -0.5, -0.5) : rect, radius, radius);
}

QColor mixed(const QColor& one, const QColor& other, float share) {
    return QColor::fromRgbF(one.redF() + (other.redF() - one.redF()) * share,
                            one.greenF() + (other.greenF() - one.greenF()) * share,
                            one.blueF() + (other.blueF() - one.blueF()) * share);
}

} // namespace

void HearthStyle::drawPushButton(const QStyleOption& option, QPainter& painter, const QWidget* widget) const {
    const SmoothPainting smooth(painter);
    const Colors& colors = m_theme.colors();
    const bool enabled = option.state.testFlag(State_Enabled);
    const bool down = option.state.testFlag(State_Sunken) || option.state.testFlag(State_On);
    const bool hovered = enabled && option.state.testFlag(State_MouseOver);
    const ButtonTone tone = buttonTone(widget);
    if (tone == ButtonTone::Primary && !enabled) {
        fillRounded(painter, option.rect, colors.pressed, {}, Metrics::kRadius);
        return;
    }
    if (tone == ButtonTone::Primary) {
        const QColor fill = down      ? mixed(colors.accent, colors.text, 0.2F)
                            : hovered ? mixed(colors.accent, colors.text, 0.1F)
                                      : colors.accent;
        fillRounded(painter, option.rect, fill, {}, Metrics::kRadius);
        return;
    }
    const QColor fill = down ? colors.pressed : hovered ? colors.hover : colors.raised;
    if (tone == ButtonTone::Quiet) {
        if (down || hovered) {
            fillRounded(painter, option.rect, fill, {}, Metrics::kRadius);
        }
        return;
    }
    fillRounded(painter, option.rect, enabled ? fill : colors.window,
                m_theme.contrast() == Contrast::High ? colors.borderStrong : colors.border, Metrics::kRadius);
}

void HearthStyle::drawToolButtonPanel(const QStyleOption& option, QPainter& painter) const {
    const bool down = option.state.testFlag(State_Sunken) || option.state.testFlag(State_On);
    const bool hovered = option.state.testFlag(State_Enabled) && option.state.testFlag(State_MouseOver);
    if (down || hovered) {
        const SmoothPainting smooth(painter);
        fillRounded(painter, option.rect, down ? m_theme.colors().pressed : m_theme.colors().hover, {},
                    Metrics::kRadius);
    }
}

void HearthStyle::drawField(const QStyleOption& option, QPainter& painter, const QWidget* widget) const {
    const SmoothPainting smooth(painter);
    const Colors& colors = m_theme.colors();
    const bool enabled = option.state.testFlag(State_Enabled);
    if (option.state.testFlag(State_HasFocus) && enabled) {
        painter.setBrush(colors.base);
        painter.setPen(QPen(colors.accent, Metrics::kFocusWidth));
        painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), Metrics::kRadius, Metrics::kRadius);
        return;
    }
    if (isQuietField(widget) && m_theme.contrast() == Contrast::Normal) {
        fillRounded(painter, option.rect, colors.hover, {}, Metrics::kRadius);
        return;
    }
    fillRounded(painter, option.rect, enabled ? colors.base : colors.window,
                enabled ? colors.borderStrong : colors.border, Metrics::kRadius);
}

void HearthStyle::drawPushButtonLabel(const QStyleOptionButton& option, QPainter& painter,
                                      const QWidget* widget) const {
    const Colors& colors = m_theme.colors();
    const bool enabled = option.state.testFlag(State_Enabled);
    QColor ink = enabled ? colors.text : colors.textDisabled;
    if (enabled && buttonTone(widget) == ButtonTone::Primary) {
        ink = colors.accentText;
    } else if (enabled && buttonTone(widget) == ButtonTone::Danger) {
        ink = colors.danger;
    }
    const QSize icon = option.icon.isNull() ? QSize(0, 0) : option.iconSize;
    const int gap = option.icon.isNull() || option.text.isEmpty() ? 0 : Metrics::kSpace2;
    const int textWidth = option.fontMetrics.size(Qt::TextShowMnemonic, option.text).width();
    int left = option.rect.left() + std::max(0, (option.rect.width() - icon.width() - gap - textWidth) / 2);
    if (!option.icon.isNull()) {
        const QRect place(QPoint(left, option.rect.top() + (option.rect.height() - icon.height()) / 2), icon);
        option.icon.paint(&painter, place, Qt::AlignCenter, enabled ? QIcon::Normal : QIcon::Disabled);
        left += icon.width() + gap;
    }
    painter.setPen(ink);
    painter.drawText(QRect(left, option.rect.top(), option.rect.right() - left + 1, option.rect.height()),
                     Qt::AlignLeft | Qt::AlignVCenter | Qt::TextHideMnemonic, option.text);
}

void HearthStyle::drawCheckBox(const QStyleOption& option, QPainter& painter) const {
    const SmoothPainting smooth(painter);
    const Colors& colors = m_theme.colors();
    const QRectF box(option.rect);
    const bool enabled = option.state.testFlag(State_Enabled);
    const bool checked = option.state.testFlag(State_On);
    const bool partial = option.state.testFlag(State_NoChange);
    if (!checked && !partial) {
        fillRounded(painter, box, option.state.testFlag(State_MouseOver) ? colors.hover : colors.base,
                    enabled ? colors.borderStrong : colors.border, Metrics::kRadiusSmall);
        return;
    }
    fillRounded(painter, box, enabled ? colors.accent : colors.textDisabled, {}, Metrics::kRadiusSmall);
    painter.setPen(QPen(enabled ? colors.accentText : colors.base, 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    QPainterPath mark;
    if (partial) {
        mark.moveTo(box.left() + box.width() * 0.28, box.center().y());
        mark.lineTo(box.left() + box.width() * 0.72, box.center().y());
    } else {
        mark.moveTo(box.left() + box.width() * 0.25, box.top() + box.height() * 0.52);
        mark.lineTo(box.left() + box.width() * 0.43, box.top() + box.height() * 0.70);
        mark.lineTo(box.left() + box.width() * 0.76, box.top() + box.height() * 0.32);
    }
    painter.drawPath(mark);
}

void HearthStyle::drawRadioButton(const QStyleOption& option, QPainter& painter) const {
    const SmoothPainting smooth(painter);
    const Colors& colors = m_theme.colors();
    const bool enabled = option.state.testFlag(State_Enabled);
    const QRectF box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
    if (!option.state.testFlag(State_On)) {
        painter.setBrush(option.state.testFlag(State_MouseOver) ? colors.hover : colors.base);
        painter.setPen(enabled ? colors.borderStrong : colors.border);
        painter.drawEllipse(box);
        return;
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(enabled ? colors.accent : colors.textDisabled);
    painter.drawEllipse(box);
    painter.setBrush(enabled ? colors.accentText : colors.base);
    painter.drawEllipse(box.center(), box.width() / 5, box.width() / 5);
}

void HearthStyle::drawFocusRing(const QStyleOption& option, QPainter& painter) const {
    if (!option.state.testFlag(State_KeyboardFocusChange)) {
        return; // the mouse put the focus there: its user knows where it is
    }
    const SmoothPainting smooth(painter);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(m_theme.colors().accent, Metrics::kFocusWidth));
    painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), Metrics::kRadius - 1, Metrics::kRadius - 1);
}

void HearthStyle::drawChevron(const QStyleOption& option, QPainter& painter, Qt::ArrowType direction) const {
    const SmoothPainting smooth(painter);
    const bool enabled = option.state.testFlag(State_Enabled);
    painter.setPen(QPen(enabled ? m_theme.colors().textMuted : m_theme.colors().textDisabled, 1.6, Qt::SolidLine,
                        Qt::RoundCap, Qt::RoundJoin));
    painter.translate(QRectF(option.rect).center());
    switch (direction) {
    case Qt::UpArrow:
        painter.rotate(180);
        break;
    case Qt::LeftArrow:
        painter.rotate(90);
        break;
    case Qt::RightArrow:
        painter.rotate(-90);
        break;
    default:
        break;
    }
    painter.drawPolyline(QPolygonF({QPointF(-3.5, -1.75), QPointF(0, 1.75), QPointF(3.5, -1.75)}));
}

void HearthStyle::drawItemPanel(const QStyleOption& option, QPainter& painter) const {
    const auto* item = qstyleoption_cast<const QStyleOptionViewItem*>(&option);
    const bool selected = option.state.testFlag(State_Selected);
    const bool hovered = option.state.testFlag(State_MouseOver) && option.state.testFlag(State_Enabled);
    if (item != nullptr && item->backgroundBrush.style() != Qt::NoBrush) {
        painter.fillRect(option.rect, item->backgroundBrush);
    }
    if (selected || hovered) {
        const SmoothPainting smooth(painter);
        fillRounded(painter, option.rect, selected ? m_theme.colors().selected : m_theme.colors().hover, {},
                    Metrics::kRadius);
    }
}

void HearthStyle::drawMenuItem(const QStyleOptionMenuItem& option, QPainter& painter, const QWidget* widget) const {
    const Colors& colors = m_theme.colors();
    if (option.menuItemType == QStyleOptionMenuItem::Separator) {
        painter.fillRect(QRect(option.rect.left() + Metrics::kSpace2, option.rect.center().y(),
                               option.rect.width() - 2 * Metrics::kSpace2, 1),
                         colors.border);
        return;
    }
    const SmoothPainting smooth(painter);
    const bool enabled = option.state.testFlag(State_Enabled);
    if (option.state.testFlag(State_Selected) && enabled) {
        fillRounded(painter, option.rect, colors.hover, {}, Metrics::kRadius - 2);
    }
    const QRect iconRect(option.rect.left() + Metrics::kSpace2, option.rect.center().y() - Metrics::kIcon / 2 + 1,
                         Metrics::kIcon, Metrics::kIcon);
    if (option.checked) {
        painter.setPen(QPen(colors.text, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(QPolygonF({QPointF(iconRect.left() + 3, iconRect.top() + 8.5),
                                        QPointF(iconRect.left() + 6.5, iconRect.top() + 12),
                                        QPointF(iconRect.left() + 13, iconRect.top() + 4.5)}));
    } else if (!option.icon.isNull()) {
        option.icon.paint(&painter, iconRect, Qt::AlignCenter, enabled ? QIcon::Normal : QIcon::Disabled);
    }
    const QStringList parts = option.text.split(QLatin1Char('\t'));
    const QRect textRect = option.rect.adjusted(Metrics::kSpace8, 0, -Metrics::kSpace3, 0);
    painter.setFont(option.font);
    painter.setPen(enabled ? colors.text : colors.textDisabled);
    painter.drawText(textRect, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextHideMnemonic | Qt::TextSingleLine,
                     parts.first());
    if (parts.size() > 1) {
        painter.setPen(enabled ? colors.textMuted : colors.textDisabled);
        painter.drawText(textRect, Qt::AlignVCenter | Qt::AlignRight | Qt::TextSingleLine, parts.last());
    }
    if (option.menuItemType == QStyleOptionMenuItem::SubMenu) {
        QStyleOption arrow(option);
        arrow.rect = QRect(option.rect.right() - 20, option.rect.top(), 16, option.rect.height());
        proxy()->drawPrimitive(PE_IndicatorArrowRight, &arrow, &painter, widget);
    }
}

void HearthStyle::drawProgress(const QStyleOption& option, QPainter& painter) const {
    const auto* bar = qstyleoption_cast<const QStyleOptionProgressBar*>(&option);
    if (bar == nullptr) {
        return;
    }
    const SmoothPainting smooth(painter);
    const qreal height = std::min(6, bar->rect.height());
    const QRectF groove(bar->rect.left(), bar->rect.top() + (bar->rect.height() - height) / 2, bar->rect.width(),
                        height);
    fillRounded(painter, groove, m_theme.colors().pressed, {}, height / 2);
    const qreal range = std::max(1, bar->maximum - bar->minimum);
    const bool unknown = bar->maximum <= bar->minimum;
    // Of unknown length: a still, half-filled bar. Motion without news would keep the program awake.
    const qreal share = unknown ? 0.5 : (bar->progress - bar->minimum) / range;
    if (share > 0) {
        fillRounded(painter, QRectF(groove.left(), groove.top(), std::max(height, groove.width() * share), height),
                    m_theme.colors().accent, {}, height / 2);
    }
}

void HearthStyle::drawTab(const QStyleOption& option, QPainter& painter) const {
    const SmoothPainting smooth(painter);
    const Colors& colors = m_theme.colors();
    const bool selected = option.state.testFlag(State_Selected);
    const QRectF rect = QRectF(option.rect).adjusted(2, 3, -2, -3);
    if (selected || option.state.testFlag(State_MouseOver)) {
        fillRounded(painter, rect, selected ? colors.selected : colors.hover, {}, Metrics::kRadius);
    }
    if (option.state.testFlag(State_HasFocus)) {
        QStyleOption ring(option);
        ring.rect = rect.toRect();
        drawFocusRing(ring, painter);
    }
}

} // namespace hearth::ui
