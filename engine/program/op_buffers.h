#pragma once

#include "kernels/api/op.h"

#include <vector>

namespace hearth {

/// The buffers that `op` reads or writes, without kNoBuffer; one may stand twice.
[[nodiscard]] std::vector<BufferId> buffersOf(const Op& op);

} // namespace hearth
