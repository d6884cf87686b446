#pragma once

#include "ui/markdown/block.h"

#include <QByteArrayView>

#include <vector>

namespace hearth::ui {

/// What a list that goes on from the text before needs to know: its last number. Bullet lists need nothing.
struct ListContext {
    /// '.' or ')' of the ordered list before, 0 when there is none to go on with.
    char delimiter = 0;
    int lastNumber = 0;

    friend bool operator==(const ListContext&, const ListContext&) = default;
};

/// Blocks of a piece of GitHub-flavoured Markdown, parsed at once with md4c: tables, task lists, strikethrough, bare
/// links, and math between `$`, `$$`, `\(` and `\)`, `\[` and `\]`. Raw HTML is text like any other; images give their
/// alternative text; unsafe links their text. utf8: valid UTF-8 with '\n' line ends and no NUL. before: the list that a
/// leading list item belongs to. Text that md4c cannot take, or a table that would grow far beyond its source, comes
/// back as plain paragraphs. after, when given, receives the list that text right behind may continue. Thread: any.
[[nodiscard]] std::vector<Block> parseSegment(QByteArrayView utf8, ListContext before = {},
                                              ListContext* after = nullptr);

/// Blocks of text that is shown as typed: paragraphs between blank lines with every line break kept, and fenced code.
/// No other character means anything. Used for what the user wrote. Thread: any.
[[nodiscard]] std::vector<Block> parsePlainText(QStringView text);

} // namespace hearth::ui
