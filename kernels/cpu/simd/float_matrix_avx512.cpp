// Matrix products of float weights. few: bound by memory, a load (and a conversion) and a multiply-add per 16 weights.
// many: blocks of columns of 32 weight rows become a panel that VectorKernels::panelProduct multiplies.

#include "kernels/cpu/simd/float_matrix.h"
#include "kernels/cpu/simd/floats_avx512.h"

namespace hearth {

namespace {

constexpr int32_t kLanes = 16;
// As in quant_matrix_avx512.cpp.
constexpr int32_t kPrefetchBytes = 12288;
// A panel of 32 weight rows and so many columns takes 32 KB, and sums of this length stay exact enough.
constexpr int32_t kBlockColumns = 256;
constexpr int32_t kBlockRows = 2 * kPanelRows;

/// kWeights weight rows times kRows activation rows, 4 or 8 sums in all.
template <typename Type, int kWeights, int kRows>
inline void fewTile(const MatrixJob& job, const uint8_t* weights, int32_t firstRow, float* out) {
    constexpr int kSums = kWeights * kRows < 4 ? 4 : kWeights * kRows;
    __m512 sums[kSums] = {};
    const float* x[kRows];
    for (int r = 0; r < kRows; ++r)
        x[r] = job.floats + static_cast<size_t>(firstRow + r) * job.floatStride;
    const auto add = [&](int32_t column, auto loadWeight, auto loadActivation) {
        for (int n = 0; n < kWeights; ++n) {
            const uint8_t* at =
                weights + static_cast<size_t>(n) * job.rowBytes + static_cast<size_t>(column) * Type::kBytes;
            _mm_prefetch(reinterpret_cast<const char*>(at + kPrefetchBytes), _MM_HINT_T0);
            const __m512 weight = loadWeight(at);
            for (int r = 0; r < kRows; ++r)
                sums[n * kRows + r] = _mm512_fmadd_ps(weight, loadActivation(x[r] + column), sums[n * kRows + r]);
        }
    };
    int32_t column = 0;
    for (; column + kLanes <= job.columns; column += kLanes)
        add(
            column, [](const uint8_t* at) { return Type::load(at); },
            [](const float* at) { return _mm512_loadu_ps(at); });
    if (const __mmask16 mask = tailMask(job.columns - column); mask != 0)
        add(
            column, [mask](const uint8_t* at) { return Type::load(at, mask); },
            [mask](const float* at) { return _mm512_maskz_loadu_ps(mask, at); });
    float numbers[kSums];
    for (int first = 0; first < kSums; first += 4)
        _mm_storeu_ps(numbers + first, sumsOf(sums[first], sums[first + 1], sums[first + 2], sums[first + 3]));
    for (int n = 0; n < kWeights; ++n)
        for (int r = 0; r < kRows; ++r)
            out[static_cast<size_t>(firstRow + r) * job.outStride + static_cast<size_t>(n)] = numbers[n * kRows + r];
}

template <typename Type, int kWeights>
inline void fewRows(const MatrixJob& job, const uint8_t* weights, float* out) {
    int32_t row = 0;
    for (; row + 8 <= job.rows; row += 8)
        for (int n = 0; n < kWeights; ++n)
            fewTile<Type, 1, 8>(job, weights + static_cast<size_t>(n) * job.rowBytes, row, out + n);
    for (; row + 4 <= job.rows; row += 4)
        for (int n = 0; n < kWeights; ++n)
            fewTile<Type, 1, 4>(job, weights + static_cast<size_t>(n) * job.rowBytes, row, out + n);
    for (; row + 2 <= job.rows; row += 2)
        for (int n = 0; n < kWeights; n += 2)
            fewTile<Type, kWeights == 1 ? 1 : 2, 2>(job, weights + static_cast<size_t>(n) * job.rowBytes, row, out + n);
    if (row < job.rows)
        fewTile<Type, kWeights, 1>(job, weights, row, out);
}

template <typename Type>
void few(const MatrixJob& job) {
    int32_t n = 0;
    for (; n + 4 <= job.weightRows; n += 4)
        fewRows<Type, 4>(job, job.weights + static_cast<size_t>(n) * job.rowBytes, job.out + n);
    for (; n < job.weightRows; ++n)
        fewRows<Type, 1>(job, job.weights + static_cast<size_t>(n) * job.rowBytes, job.out + n);
}

/// The panel, and a place for the results of one that is only partly used.
size_t scratchBytes(int32_t) {
    return static_cast<size_t>(kBlockColumns) * kBlockRows * sizeof(float);
}

/// Columns first .. first + count of 16 weight rows as (count, kBlockRows).
template <typename Type>
void unpackPanel(const MatrixJob& job, int32_t firstWeight, int32_t first, int32_t count, float* panel) {
    for (int32_t column = 0; column < count; column += kLanes) {
        const int32_t left = count - column;
        const __mmask16 mask = left >= kLanes ? static_cast<__mmask16>(0xFFFF) : tailMask(left);
        __m512i rows[kPanelRows];
        for (int32_t n = 0; n < kPanelRows; ++n) {
            const uint8_t* row = job.weights + static_cast<size_t>(firstWeight + n) * job.rowBytes;
            rows[n] = _mm512_castps_si512(Type::load(row + static_cast<size_t>(first + column) * Type::kBytes, mask));
        }
        transpose(rows);
        for (int32_t c = 0; c < kLanes && c < left; ++c)
            _mm512_store_si512(panel + static_cast<size_t>(column + c) * kBlockRows, rows[c]);
    }
}

template <typename Type>
void many(const MatrixJob& job) {
    auto* panel = reinterpret_cast<float*>(job.scratch);
    const int32_t whole = job.weightRows / kPanelRows * kPanelRows;
    for (int32_t weight = 0; weight < whole; weight += kBlockRows) {
        const int32_t rows = whole - weight < kBlockRows ? kPanelRows : kBlockRows;
        for (int32_t column = 0; column < job.columns; column += kBlockColumns) {
            const int32_t count = job.columns - column < kBlockColumns ? job.columns - column : kBlockColumns;
            for (int32_t n = 0; n < rows; n += kPanelRows)
                unpackPanel<Type>(job, weight + n, column, count, panel + n);
            job.vectors->panelProduct({.a = job.floats + column,
                                       .aStride = job.floatStride,
                                       .b = panel,
                                       .bStride = kBlockRows,
                                       .c = job.out + weight,
                                       .cStride = job.outStride,
                                       .rows = job.rows,
                                       .depth = count,
                                       .columns = rows,
                                       .accumulate = column > 0});
        }
    }
    MatrixJob rest = job;
    rest.weights += static_cast<size_t>(whole) * job.rowBytes;
    rest.weightRows -= whole;
    rest.out += whole;
    few<Type>(rest);
}

template <typename Type>
constexpr MatrixKernel kKernel{ActivationForm::Float, few<Type>, many<Type>, scratchBytes};

} // namespace

const MatrixKernel kF32Avx512 = kKernel<F32>;
const MatrixKernel kF16Avx512 = kKernel<F16>;
const MatrixKernel kBf16Avx512 = kKernel<BF16>;

} // namespace hearth
