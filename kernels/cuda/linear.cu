// Matrices times rows: a warp for each output, weights read once for up to kRowTile rows.

#include "kernels/cuda/expand.cuh"
#include "kernels/cuda/launch.h"

namespace hearth::cuda {

namespace {

constexpr int kWarps = 4;
constexpr int kRowTile = 4;

__device__ inline float warpSum(float value) {
#pragma unroll
    for (int offset = 16; offset > 0; offset /= 2)
        value += __shfl_xor_sync(0xFFFFFFFFU, value, offset);
    return value;
}

/// grid: (outputs / kWarps, row tiles, parts).
template <DType T, int R>
__global__ void linearKernel(Grids grids, LinearCall call) {
    const int output = static_cast<int>(blockIdx.x) * kWarps + static_cast<int>(threadIdx.y);
    const int firstRow = static_cast<int>(blockIdx.y) * R;
    const int part = static_cast<int>(blockIdx.z);
    if (output >= call.weight.rows)
        return;
    int matrix = part;
    if (call.ids != nullptr)
        matrix = call.ids[static_cast<std::int64_t>(firstRow) * call.parts + part];
    if (matrix < 0)
        return;
    if (call.weight.matrices == 1)
        matrix = 0;
    const std::size_t row = static_cast<std::size_t>(matrix) * call.weight.rows + output;
    const std::uint8_t* weights = call.weight.data + row * call.weight.rowBytes;
    const float* in = call.in + firstRow * call.inRowStride + part * call.inPartStride;
    const int rows = min(R, call.count - firstRow);
    const int columns = call.weight.columns;
    float sums[R] = {};
    for (int eight = static_cast<int>(threadIdx.x); eight * 8 < columns; eight += 32) {
        float values[8];
        expandEight<T>(grids, weights, eight, columns, values);
        const int width = min(8, columns - 8 * eight);
#pragma unroll
        for (int r = 0; r < R; ++r) {
            if (r >= rows)
                break;
            const float* x = in + r * call.inRowStride + 8 * eight;
#pragma unroll
            for (int j = 0; j < 8; ++j)
                sums[r] += j < width ? values[j] * x[j] : 0.0F;
        }
    }
#pragma unroll
    for (int r = 0; r < R; ++r) {
        const float sum = warpSum(sums[r]);
        if (threadIdx.x != 0 || r >= rows)
            continue;
        float& out = call.out[(firstRow + r) * call.outRowStride + part * call.outPartStride + output];
        const float value = call.scale * sum + (call.bias != nullptr ? call.bias[row] : 0.0F);
        out = call.adds ? out + value : value;
    }
}

/// A thread for eight outputs: sums down the rows of a matrix.
template <DType T>
__global__ void transposedKernel(Grids grids, LinearCall call) {
    const int eight = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    const int row = static_cast<int>(blockIdx.y);
    const int part = static_cast<int>(blockIdx.z);
    if (8 * eight >= call.weight.columns)
        return;
    const std::uint8_t* weights =
        call.weight.data
        + static_cast<std::size_t>(call.weight.matrices > 1 ? part : 0) * call.weight.rows * call.weight.rowBytes;
    const float* in = call.in + row * call.inRowStride + part * call.inPartStride;
    float sums[8] = {};
    for (int input = 0; input < call.weight.rows; ++input) {
        float values[8];
        expandEight<T>(grids, weights + input * call.weight.rowBytes, eight, call.weight.columns, values);
        for (int j = 0; j < 8; ++j)
            sums[j] += values[j] * in[input];
    }
    float* out = call.out + row * call.outRowStride + part * call.outPartStride;
    for (int j = 0; j < 8; ++j)
        if (8 * eight + j < call.weight.columns)
            out[8 * eight + j] = (call.adds ? out[8 * eight + j] : 0.0F) + call.scale * sums[j];
}

/// Adds `factor` times row `index` of a table to eight numbers.
template <DType T>
__device__ void addTableEight(const Grids& grids, const Matrices& table, std::int32_t index, int eight, float factor,
                              float* sums) {
    float values[8];
    expandEight<T>(grids, table.data + static_cast<std::size_t>(index) * table.rowBytes, eight, table.columns, values);
    for (int j = 0; j < 8; ++j)
        sums[j] += factor * values[j];
}

__device__ void addAnyEight(const Grids& grids, const Matrices& table, std::int32_t index, int eight, float factor,
                            float* sums) {
#define HEARTH_WEIGHT_CASE(TYPE)                                                                                       \
    case DType::TYPE:                                                                                                  \
        return addTableEight<DType::TYPE>(grids, table, index, eight, factor, sums);
    switch (table.dtype) {
        HEARTH_WEIGHT_CASES
    case DType::I32:
        return;
    }
#undef HEARTH_WEIGHT_CASE
}

__global__ void embedKernel(Grids grids, EmbedCall call, DeviceStep step) {
    const int eight = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    const int row = static_cast<int>(blockIdx.y);
    const int columns = call.out.columns;
    if (8 * eight >= columns)
        return;
    const std::int32_t token = step.tokens[row];
    float sums[8] = {};
    if (token < 0 && call.rowWithoutToken < 0 && call.tokensOnly) {
        // nothing: zeros
    } else if (token < 0 && call.rowWithoutToken < 0) {
        const float* given = step.embeddings + static_cast<std::int64_t>(row) * columns * call.embeddingParts;
        for (int j = 0; j < 8; ++j)
            sums[j] = 8 * eight + j < columns ? given[8 * eight + j] : 0.0F;
    } else {
        addAnyEight(grids, call.table, token < 0 ? call.rowWithoutToken : token, eight, call.scale, sums);
    }
    if (call.positionTable.data != nullptr)
        addAnyEight(grids, call.positionTable, step.positions[row * step.positionsPerRow], eight, 1.0F, sums);
    if (call.typeTable.data != nullptr)
        addAnyEight(grids, call.typeTable, 0, eight, 1.0F, sums);
    float* out = call.out.data + row * call.out.stride;
    for (int j = 0; j < 8; ++j)
        if (8 * eight + j < columns)
            out[8 * eight + j] = sums[j];
}

unsigned blocksFor(std::int64_t count, std::int64_t size) {
    return static_cast<unsigned>((count + size - 1) / size);
}

} // namespace

void launchLinear(const Grids& grids, const LinearCall& call, cudaStream_t stream) {
    if (call.count == 0)
        return;
    const dim3 block(32, kWarps);
    const unsigned outputs = blocksFor(call.weight.rows, kWarps);
    const auto parts = static_cast<unsigned>(call.parts);
    const bool isTiled = call.ids == nullptr && call.count > 1;
    const dim3 grid(outputs, isTiled ? blocksFor(call.count, kRowTile) : static_cast<unsigned>(call.count), parts);
#define HEARTH_WEIGHT_CASE(TYPE)                                                                                       \
    case DType::TYPE:                                                                                                  \
        if (isTiled)                                                                                                   \
            linearKernel<DType::TYPE, kRowTile><<<grid, block, 0, stream>>>(grids, call);                              \
        else                                                                                                           \
            linearKernel<DType::TYPE, 1><<<grid, block, 0, stream>>>(grids, call);                                     \
        break;
    switch (call.weight.dtype) {
        HEARTH_WEIGHT_CASES
    case DType::I32:
        break;
    }
#undef HEARTH_WEIGHT_CASE
}

void launchTransposed(const Grids& grids, const LinearCall& call, cudaStream_t stream) {
    const dim3 grid(blocksFor(call.weight.columns, 8 * 32), static_cast<unsigned>(call.count),
                    static_cast<unsigned>(call.parts));
#define HEARTH_WEIGHT_CASE(TYPE)                                                                                       \
    case DType::TYPE:                                                                                                  \
        transposedKernel<DType::TYPE><<<grid, 32, 0, stream>>>(grids, call);                                           \
        break;
    switch (call.weight.dtype) {
        HEARTH_WEIGHT_CASES
    case DType::I32:
        break;
    }
#undef HEARTH_WEIGHT_CASE
}

void launchEmbed(const Grids& grids, const EmbedCall& call, const DeviceStep& step, cudaStream_t stream) {
    const dim3 grid(blocksFor(call.out.columns, 8 * 64), static_cast<unsigned>(step.rows));
    embedKernel<<<grid, 64, 0, stream>>>(grids, call, step);
}

} // namespace hearth::cuda
