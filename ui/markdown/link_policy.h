#pragma once

#include <QStringView>

namespace hearth::ui {

/// True for an absolute http, https or mailto address without control characters or blanks, at most 4096 long. Text of
/// a model or a document may offer no other address to click on. Thread: any.
[[nodiscard]] bool isSafeLink(QStringView address);

} // namespace hearth::ui
