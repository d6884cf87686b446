#pragma once

#include "engine/text/tokenizer.h"

#include <string_view>
#include <vector>

namespace hearth::cli {

/// The ids of a rendered chat prompt. Templates may write the begin token out or leave it to the tokenizer: it stands
/// there once either way, and no end token is put behind the prompt.
[[nodiscard]] std::vector<TokenId> encodePrompt(const Tokenizer& tokenizer, std::string_view prompt);

} // namespace hearth::cli
