#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hearth {

/// Instruction sets that kernels are written for, each containing the ones before it.
enum class CpuIsa : std::uint8_t {
    Scalar,
    Avx2,  ///< AVX2, FMA, F16C
    Avx512 ///< AVX-512 F, BW, VL, DQ, VNNI
};

/// The best set that this processor and its operating system offer. Thread: any.
[[nodiscard]] CpuIsa detectCpuIsa();
/// "scalar", "AVX2", "AVX-512 VNNI".
[[nodiscard]] std::string_view cpuIsaName(CpuIsa isa);
/// The processor's own name, or the architecture's if it has none.
[[nodiscard]] std::string cpuModelName();

} // namespace hearth
