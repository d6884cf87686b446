#pragma once

#include "kernels/api/backend.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace hearth {

/// The backend of a device id. threads 0: one per core that this process may use.
/// Errors: NotFound, with the ids there are; what the backend's factory says.
[[nodiscard]] Result<std::unique_ptr<Backend>> openDevice(std::string_view id, std::int32_t threads);

} // namespace hearth
