#pragma once

#include <QRandomGenerator>
#include <QString>

namespace hearth::ui {

enum class Fragments {
    All,
    /// Without what md4c 0.4.8 reads against the specification when it sees the whole, and rightly in segments: a task
    /// item behind one that holds a quote or a list, a heading or fence right below a table, a fence with a language
    /// further out than an open one, two blank lines in a list, and an indented fence behind an empty item.
    WithoutMd4cSlips,
};

/// A text of `pieces` random lines and fragments that pull at the block structure: markers, fences, tables, blanks,
/// indentation. The same seed gives the same text.
[[nodiscard]] QString randomMarkdown(QRandomGenerator& random, int pieces, Fragments fragments = Fragments::All);

} // namespace hearth::ui
