#pragma once

#include <QByteArrayView>
#include <QString>

namespace hearth::ui {

/// The character that an HTML entity stands for: any decimal or hexadecimal one, and the named ones that prose uses.
/// `entity` runs from '&' to ';'. An unknown name comes back as written; a code point that is none, as U+FFFD.
[[nodiscard]] QString decodeEntity(QByteArrayView entity);

} // namespace hearth::ui
