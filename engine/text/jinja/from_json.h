#pragma once

#include "engine/text/jinja/runtime.h"

#include <nlohmann/json.hpp>

namespace hearth::jinja {

/// A JSON value as Python's json.loads would give it; invalid UTF-8 becomes U+FFFD.
/// Errors: InvalidInput for nesting or size beyond the limits. Thread: that of the render.
[[nodiscard]] Result<Value> fromJson(Runtime& runtime, const nlohmann::ordered_json& json);

} // namespace hearth::jinja
