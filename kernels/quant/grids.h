#pragma once

#include <array>
#include <cstdint>

namespace hearth {

// The grids of the IQ1 to IQ3 block types: points that an index names. Byte i of an entry (lowest first) is coordinate
// i: a magnitude for IQ2 (8 coordinates) and IQ3 (4), one of -1, 0, 1 as a signed byte for IQ1 (8).

extern const std::array<std::uint64_t, 256> kIq2XxsGrid;
extern const std::array<std::uint64_t, 512> kIq2XsGrid;
extern const std::array<std::uint64_t, 1024> kIq2SGrid;
extern const std::array<std::uint32_t, 256> kIq3XxsGrid;
extern const std::array<std::uint32_t, 512> kIq3SGrid;
extern const std::array<std::uint64_t, 2048> kIq1Grid;

} // namespace hearth
