#pragma once

#include <cstdint>

namespace hearth {

/// Cores that this process may run on, which a container or taskset can make fewer than the machine has; at least 1.
/// Thread: any.
[[nodiscard]] std::int32_t usableCores();

} // namespace hearth
