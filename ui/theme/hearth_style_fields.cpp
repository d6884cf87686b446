// The painting half of HearthStyle: controls that have parts (scroll bars, sliders, combo and spin boxes).
#include "ui/theme/hearth_style.h"

#include "ui/theme/theme.h"

#include <QPainter>
#include <QStyleOption>

#include <algorithm>

namespace hearth::ui {

namespace {

constexpr int kThumbInset = 3; ///< leaves a thumb of 6 in a bar of 12
constexpr int kMinimumThumb = 32;

} // namespace

QRect HearthStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl subControl,
                                  const QWidget* widget) const {
    if (control == CC_ScrollBar) {
        const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
        const bool vertical = bar->orientation == Qt::Vertical;
        const int length = vertical ? bar->rect.height() : bar->rect.width();
        const qint64 range = static_cast<qint64>(bar->maximum) - bar->minimum;
        int thumb = length;
        if (range > 0) {
            const qint64 share = static_cast<qint64>(length) * bar->pageStep / (range + bar->pageStep);
            thumb = static_cast<int>(std::clamp<qint64>(share, std::min(kMinimumThumb, length), length));
        }
        const int start =
            sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition, length - thumb, bar->upsideDown);
        const auto span = [&](int from, int size) {
            return vertical ? QRect(bar->rect.left(), bar->rect.top() + from, bar->rect.width(), size)
                            : QRect(bar->rect.left() + from, bar->rect.top(), size, bar->rect.height());
        };
        switch (subControl) {
        case SC_ScrollBarGroove:
            return bar->rect;
        case SC_ScrollBarSlider:
            return span(start, thumb);
        case SC_ScrollBarSubPage:
            return span(0, start);
        case SC_ScrollBarAddPage:
            return span(start + thumb, length - start - thumb);
        default:
            return {};
        }
    }
    if (control == CC_ComboBox && subControl == SC_ComboBoxEditField) {
        return option->rect.adjusted(Metrics::kSpace2, 2, -Metrics::kSpace6, -2);
    }
    if (control == CC_ComboBox && subControl == SC_ComboBoxArrow) {
        return QRect(option->rect.right() - Metrics::kSpace6, option->rect.top(), Metrics::kSpace6,
                     option->rect.height());
    }
    const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
    if (control == CC_SpinBox && spin != nullptr && spin->buttonSymbols == QAbstractSpinBox::NoButtons) {
        const bool isButton = subControl == SC_SpinBoxUp || subControl == SC_SpinBoxDown;
        return isButton ? QRect() : option->rect.adjusted(2, 2, -2, -2);
    }
    if (control == CC_SpinBox) {
        const int half = option->rect.height() / 2;
        const int left = option->rect.right() - Metrics::kSpace6;
        switch (subControl) {
        case SC_SpinBoxUp:
            return QRect(left, option->rect.top() + 2, Metrics::kSpace6 - 2, half - 2);
        case SC_SpinBoxDown:
            return QRect(left, option->rect.top() + half, Metrics::kSpace6 - 2, half - 2);
        case SC_SpinBoxEditField:
            return option->rect.adjusted(2, 2, -Metrics::kSpace6 - 2, -2);
        default:
            return option->rect;
        }
    }
    return QProxyStyle::subControlRect(control, option, subControl, widget);
}

void HearthStyle::drawScrollBar(const QStyleOptionSlider& option, QPainter& painter, const QWidget* widget) const {
    if (option.maximum <= option.minimum) {
        return;
    }
    const bool active = option.state.testFlag(State_MouseOver) || option.state.testFlag(State_Sunken);
    QColor thumbColor = m_theme.colors().textMuted;
    if (m_theme.contrast() == Contrast::Normal) {
        thumbColor.setAlphaF(active ? 0.65F : 0.35F);
    }
    const QRectF thumb = QRectF(subControlRect(CC_ScrollBar, &option, SC_ScrollBarSlider, widget))
                             .adjusted(kThumbInset, kThumbInset, -kThumbInset, -kThumbInset);
    const qreal radius = std::min(thumb.width(), thumb.height()) / 2;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(thumbColor);
    painter.drawRoundedRect(thumb, radius, radius);
    painter.restore();
}

void HearthStyle::drawSlider(const QStyleOptionSlider& option, QPainter& painter, const QWidget* widget) const {
    const Colors& colors = m_theme.colors();
    const bool enabled = option.state.testFlag(State_Enabled);
    const QRectF handle = subControlRect(CC_Slider, &option, SC_SliderHandle, widget);
    const bool horizontal = option.orientation == Qt::Horizontal;
    const QRectF bounds(option.rect);
    const QRectF groove = horizontal ? QRectF(bounds.left() + 2, bounds.center().y() - 2, bounds.width() - 4, 4)
                                     : QRectF(bounds.center().x() - 2, bounds.top() + 2, 4, bounds.height() - 4);
    QRectF filled = groove;
    if (horizontal) {
        filled.setRight(handle.center().x());
    } else {
        filled.setTop(handle.center().y());
    }
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.pressed);
    painter.drawRoundedRect(groove, 2, 2);
    painter.setBrush(enabled ? colors.accent : colors.textDisabled);
    painter.drawRoundedRect(filled, 2, 2);
    painter.setBrush(colors.raised);
    painter.setPen(QPen(enabled ? colors.accent : colors.textDisabled, 2));
    painter.drawEllipse(handle.center(), 7.0, 7.0);
    if (option.state.testFlag(State_HasFocus) && option.state.testFlag(State_KeyboardFocusChange)) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.accent);
        painter.drawEllipse(handle.center(), 4.0, 4.0);
    }
    painter.restore();
}

void HearthStyle::drawComboBox(const QStyleOptionComplex& option, QPainter& painter, const QWidget* widget) const {
    drawField(option, painter, widget);
    QStyleOption arrow(option);
    arrow.rect = subControlRect(CC_ComboBox, &option, SC_ComboBoxArrow, widget);
    proxy()->drawPrimitive(PE_IndicatorArrowDown, &arrow, &painter, widget);
}

void HearthStyle::drawSpinBox(const QStyleOptionComplex& option, QPainter& painter, const QWidget* widget) const {
    drawField(option, painter, widget);
    QStyleOption arrow(option);
    const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(&option);
    if (spin != nullptr && spin->buttonSymbols == QAbstractSpinBox::NoButtons) {
        return;
    }
    const auto enabled = spin == nullptr ? QAbstractSpinBox::StepNone : spin->stepEnabled;
    arrow.state.setFlag(State_Enabled, enabled.testFlag(QAbstractSpinBox::StepUpEnabled));
    arrow.rect = subControlRect(CC_SpinBox, &option, SC_SpinBoxUp, widget);
    proxy()->drawPrimitive(PE_IndicatorArrowUp, &arrow, &painter, widget);
    arrow.state.setFlag(State_Enabled, enabled.testFlag(QAbstractSpinBox::StepDownEnabled));
    arrow.rect = subControlRect(CC_SpinBox, &option, SC_SpinBoxDown, widget);
    proxy()->drawPrimitive(PE_IndicatorArrowDown, &arrow, &painter, widget);
}

} // namespace hearth::ui
