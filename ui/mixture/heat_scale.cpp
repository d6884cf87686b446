#include "ui/mixture/heat_scale.h"

#include <algorithm>
#include <cmath>

namespace hearth::ui {

namespace {

using Stops = std::array<QRgb, 7>;

// CIE lightness in even steps: 98 to 18, and 14 to 94.
constexpr Stops kLightStops{0xFFFBF9F6, 0xFFF9DDBD, 0xFFF1AF72, 0xFFDE7F45, 0xFFB9523A, 0xFF832F38, 0xFF4A1B2C};
constexpr Stops kDarkStops{0xFF2A2625, 0xFF532A33, 0xFF8A3637, 0xFFC3552F, 0xFFE98639, 0xFFF6BC6B, 0xFFFCEFC9};

int between(int from, int to, double part) {
    return static_cast<int>(std::lround(from + (to - from) * part));
}

} // namespace

HeatScale::HeatScale(const Theme& theme) {
    const Stops& stops = theme.isDark() ? kDarkStops : kLightStops;
    for (std::size_t step = 0; step < m_colors.size(); ++step) {
        const double place = static_cast<double>(step) / static_cast<double>(m_colors.size() - 1)
                             * static_cast<double>(stops.size() - 1);
        const auto below = std::min(static_cast<std::size_t>(place), stops.size() - 2);
        const double part = place - static_cast<double>(below);
        const QRgb from = stops[below];
        const QRgb to = stops[below + 1];
        m_colors[step] = qRgb(between(qRed(from), qRed(to), part), between(qGreen(from), qGreen(to), part),
                              between(qBlue(from), qBlue(to), part));
    }
}

QRgb HeatScale::at(double amount) const {
    const double last = static_cast<double>(m_colors.size() - 1);
    return m_colors[static_cast<std::size_t>(std::lround(std::clamp(amount, 0.0, 1.0) * last))];
}

double heatOf(double amount, double most) {
    return most > 0 ? std::sqrt(std::clamp(amount / most, 0.0, 1.0)) : 0.0;
}

QColor pinColor(const Theme& theme, int pin) {
    constexpr std::array<QRgb, 4> kLight{0xFF0A66A8, 0xFF00795A, 0xFF9A3C86, 0xFF5B5B00};
    constexpr std::array<QRgb, 4> kDark{0xFF7CC4F5, 0xFF43C79E, 0xFFE39BCB, 0xFFE8DF62};
    const auto index = static_cast<std::size_t>(std::clamp(pin, 0, 3));
    return QColor(theme.isDark() ? kDark[index] : kLight[index]);
}

QString pinLetter(int pin) {
    return QString(QChar(u'A' + pin));
}

QColor mixed(const QColor& under, const QColor& over, double part) {
    return QColor(between(under.red(), over.red(), part), between(under.green(), over.green(), part),
                  between(under.blue(), over.blue(), part));
}

} // namespace hearth::ui
