#pragma once

#include "ui/markdown/block.h"

#include <vector>

namespace hearth::ui {

/// Cuts paragraphs longer than kLongestParagraph and tables with more rows than kMostTableRows; see Block::goesOn.
[[nodiscard]] std::vector<Block> splitLongBlocks(std::vector<Block> blocks);

} // namespace hearth::ui
