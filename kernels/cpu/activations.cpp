#include "kernels/cpu/activations.h"

#include <algorithm>
#include <cmath>

namespace hearth {

namespace {

/// gpt-oss's gate, see Activation::SwigluClamped.
void activateClamped(const float* gate, const float* up, std::int32_t count, float* out) {
    constexpr float kClamp = 7.0F;
    constexpr float kSlope = 1.702F;
    for (std::int32_t n = 0; n < count; ++n) {
        const float limited = std::min(gate[n], kClamp);
        const float raised = std::clamp(up[n], -kClamp, kClamp) + 1.0F;
        out[n] = limited / (1.0F + std::exp(-kSlope * limited)) * raised;
    }
}

} // namespace

ActivateRow activationOf(const StagePlan& plan, Activation activation) {
    return activation == Activation::SwigluClamped ? activateClamped
                                                   : plan.vectors.activate[static_cast<std::size_t>(activation)];
}

} // namespace hearth
