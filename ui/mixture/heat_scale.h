#pragma once

#include "ui/theme/theme.h"

#include <QColor>
#include <QRgb>

#include <array>

namespace hearth::ui {

/// Colours for amounts from 0 to 1: embers, from the ground to the brightest (dark) or deepest (light) of a fire. The
/// lightness changes in one direction only and by even steps, so that the scale reads without seeing hues, and in
/// print. Thread: any.
class HeatScale {
public:
    explicit HeatScale(const Theme& theme);

    /// amount: brought to 0 .. 1.
    [[nodiscard]] QRgb at(double amount) const;

private:
    std::array<QRgb, 256> m_colors{};
};

/// How amounts that lie mostly near 0 spread over the scale: the square root.
[[nodiscard]] double heatOf(double amount, double most);

/// The colours of pinned tokens, told apart with every kind of colour vision (after Okabe and Ito), 3:1 on the ground.
/// Letters and the strokes of lines tell them apart too. pin: 0 to 3.
[[nodiscard]] QColor pinColor(const Theme& theme, int pin);
[[nodiscard]] QString pinLetter(int pin);

/// `part` (0 to 1) of `over` on `under`.
[[nodiscard]] QColor mixed(const QColor& under, const QColor& over, double part);

} // namespace hearth::ui
