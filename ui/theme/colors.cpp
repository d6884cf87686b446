#include "ui/theme/colors.h"

#include <cmath>

namespace hearth::ui {

namespace {

constexpr QColor rgb(unsigned value) {
    return QColor(static_cast<int>(value >> 16U & 0xFFU), static_cast<int>(value >> 8U & 0xFFU),
                  static_cast<int>(value & 0xFFU));
}

Colors lightColors() {
    Colors colors;
    colors.window = rgb(0xF6F5F3);
    colors.base = rgb(0xFFFFFF);
    colors.raised = rgb(0xFFFFFF);
    colors.hover = rgb(0xEDEBE7);
    colors.pressed = rgb(0xE3E0DB);
    colors.selected = rgb(0xE8E5E0);
    colors.bubble = rgb(0xF2F0EC);
    colors.border = rgb(0xE2DFDA);
    colors.borderStrong = rgb(0x8F8A82);
    colors.shadow = QColor(40, 34, 28, 38);
    colors.scrim = QColor(250, 248, 245, 244);
    colors.text = rgb(0x21201D);
    colors.textMuted = rgb(0x625D56);
    colors.textDisabled = rgb(0x9C978F);
    colors.accent = rgb(0xB84A16);
    colors.accentText = rgb(0xFFFFFF);
    colors.accentSoft = rgb(0xFCEFE7);
    colors.link = rgb(0xA8410F);
    colors.danger = rgb(0xB3261E);
    colors.dangerSoft = rgb(0xFCEBE9);
    colors.warning = rgb(0x8A5300);
    colors.warningSoft = rgb(0xFDF3DD);
    colors.success = rgb(0x2B6B3A);
    colors.successSoft = rgb(0xE8F4EA);
    colors.selection = rgb(0xF6D2BC);
    colors.selectionText = rgb(0x21201D);
    colors.findMatch = rgb(0xFBE7A1);
    colors.findMatchCurrent = rgb(0xF7B267);
    colors.codeBackground = rgb(0xF7F6F4);
    colors.codeHeader = rgb(0xEEECE8);
    colors.codeInline = rgb(0xF0EEEA);
    colors.codeText = rgb(0x2B2926);
    colors.codeKeyword = rgb(0x9A2F6B);
    colors.codeString = rgb(0x2F6B2C);
    colors.codeNumber = rgb(0x9B4A00);
    colors.codeComment = rgb(0x6B665F);
    colors.codeFunction = rgb(0x1F5FA8);
    colors.codeType = rgb(0x0F6A70);
    return colors;
}

Colors darkColors() {
    Colors colors;
    colors.window = rgb(0x1B1A19);
    colors.base = rgb(0x232120);
    colors.raised = rgb(0x2D2B29);
    colors.hover = rgb(0x34312F);
    colors.pressed = rgb(0x3E3B38);
    colors.selected = rgb(0x393633);
    colors.bubble = rgb(0x33302D);
    colors.border = rgb(0x3B3835);
    colors.borderStrong = rgb(0x7E776F);
    colors.shadow = QColor(0, 0, 0, 110);
    colors.scrim = QColor(24, 23, 22, 240);
    colors.text = rgb(0xECE9E5);
    colors.textMuted = rgb(0xB0A9A0);
    colors.textDisabled = rgb(0x78726B);
    colors.accent = rgb(0xF0935C);
    colors.accentText = rgb(0x241106);
    colors.accentSoft = rgb(0x3D2A20);
    colors.link = rgb(0xF4A476);
    colors.danger = rgb(0xF5938A);
    colors.dangerSoft = rgb(0x43211E);
    colors.warning = rgb(0xE9B35A);
    colors.warningSoft = rgb(0x3C2E16);
    colors.success = rgb(0x86C995);
    colors.successSoft = rgb(0x1F3324);
    colors.selection = rgb(0x6B3F25);
    colors.selectionText = rgb(0xFFFFFF);
    colors.findMatch = rgb(0x5C4A12);
    colors.findMatchCurrent = rgb(0x8A4B12);
    colors.codeBackground = rgb(0x1B1A19);
    colors.codeHeader = rgb(0x2A2826);
    colors.codeInline = rgb(0x363330);
    colors.codeText = rgb(0xE4E0DB);
    colors.codeKeyword = rgb(0xE58FBF);
    colors.codeString = rgb(0xA5CF8F);
    colors.codeNumber = rgb(0xEAA86E);
    colors.codeComment = rgb(0x9A938A);
    colors.codeFunction = rgb(0x86B6EE);
    colors.codeType = rgb(0x7CC7C8);
    return colors;
}

double linear(double channel) {
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color) {
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

} // namespace

Colors makeColors(ColorScheme scheme, Contrast contrast) {
    const bool dark = scheme == ColorScheme::Dark;
    Colors colors = dark ? darkColors() : lightColors();
    if (contrast == Contrast::High) {
        // Lines become visible and greys leave the text; hue stays, so that the program is still recognised.
        colors.text = dark ? rgb(0xFFFFFF) : rgb(0x000000);
        colors.textMuted = dark ? rgb(0xE6E2DD) : rgb(0x2E2B27);
        colors.border = dark ? rgb(0xA39C93) : rgb(0x6B665F);
        colors.borderStrong = dark ? rgb(0xE6E2DD) : rgb(0x2E2B27);
        colors.accent = dark ? rgb(0xFFB184) : rgb(0x8A3208);
        colors.accentText = dark ? rgb(0x000000) : rgb(0xFFFFFF);
        colors.link = colors.accent;
        colors.codeText = colors.text;
        colors.codeComment = colors.textMuted;
    }
    return colors;
}

double contrastRatio(const QColor& one, const QColor& other) {
    const double a = luminance(one);
    const double b = luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

} // namespace hearth::ui
