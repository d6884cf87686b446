#pragma once

#include "kernels/api/dtype.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace hearth {

/// Whether fillRandomBlocks() knows the type.
[[nodiscard]] bool canFillRandomly(DType dtype);

/// Random weights in a storage type: about zero-mean with the standard deviation `spread`, every block valid and
/// finite. Block b of a seed is the same whatever else is filled, on every machine, so that a tensor can be written in
/// pieces. out: whole blocks, the first of which is number `firstBlock`. Thread: any.
void fillRandomBlocks(DType dtype, std::uint64_t seed, std::uint64_t firstBlock, float spread,
                      std::span<std::byte> out);

} // namespace hearth
