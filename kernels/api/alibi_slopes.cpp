#include "kernels/api/alibi_slopes.h"

#include <bit>
#include <cmath>

namespace hearth {

std::vector<float> alibiSlopes(float maxBias, std::int32_t heads) {
    std::vector<float> slopes;
    if (maxBias <= 0.0F)
        return slopes;
    const auto power = static_cast<std::int32_t>(std::bit_floor(static_cast<std::uint32_t>(heads)));
    for (std::int32_t head = 0; head < heads; ++head) {
        const double exponent = head < power ? (head + 1.0) / power : (2.0 * (head - power) + 1.0) / (2.0 * power);
        slopes.push_back(static_cast<float>(std::exp2(-static_cast<double>(maxBias) * exponent)));
    }
    return slopes;
}

} // namespace hearth
