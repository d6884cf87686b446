#pragma once

#include "kernels/cpu/stage.h"

namespace hearth {

/// out = activation(gate) * up; gate may be null where the activation needs none, and out may be gate or up.
using ActivateRow = void (*)(const float* gate, const float* up, std::int32_t count, float* out);

/// The function of this instruction set, or plain code where there is none.
[[nodiscard]] ActivateRow activationOf(const StagePlan& plan, Activation activation);

} // namespace hearth
