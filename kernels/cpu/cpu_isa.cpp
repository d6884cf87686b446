#include "kernels/cpu/cpu_isa.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace hearth {

std::string_view cpuIsaName(CpuIsa isa) {
    constexpr std::array<std::string_view, 3> kNames{"scalar", "AVX2", "AVX-512 VNNI"};
    return kNames[static_cast<std::size_t>(isa)];
}

#if defined(__x86_64__)

CpuIsa detectCpuIsa() {
    // The compiler's built-in asks cpuid and, through xgetbv, whether the system saves the wide registers.
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    if (!avx2)
        return CpuIsa::Scalar;
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
                        && __builtin_cpu_supports("avx512vnni");
    return avx512 ? CpuIsa::Avx512 : CpuIsa::Avx2;
}

std::string cpuModelName() {
    // Leaves 0x80000002 to 0x80000004 hold 16 characters each, padded with zeros or spaces.
    std::array<unsigned, 12> words{};
    unsigned highest = __get_cpuid_max(0x80000000U, nullptr);
    if (highest < 0x80000004U)
        return "x86-64";
    for (unsigned leaf = 0; leaf < 3; ++leaf)
        __get_cpuid(0x80000002U + leaf, &words[4 * leaf], &words[4 * leaf + 1], &words[4 * leaf + 2],
                    &words[4 * leaf + 3]);
    std::array<char, sizeof(words) + 1> text{};
    std::memcpy(text.data(), words.data(), sizeof(words));
    std::string name(text.data());
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
    return name;
}

#else

CpuIsa detectCpuIsa() {
    return CpuIsa::Scalar;
}

std::string cpuModelName() {
#if defined(__aarch64__)
    return "ARM64";
#else
    return "CPU";
#endif
}

#endif

} // namespace hearth
