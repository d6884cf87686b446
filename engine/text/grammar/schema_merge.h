#pragma once

#include "kernels/base/result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace hearth {

using SchemaJson = nlohmann::ordered_json;

/// The key under which patterns of several schemas are gathered: a list of texts. No schema has it.
inline constexpr std::string_view kAllPatterns = "\x01patterns";

/// A schema that accepts what both accept; either may be true or false. `place` is for messages.
/// Errors: InvalidInput that names keywords which cannot be joined.
[[nodiscard]] Result<SchemaJson> mergeSchemas(const SchemaJson& left, const SchemaJson& right,
                                              const std::string& place);

} // namespace hearth
