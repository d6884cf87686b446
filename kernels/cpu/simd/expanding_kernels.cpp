#include "kernels/cpu/simd/expanding_kernels.h"

#include "kernels/quant/dequantise.h"
#include "kernels/quant/quantise.h"

#include <array>

namespace hearth {

namespace {

// Keeps rows of the scratch on their own cache lines.
std::size_t paddedColumns(std::int32_t columns) {
    return (static_cast<std::size_t>(columns) + 15) / 16 * 16;
}

std::size_t scratchBytes(std::int32_t columns) {
    // kPanelRows expanded rows, and the panel they become.
    return 2 * static_cast<std::size_t>(kPanelRows) * paddedColumns(columns) * sizeof(float);
}

void expandRow(const MatrixJob& job, std::int32_t row, float* out) {
    const auto* blocks = reinterpret_cast<const std::byte*>(job.weights + static_cast<std::size_t>(row) * job.rowBytes);
    dequantiseRow(static_cast<DType>(job.dtype), blocks, job.columns, out);
}

void few(const MatrixJob& job) {
    auto* weights = reinterpret_cast<float*>(job.scratch);
    for (std::int32_t n = 0; n < job.weightRows; ++n) {
        expandRow(job, n, weights);
        for (std::int32_t row = 0; row < job.rows; ++row) {
            const auto index = static_cast<std::size_t>(row);
            job.out[index * job.outStride + static_cast<std::size_t>(n)] =
                job.vectors->dot(weights, job.floats + index * job.floatStride, job.columns);
        }
    }
}

void many(const MatrixJob& job) {
    const std::size_t stride = paddedColumns(job.columns);
    auto* expanded = reinterpret_cast<float*>(job.scratch);
    float* panel = expanded + kPanelRows * stride;
    for (std::int32_t first = 0; first + kPanelRows <= job.weightRows; first += kPanelRows) {
        for (std::int32_t n = 0; n < kPanelRows; ++n)
            expandRow(job, first + n, expanded + static_cast<std::size_t>(n) * stride);
        job.vectors->transpose16(expanded, stride, job.columns, panel, kPanelRows);
        job.vectors->panelProduct({.a = job.floats,
                                   .aStride = job.floatStride,
                                   .b = panel,
                                   .bStride = kPanelRows,
                                   .c = job.out + first,
                                   .cStride = job.outStride,
                                   .rows = job.rows,
                                   .depth = job.columns,
                                   .columns = kPanelRows});
    }
    MatrixJob rest = job;
    const std::int32_t done = job.weightRows / kPanelRows * kPanelRows;
    rest.weights += static_cast<std::size_t>(done) * job.rowBytes;
    rest.weightRows -= done;
    rest.out += done;
    few(rest);
}

// A page's tokens go through a buffer of this many floats, in runs of columns; a multiple of every cache type's block.
constexpr std::int32_t kRunColumns = 256;

template <DType kType>
const std::byte* runOf(const CacheTile& tile, std::int32_t token, std::int32_t column) {
    return reinterpret_cast<const std::byte*>(tile.rows + static_cast<std::size_t>(token) * tile.rowBytes)
           + rowBytes(kType, column);
}

template <DType kType>
void cacheScores(const CacheTile& keys, const float* queries, size_t queryStride, int32_t heads, float* scores) {
    std::array<float, kRunColumns> run{};
    for (std::int32_t token = 0; token < keys.tokens; ++token) {
        for (std::int32_t head = 0; head < heads; ++head)
            scores[head * kTileTokens + token] = 0;
        for (std::int32_t column = 0; column < keys.columns; column += kRunColumns) {
            const std::int32_t count = keys.columns - column < kRunColumns ? keys.columns - column : kRunColumns;
            dequantiseRow(kType, runOf<kType>(keys, token, column), count, run.data());
            for (std::int32_t head = 0; head < heads; ++head) {
                const float* query = queries + static_cast<std::size_t>(head) * queryStride + column;
                double sum = 0;
                for (std::int32_t i = 0; i < count; ++i)
                    sum += static_cast<double>(run[static_cast<std::size_t>(i)]) * query[i];
                scores[head * kTileTokens + token] += static_cast<float>(sum);
            }
        }
    }
}

template <DType kType>
void cacheAddValues(const CacheTile& values, const float* weights, int32_t heads, float* out, size_t outStride) {
    std::array<float, kRunColumns> run{};
    for (std::int32_t token = 0; token < values.tokens; ++token) {
        for (std::int32_t column = 0; column < values.columns; column += kRunColumns) {
            const std::int32_t count = values.columns - column < kRunColumns ? values.columns - column : kRunColumns;
            dequantiseRow(kType, runOf<kType>(values, token, column), count, run.data());
            for (std::int32_t head = 0; head < heads; ++head) {
                float* sums = out + static_cast<std::size_t>(head) * outStride + column;
                const float weight = weights[head * kTileTokens + token];
                for (std::int32_t i = 0; i < count; ++i)
                    sums[i] += weight * run[static_cast<std::size_t>(i)];
            }
        }
    }
}

template <DType kType>
void cacheExpand(const CacheTile& tile, float* out, size_t outStride) {
    for (std::int32_t token = 0; token < tile.tokens; ++token)
        dequantiseRow(kType, runOf<kType>(tile, token, 0), tile.columns,
                      out + static_cast<std::size_t>(token) * outStride);
}

template <DType kType>
void cacheStore(const float* numbers, int32_t columns, unsigned char* out) {
    quantiseRow(kType, numbers, columns, reinterpret_cast<std::byte*>(out));
}

template <DType kType>
constexpr CacheKernels kExpanding{cacheScores<kType>, cacheAddValues<kType>, cacheExpand<kType>, cacheStore<kType>};

} // namespace

const MatrixKernel kExpandingMatrixKernel{ActivationForm::Float, few, many, scratchBytes};

const CacheKernels* expandingCacheKernels(DType dtype) {
    switch (dtype) {
    case DType::F32:
        return &kExpanding<DType::F32>;
    case DType::F16:
        return &kExpanding<DType::F16>;
    case DType::BF16:
        return &kExpanding<DType::BF16>;
    case DType::Q8_0:
        return &kExpanding<DType::Q8_0>;
    case DType::Q4_0:
        return &kExpanding<DType::Q4_0>;
    default:
        return nullptr;
    }
}

} // namespace hearth
