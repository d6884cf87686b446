#pragma once

#include <QProxyStyle>

class QStyleOptionButton;
class QStyleOptionComplex;
class QStyleOptionMenuItem;
class QStyleOptionSlider;

namespace hearth::ui {

class Theme;

/// How loud a push button is. Set with setButtonTone().
enum class ButtonTone {
    Plain,   ///< outlined
    Primary, ///< filled with the accent: one per view
    Quiet,   ///< no outline until hovered
    Danger,  ///< outlined, destructive
};

/// A search field in a side bar: filled, without outline until it has the focus.
void setQuietField(QWidget& field);
[[nodiscard]] bool isQuietField(const QWidget* field);

/// Thread: UI, as every widget call.
void setButtonTone(QWidget& button, ButtonTone tone);
[[nodiscard]] ButtonTone buttonTone(const QWidget* button);

/// Fusion with flat, rounded controls in the theme's colours; no style sheets. Colours are read at every paint, so that
/// a change of theme needs no new style. Thread: UI.
class HearthStyle : public QProxyStyle {
    Q_OBJECT

public:
    /// `theme` must outlive the style.
    explicit HearthStyle(const Theme& theme);

    void polish(QWidget* widget) override;
    using QProxyStyle::polish;
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                            const QWidget* widget) const override;
    [[nodiscard]] int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    [[nodiscard]] QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents,
                                         const QWidget* widget) const override;
    [[nodiscard]] QRect subElementRect(SubElement element, const QStyleOption* option,
                                       const QWidget* widget) const override;
    [[nodiscard]] QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl subControl,
                                       const QWidget* widget) const override;
    [[nodiscard]] int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                                QStyleHintReturn* returned) const override;

private:
    void drawPushButton(const QStyleOption& option, QPainter& painter, const QWidget* widget) const;
    void drawPushButtonLabel(const QStyleOptionButton& option, QPainter& painter, const QWidget* widget) const;
    void drawToolButtonPanel(const QStyleOption& option, QPainter& painter) const;
    void drawField(const QStyleOption& option, QPainter& painter, const QWidget* widget) const;
    void drawCheckBox(const QStyleOption& option, QPainter& painter) const;
    void drawRadioButton(const QStyleOption& option, QPainter& painter) const;
    void drawFocusRing(const QStyleOption& option, QPainter& painter) const;
    void drawChevron(const QStyleOption& option, QPainter& painter, Qt::ArrowType direction) const;
    void drawItemPanel(const QStyleOption& option, QPainter& painter) const;
    void drawMenuItem(const QStyleOptionMenuItem& option, QPainter& painter, const QWidget* widget) const;
    void drawProgress(const QStyleOption& option, QPainter& painter) const;
    void drawTab(const QStyleOption& option, QPainter& painter) const;
    void drawScrollBar(const QStyleOptionSlider& option, QPainter& painter, const QWidget* widget) const;
    void drawSlider(const QStyleOptionSlider& option, QPainter& painter, const QWidget* widget) const;
    void drawComboBox(const QStyleOptionComplex& option, QPainter& painter, const QWidget* widget) const;
    void drawSpinBox(const QStyleOptionComplex& option, QPainter& painter, const QWidget* widget) const;

    const Theme& m_theme;
};

} // namespace hearth::ui
