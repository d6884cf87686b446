#pragma once

#include "kernels/api/backend.h"

#include <memory>

namespace hearth {

/// The device "reference": every op in plain C++ on one thread, sums in double, weights expanded to float, results
/// rounded to float only where an op stores them. It says what is right; the other backends are compared with it.
/// Caches may be F32, F16, BF16, Q8_0 or Q4_0. Runs every well-formed op. Thread: any one at a time.
[[nodiscard]] std::unique_ptr<Backend> createReferenceBackend();

} // namespace hearth
