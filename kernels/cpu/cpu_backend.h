#pragma once

#include "kernels/api/backend.h"
#include "kernels/cpu/cpu_isa.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace hearth {

struct CpuOptions {
    std::int32_t threads = 0;    ///< 0: one per core that this process may use
    std::optional<CpuIsa> isa{}; ///< at most this instruction set; nothing: the best there is
};

/// A backend on this machine's processor, with threads of its own that sleep between steps. Weights are used where and
/// as they lie. Matrices stored in 8 bits and fewer are multiplied with activations rounded to twice 8 bits per 32
/// columns (scalar kernels: with floats); all else is float. The same step gives the same bits for any number of
/// threads. Thread: any; steps of several executables follow one another.
[[nodiscard]] std::unique_ptr<Backend> createCpuBackend(const CpuOptions& options);

} // namespace hearth
