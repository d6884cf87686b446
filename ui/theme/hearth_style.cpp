#include "ui/theme/hearth_style.h"

#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QPainter>
#include <QPushButton>
#include <QStyleFactory>
#include <QStyleOption>
#include <QVariant>

namespace hearth::ui {

namespace {

constexpr const char* kToneProperty = "hearthTone";
constexpr const char* kQuietProperty = "hearthQuiet";
constexpr int kMenuCheckWidth = 24;
constexpr int kMinimumThumb = 32;

} // namespace

void setButtonTone(QWidget& button, ButtonTone tone) {
    button.setProperty(kToneProperty, static_cast<int>(tone));
    button.update();
}

void setQuietField(QWidget& field) {
    field.setProperty(kQuietProperty, true);
}

bool isQuietField(const QWidget* field) {
    return field != nullptr && field->property(kQuietProperty).toBool();
}

ButtonTone buttonTone(const QWidget* button) {
    const QVariant tone = button == nullptr ? QVariant() : button->property(kToneProperty);
    return tone.isValid() ? static_cast<ButtonTone>(tone.toInt()) : ButtonTone::Plain;
}

HearthStyle::HearthStyle(const Theme& theme)
    : QProxyStyle(QStyleFactory::create(QStringLiteral("fusion"))), m_theme(theme) {}

void HearthStyle::polish(QWidget* widget) {
    QProxyStyle::polish(widget);
    if (qobject_cast<QAbstractItemView*>(widget) != nullptr) {
        qobject_cast<QAbstractItemView*>(widget)->viewport()->setAttribute(Qt::WA_Hover);
    }
}

void HearthStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                const QWidget* widget) const {
    switch (element) {
    case PE_PanelButtonCommand:
        drawPushButton(*option, *painter, widget);
        return;
    case PE_PanelButtonTool:
        drawToolButtonPanel(*option, *painter);
        return;
    case PE_FrameLineEdit:
    case PE_PanelLineEdit:
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
            frame != nullptr && frame->lineWidth > 0) {
            drawField(*option, *painter, widget);
        }
        return;
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
        drawCheckBox(*option, *painter);
        return;
    case PE_IndicatorRadioButton:
        drawRadioButton(*option, *painter);
        return;
    case PE_FrameFocusRect:
        drawFocusRing(*option, *painter);
        return;
    case PE_IndicatorArrowDown:
        drawChevron(*option, *painter, Qt::DownArrow);
        return;
    case PE_IndicatorArrowUp:
        drawChevron(*option, *painter, Qt::UpArrow);
        return;
    case PE_IndicatorArrowRight:
        drawChevron(*option, *painter, Qt::RightArrow);
        return;
    case PE_IndicatorArrowLeft:
        drawChevron(*option, *painter, Qt::LeftArrow);
        return;
    case PE_PanelItemViewItem:
        drawItemPanel(*option, *painter);
        return;
    case PE_PanelItemViewRow:
    case PE_FrameMenu:
    case PE_FrameTabBarBase:
    case PE_FrameDefaultButton:
    case PE_FrameStatusBarItem:
    case PE_FrameButtonTool:
        return;
    case PE_Frame:
    case PE_FrameTabWidget:
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(m_theme.colors().border);
        painter->setBrush(m_theme.colors().base);
        painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), Metrics::kRadius,
                                 Metrics::kRadius);
        painter->restore();
        return;
    case PE_PanelMenu:
    case PE_PanelTipLabel:
        // Windows of their own: round corners would need a compositor, and be black where there is none.
        painter->setPen(m_theme.colors().border);
        painter->setBrush(m_theme.colors().raised);
        painter->drawRect(option->rect.adjusted(0, 0, -1, -1));
        return;
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void HearthStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                              const QWidget* widget) const {
    switch (element) {
    case CE_PushButtonLabel:
        if (const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option)) {
            drawPushButtonLabel(*button, *painter, widget);
            return;
        }
        break;
    case CE_MenuItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option)) {
            drawMenuItem(*item, *painter, widget);
            return;
        }
        break;
    case CE_MenuEmptyArea:
    case CE_ProgressBarGroove:
    case CE_ProgressBarLabel:
        return;
    case CE_ProgressBarContents:
        drawProgress(*option, *painter);
        return;
    case CE_TabBarTabShape:
        drawTab(*option, *painter);
        return;
    case CE_Splitter:
        painter->fillRect(option->rect, m_theme.colors().border);
        return;
    case CE_ShapedFrame:
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
            frame != nullptr && (frame->frameShape == QFrame::HLine || frame->frameShape == QFrame::VLine)) {
            painter->fillRect(option->rect, m_theme.colors().border);
            return;
        }
        break;
    default:
        break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void HearthStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                     const QWidget* widget) const {
    switch (control) {
    case CC_ScrollBar:
        drawScrollBar(*qstyleoption_cast<const QStyleOptionSlider*>(option), *painter, widget);
        return;
    case CC_Slider:
        drawSlider(*qstyleoption_cast<const QStyleOptionSlider*>(option), *painter, widget);
        return;
    case CC_ComboBox:
        drawComboBox(*option, *painter, widget);
        return;
    case CC_SpinBox:
        drawSpinBox(*option, *painter, widget);
        return;
    default:
        QProxyStyle::drawComplexControl(control, option, painter, widget);
    }
}

int HearthStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
    switch (metric) {
    case PM_ScrollBarExtent:
        return Metrics::kScrollBar;
    case PM_ScrollBarSliderMin:
        return kMinimumThumb;
    case PM_ScrollView_ScrollBarSpacing:
    case PM_DockWidgetSeparatorExtent:
        return 0;
    case PM_SplitterWidth:
        return 1;
    case PM_FocusFrameHMargin: // of the text of list items
        return Metrics::kSpace2;
    case PM_DefaultFrameWidth:
        // Keeps what a scroll area shows out of the round corners of its frame.
        return qobject_cast<const QAbstractScrollArea*>(widget) != nullptr
                   ? Metrics::kSpace1
                   : QProxyStyle::pixelMetric(metric, option, widget);
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
    case PM_MenuPanelWidth:
    case PM_TabBarBaseOverlap:
    case PM_TabBarTabShiftHorizontal:
    case PM_TabBarTabShiftVertical:
        return 0;
    case PM_MenuVMargin:
    case PM_MenuHMargin:
        return Metrics::kSpace1;
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight:
        return 18;
    case PM_CheckBoxLabelSpacing:
    case PM_RadioButtonLabelSpacing:
        return Metrics::kSpace2;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing:
        return Metrics::kSpace2;
    case PM_SliderThickness:
    case PM_SliderControlThickness:
    case PM_SliderLength:
        return 18;
    case PM_SmallIconSize:
    case PM_ButtonIconSize:
    case PM_ListViewIconSize:
        return Metrics::kIcon;
    case PM_ToolTipLabelFrameWidth:
        return 6;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

QSize HearthStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents,
                                    const QWidget* widget) const {
    QSize size = QProxyStyle::sizeFromContents(type, option, contents, widget);
    const int control = std::max(Metrics::kControl, option == nullptr ? 0 : option->fontMetrics.height() + 12);
    switch (type) {
    case CT_PushButton: {
        const bool hasIcon = !qstyleoption_cast<const QStyleOptionButton*>(option)->icon.isNull();
        size = QSize(contents.width() + 2 * Metrics::kSpace3 + (hasIcon ? Metrics::kSpace1 : 0),
                     std::max(contents.height() + Metrics::kSpace3, control));
        break;
    }
    case CT_LineEdit:
        size.setHeight(std::max(size.height(), control));
        break;
    case CT_ComboBox:
        size = QSize(size.width() + Metrics::kSpace3, std::max(size.height(), control));
        break;
    case CT_SpinBox: // its field has asked for the height of a field already
        size.setHeight(control);
        break;
    case CT_MenuItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option)) {
            if (item->menuItemType == QStyleOptionMenuItem::Separator) {
                return {size.width(), 9};
            }
            size = QSize(contents.width() + kMenuCheckWidth + Metrics::kSpace8, std::max(contents.height() + 8, 30));
            if (item->text.contains(QLatin1Char('\t'))) {
                size.rwidth() += Metrics::kSpace6;
            }
        }
        break;
    case CT_TabBarTab:
        size = QSize(size.width() + Metrics::kSpace2, std::max(size.height(), control + 2));
        break;
    default:
        break;
    }
    return size;
}

QRect HearthStyle::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const {
    if (element == SE_PushButtonFocusRect || element == SE_ToolButtonLayoutItem) {
        return option->rect;
    }
    if (element == SE_LineEditContents) {
        return option->rect.adjusted(Metrics::kSpace2, 0, -Metrics::kSpace2, 0);
    }
    if (element == SE_ProgressBarContents || element == SE_ProgressBarGroove) {
        return option->rect;
    }
    return QProxyStyle::subElementRect(element, option, widget);
}

int HearthStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                           QStyleHintReturn* returned) const {
    switch (hint) {
    case SH_ComboBox_Popup:
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
    case SH_ScrollBar_Transient:
    case SH_UnderlineShortcut: // shortcuts are listed under F1; underlines appear while Alt is held on some platforms
                               // only
        return 0;
    case SH_ItemView_ShowDecorationSelected:
    case SH_ScrollBar_LeftClickAbsolutePosition:
    case SH_Slider_AbsoluteSetButtons:
        return hint == SH_Slider_AbsoluteSetButtons ? static_cast<int>(Qt::LeftButton) : 1;
    case SH_ToolTip_WakeUpDelay:
        return 500;
    default:
        return QProxyStyle::styleHint(hint, option, widget, returned);
    }
}

} // namespace hearth::ui
