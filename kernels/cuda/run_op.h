#pragma once

#include "kernels/cuda/device_program.h"
#include "kernels/cuda/launch.h"

#include <span>

namespace hearth::cuda {

/// What the ops of one step work on.
struct StepContext {
    DeviceProgram& device;
    DeviceStep step;
    std::span<const std::int32_t* const> tables; ///< on the device, one a page class
    std::span<const float> adapterScales;
    std::int32_t stateSlot = 0;
    cudaStream_t stream = nullptr;

    [[nodiscard]] DeviceCache cache(CacheId id) const;
};

/// Puts the kernels of one op into the stream. Errors: OutOfMemory for scratch, Device.
[[nodiscard]] Status runOp(std::size_t index, const StepContext& context);

} // namespace hearth::cuda
