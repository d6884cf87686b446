#pragma once

#include "engine/text/jinja/ast.h"
#include "kernels/base/result.h"

namespace hearth::jinja {

/// Decides for every variable of a parsed template where it lives, and writes that into the tree.
///
/// Jinja scopes by position, not by run: `if` has no scope of its own; loops, macros, call, filter, with and set
/// blocks have one; a name set in a scope is a new variable there that starts as a copy of the outer one, so what a
/// loop sets is gone in its next round. A name that is set in only some branches of an `if` starts as the input of
/// that name. Macros see the variables around them as they are when called.
/// Errors: InvalidInput with the line: assigning to `loop`; unknown filters or tests outside of `if`; more variables
/// than any real template has. Source: behaviour of Jinja 3.1. Thread: any.
[[nodiscard]] Status resolveScopes(Syntax& syntax);

} // namespace hearth::jinja
