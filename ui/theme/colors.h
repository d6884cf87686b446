#pragma once

#include "ui/theme/theme.h"

namespace hearth::ui {

/// The table of colours for a scheme. Thread: any.
[[nodiscard]] Colors makeColors(ColorScheme scheme, Contrast contrast);

} // namespace hearth::ui
