#pragma once

#include <cstdint>

namespace hearth::cuda {

/// The grids of the IQ types, in device memory.
struct Grids {
    const std::uint64_t* iq2Xxs = nullptr;
    const std::uint64_t* iq2Xs = nullptr;
    const std::uint64_t* iq2S = nullptr;
    const std::uint32_t* iq3Xxs = nullptr;
    const std::uint32_t* iq3S = nullptr;
    const std::uint64_t* iq1 = nullptr;
};

} // namespace hearth::cuda
