#pragma once

#include "kernels/api/program.h"

namespace hearth {

/// Places every buffer of `program` in one arena: a buffer lives from the first to the last op that names it, and
/// buffers that never live together may share bytes. Offsets are aligned to 64 bytes; `output` is planned for the
/// program's outputRowLimit(), every other buffer for maxRows. First fit, largest buffer first.
[[nodiscard]] ActivationPlan planActivations(const Program& program);

} // namespace hearth
