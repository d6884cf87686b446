#include "ui/theme/theme.h"

#include "ui/theme/colors.h"
#include "ui/theme/hearth_style.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFontInfo>
#include <QLocale>

#include <algorithm>
#include <array>

namespace hearth::ui {

namespace {

/// Families that a desktop would choose; asked for only where no desktop chose one and the fallback would be used.
constexpr std::array kPreferredFamilies{"Inter", "Noto Sans", "Cantarell", "Ubuntu", "Open Sans", "Source Sans 3"};
constexpr std::array kFallbackFamilies{"DejaVu Sans", "Bitstream Vera Sans", "Liberation Sans", "Nimbus Sans"};
constexpr std::array kPreferredCodeFamilies{"JetBrains Mono", "Cascadia Mono",  "Source Code Pro",
                                            "Ubuntu Mono",    "Noto Sans Mono", "DejaVu Sans Mono"};

/// Smallest size of interface text, in points at scale 1: a bare X server reports 9, too small to read for long.
constexpr double kInterfacePoints = 10.0;

QString firstInstalled(const auto& names) {
    const QStringList installed = QFontDatabase::families();
    for (const char* name : names) {
        if (const QString family = QString::fromLatin1(name); installed.contains(family)) {
            return family;
        }
    }
    return {};
}

/// Han characters look different by country, and a bare system takes whichever font comes first. Simplified Chinese
/// where the language says nothing.
const char* hanSuffix(const QLocale& locale) {
    switch (locale.language()) {
    case QLocale::Japanese:
        return " CJK JP";
    case QLocale::Korean:
        return " CJK KR";
    case QLocale::Chinese:
        return locale.script() == QLocale::TraditionalHanScript ? " CJK TC" : " CJK SC";
    default:
        return " CJK SC";
    }
}

void addHanFallback(QFont& font, const QString& latin, const QLocale& locale) {
    font.setFamilies({font.family(), latin + QLatin1String(hanSuffix(locale))});
}

QFont interfaceFont(QFont font) {
    const QString actual = QFontInfo(font).family();
    const bool isFallback = std::any_of(kFallbackFamilies.begin(), kFallbackFamilies.end(),
                                        [&](const char* name) { return actual == QLatin1String(name); });
    if (isFallback) {
        if (const QString family = firstInstalled(kPreferredFamilies); !family.isEmpty()) {
            font.setFamily(family);
        }
    }
    font.setPointSizeF(
        std::max(font.pointSizeF() > 0 ? font.pointSizeF() : QFontInfo(font).pointSizeF(), kInterfacePoints));
    return font;
}

QFont fixedFont() {
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    if (const QString family = firstInstalled(kPreferredCodeFamilies); !family.isEmpty()) {
        font.setFamily(family);
    }
    font.setStyleHint(QFont::Monospace);
    font.setFixedPitch(true);
    return font;
}

} // namespace

Theme::Theme(QObject* parent)
    : QObject(parent), m_systemFont(interfaceFont(QApplication::font())), m_codeFont(fixedFont()) {
    const QPalette system = QApplication::palette();
    const bool dark = system.color(QPalette::Window).lightness() < system.color(QPalette::WindowText).lightness();
    m_systemScheme = dark ? ColorScheme::Dark : ColorScheme::Light;
    m_colors = makeColors(scheme(), m_contrast);
}

ColorScheme Theme::scheme() const {
    switch (m_choice) {
    case ThemeChoice::Light:
        return ColorScheme::Light;
    case ThemeChoice::Dark:
        return ColorScheme::Dark;
    case ThemeChoice::System:
        break;
    }
    return m_systemScheme;
}

QFont Theme::font(FontRole role) const {
    const double points = m_systemFont.pointSizeF() * m_fontScale;
    QFont font = role == FontRole::Code ? m_codeFont : m_systemFont;
    addHanFallback(font, role == FontRole::Code ? QStringLiteral("Noto Sans Mono") : QStringLiteral("Noto Sans"),
                   QLocale());
    switch (role) {
    case FontRole::Interface:
        font.setPointSizeF(points);
        break;
    case FontRole::InterfaceStrong:
        font.setPointSizeF(points);
        font.setWeight(QFont::DemiBold);
        break;
    case FontRole::Small:
        font.setPointSizeF(points * 0.9);
        break;
    case FontRole::SmallStrong:
        font.setPointSizeF(points * 0.9);
        font.setWeight(QFont::DemiBold);
        break;
    case FontRole::Title:
        font.setPointSizeF(points * 1.2);
        font.setWeight(QFont::DemiBold);
        break;
    case FontRole::Display:
        font.setPointSizeF(points * 1.8);
        font.setWeight(QFont::DemiBold);
        break;
    case FontRole::Chat:
        font.setPointSizeF(points * 1.1);
        break;
    case FontRole::Code:
        font.setPointSizeF(points);
        break;
    }
    return font;
}

QPalette Theme::palette() const {
    QPalette palette;
    const auto set = [&](QPalette::ColorRole role, const QColor& color, const QColor& disabled) {
        palette.setColor(QPalette::Active, role, color);
        palette.setColor(QPalette::Inactive, role, color);
        palette.setColor(QPalette::Disabled, role, disabled);
    };
    const Colors& c = m_colors;
    set(QPalette::Window, c.window, c.window);
    set(QPalette::WindowText, c.text, c.textDisabled);
    set(QPalette::Base, c.base, c.window);
    set(QPalette::AlternateBase, c.window, c.window);
    set(QPalette::Text, c.text, c.textDisabled);
    set(QPalette::PlaceholderText, c.textMuted, c.textDisabled);
    set(QPalette::Button, c.raised, c.window);
    set(QPalette::ButtonText, c.text, c.textDisabled);
    set(QPalette::BrightText, c.danger, c.textDisabled);
    set(QPalette::ToolTipBase, c.raised, c.raised);
    set(QPalette::ToolTipText, c.text, c.textDisabled);
    set(QPalette::Highlight, c.selection, c.pressed);
    set(QPalette::HighlightedText, c.selectionText, c.textDisabled);
    set(QPalette::Link, c.link, c.textDisabled);
    set(QPalette::LinkVisited, c.link, c.textDisabled);
    set(QPalette::Light, c.raised, c.raised);
    set(QPalette::Midlight, c.hover, c.hover);
    set(QPalette::Mid, c.border, c.border);
    set(QPalette::Dark, c.borderStrong, c.border);
    set(QPalette::Shadow, c.borderStrong, c.border);
    return palette;
}

void Theme::setChoice(ThemeChoice choice) {
    if (m_choice != choice) {
        m_choice = choice;
        refresh();
    }
}

void Theme::setSystemScheme(ColorScheme scheme) {
    if (m_systemScheme != scheme) {
        m_systemScheme = scheme;
        refresh();
    }
}

void Theme::setContrast(Contrast contrast) {
    if (m_contrast != contrast) {
        m_contrast = contrast;
        refresh();
    }
}

void Theme::setFontScale(double scale) {
    const double bounded = std::clamp(scale, 0.5, 3.0);
    if (m_fontScale != bounded) {
        m_fontScale = bounded;
        refresh();
    }
}

void Theme::languageChanged() {
    refresh();
}

void Theme::install() {
    m_installed = true;
    // The application owns its style from here on.
    QApplication::setStyle(new HearthStyle(*this));
    refresh();
}

void Theme::refresh() {
    m_colors = makeColors(scheme(), m_contrast);
    if (m_installed) {
        QApplication::setPalette(palette());
        QApplication::setFont(font(FontRole::Interface));
    }
    Q_EMIT changed();
}

} // namespace hearth::ui
