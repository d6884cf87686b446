#pragma once

#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/runtime.h"

namespace hearth::jinja {

/// -value and +value. Errors: InvalidInput for what is no number.
[[nodiscard]] Result<Value> applyUnary(Runtime& runtime, UnaryOperator operation, const Value& operand);
/// left + right and the others, but not and, or. Numbers as in Python (7 // -2 is -4, 1 / 2 is 0.5); + joins texts,
/// lists and tuples; * repeats them; % formats a text. Errors: InvalidInput for other types, division by zero, limits.
[[nodiscard]] Result<Value> applyBinary(Runtime& runtime, BinaryOperator operation, const Value& left,
                                        const Value& right);

} // namespace hearth::jinja
