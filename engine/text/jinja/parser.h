#pragma once

#include "engine/text/jinja/ast.h"
#include "kernels/base/result.h"

#include <string_view>

namespace hearth::jinja {

/// Parses a template and resolves its variables. `source` is valid UTF-8.
/// Errors: InvalidInput with the line: a syntax error; a filter or test that does not exist (outside of `if`, where
/// only running it is an error); tags that need other templates (include, import, extends); nesting or size beyond
/// what any real template has. Thread: any. Source: Jinja 3.1's grammar.
[[nodiscard]] Result<Syntax> parse(std::string_view source);

} // namespace hearth::jinja
