#pragma once

#include "kernels/api/backend.h"
#include "kernels/cpu/compute_pool.h"
#include "kernels/cpu/cpu_isa.h"
#include "kernels/cpu/paged_cache.h"

namespace hearth {

/// Whether this backend has a stage for the op at all.
[[nodiscard]] bool hasStage(const Op& op);

/// Compiles a program that was checked: every op becomes a stage, every kernel is chosen, all memory is allocated. A
/// step is one run of the pool and allocates nothing. `compute` and `cache` outlive the executable; cache may be null
/// if the program has no caches.
/// Errors: OutOfMemory.
[[nodiscard]] Result<std::unique_ptr<Executable>>
makeCpuExecutable(Program program, PagedCache* cache, const CompileOptions& options, CpuIsa isa, ComputePool& compute);

} // namespace hearth
