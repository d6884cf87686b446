#pragma once

#include "ui/markdown/block.h"

#include <QString>

#include <vector>

namespace hearth::ui {

/// The part of a block between two positions of its text (as a view numbers it: the cells of a table with tabs between
/// them and line feeds between rows). A part of a table is a paragraph of plain text, the whole of it the table.
[[nodiscard]] Block sliceBlock(const Block& block, int begin, int end);

/// Blocks as text for programs that know no markup: bullets and numbers, cells with tabs between them.
[[nodiscard]] QString writePlainText(const std::vector<Block>& blocks);

/// Blocks as Markdown; parsed again it gives the same blocks, save for escapes that no reader sees.
[[nodiscard]] QString writeMarkdown(const std::vector<Block>& blocks);

} // namespace hearth::ui
