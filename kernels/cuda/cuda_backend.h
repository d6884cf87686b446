#pragma once

#include "kernels/api/backend.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <memory>

namespace hearth::cuda {

/// GPUs that this driver offers; 0 without one. Thread: any.
[[nodiscard]] std::int32_t deviceCount();

/// A backend on one GPU, by its number from 0. Weights lie in its memory in their file's type, activations are floats.
/// Errors: NotFound (no driver, no such GPU), Unsupported (older than compute capability 7.5), Device.
[[nodiscard]] Result<std::unique_ptr<Backend>> createCudaBackend(std::int32_t device);

} // namespace hearth::cuda
