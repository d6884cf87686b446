#pragma once

#include "kernels/api/dtype.h"
#include "kernels/quant/blocks.h"

#include <cstddef>
#include <cstdint>

namespace hearth {

/// Expands one row: `columns` numbers of `dtype` at `blocks` (any alignment; rowBytes(dtype, columns) bytes) to
/// out[0 .. columns). columns is a multiple of the type's block. Defined for every byte pattern; the result is bit for
/// bit what GGUF's own definition gives: float products in its order, none fused. I32 gives the nearest floats.
/// Thread: any.
void dequantiseRow(DType dtype, const std::byte* blocks, std::int64_t columns, float* out);

// One block each, as dequantiseRow() expands it: 32 values, 256 for super-blocks.
void expand(const Q4_0Block& block, float* out);
void expand(const Q4_1Block& block, float* out);
void expand(const Q5_0Block& block, float* out);
void expand(const Q5_1Block& block, float* out);
void expand(const Q8_0Block& block, float* out);
void expand(const Iq4NlBlock& block, float* out);
void expand(const Mxfp4Block& block, float* out);
void expand(const Q2KBlock& block, float* out);
void expand(const Q3KBlock& block, float* out);
void expand(const Q4KBlock& block, float* out);
void expand(const Q5KBlock& block, float* out);
void expand(const Q6KBlock& block, float* out);
void expand(const Iq4XsBlock& block, float* out);
void expand(const Iq2XxsBlock& block, float* out);
void expand(const Iq2XsBlock& block, float* out);
void expand(const Iq2SBlock& block, float* out);
void expand(const Iq3XxsBlock& block, float* out);
void expand(const Iq3SBlock& block, float* out);
void expand(const Iq1SBlock& block, float* out);
void expand(const Iq1MBlock& block, float* out);
void expand(const Tq1_0Block& block, float* out);
void expand(const Tq2_0Block& block, float* out);

} // namespace hearth
