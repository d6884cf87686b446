#pragma once

#include <QByteArray>
#include <QByteArrayView>

namespace hearth::ui {

/// How to show a line that still grows: its first `keep` bytes and then `suffix`.
struct LineCompletion {
    qsizetype keep = 0;
    QByteArray suffix;
};

/// Closes what is open at the end of a line of running text (`**`, `~~`, code, the address of a link), and hides a
/// mark that nothing follows yet, so that "**bo" shows as bold letters, not as stars that vanish when the rest has
/// come. A guess for one moment on the screen: the finished text is parsed as it stands. Thread: any.
[[nodiscard]] LineCompletion completeLine(QByteArrayView line);

} // namespace hearth::ui
