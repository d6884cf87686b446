#pragma once

#include <QIcon>
#include <QString>

namespace hearth::ui {

class Theme;

/// Which colour of the theme paints an icon.
enum class IconTone { Text, Muted, Accent, OnAccent, Danger, Warning, Success };

/// An own icon, resources/icons/<name>.svg, painted in a colour of the theme that is looked up at every paint, so it
/// needs no renewal when the theme changes. Sharp at every size and scale. An unknown name gives an empty icon.
/// `theme` must outlive the icon. Thread: UI.
[[nodiscard]] QIcon themedIcon(const Theme& theme, const QString& name, IconTone tone = IconTone::Text);

/// The program's own icon, in its own colours.
[[nodiscard]] QIcon applicationIcon();

/// Makes the icons and translations that are linked in known to Qt. Once, before the first icon.
void loadResources();

} // namespace hearth::ui
