#pragma once

#include <cstdint>
#include <vector>

namespace hearth {

/// ALiBi's slope of each head (arXiv 2108.12409): a geometric series for a power of two; for other counts the odd
/// members of the finer series follow. Empty without ALiBi (maxBias 0). For backends that compute; the reference has
/// its own.
[[nodiscard]] std::vector<float> alibiSlopes(float maxBias, std::int32_t heads);

} // namespace hearth
