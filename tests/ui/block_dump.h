#pragma once

#include "ui/markdown/block.h"

#include <QString>

#include <vector>

namespace hearth::ui {

/// Blocks as text, one line for each block, table row and styled run: what the expected files of the cases hold.
[[nodiscard]] QString dumpBlocks(const std::vector<Block>& blocks);

} // namespace hearth::ui
