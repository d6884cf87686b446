#pragma once

#include <QString>

#include <optional>

namespace hearth {

/// Why a source file must not include something, as a phrase to follow the include's name; nothing if it may.
/// file is relative to the source tree ("engine/text/bpe.cpp"); include is what stands between the brackets or quotes.
/// This is where the direction of the layers is written down: ui -> app -> {vision, engine} -> kernels, vision ->
/// engine.
[[nodiscard]] std::optional<QString> whyForbidden(const QString& file, const QString& include);

/// The name between the brackets or quotes of an #include line; nothing if the line is none.
[[nodiscard]] std::optional<QString> includedName(const QString& line);

} // namespace hearth
