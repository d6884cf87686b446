#pragma once

#include "app/cli/console.h"
#include "engine/text/tokenizer.h"

#include <string>
#include <vector>

namespace hearth::cli {

// The files that are exchanged with other engines: token ids as JSON, numbers as raw floats.

/// The ids in the document's list "tokens". Errors: InvalidInput that names `path` and the place.
[[nodiscard]] Result<std::vector<TokenId>> readTokenList(const nlohmann::ordered_json& document,
                                                         const std::string& path);

/// Writes raw little-endian float32. A file that could not be written whole is removed again. Errors: Io.
[[nodiscard]] Status writeFloatFile(const std::string& path, const std::vector<float>& values);

} // namespace hearth::cli
