// Matrix products of quantised weights with 8-bit activations, by vpdpbusd: 64 products of an unsigned weight byte and
// a signed activation byte an instruction.
//
// few: bound by memory. Per 64 weights (34 to 68 bytes) 12 to 16 instructions, about 4 cycles: 40 GB/s and more for
// one core, twice what memory gives it. Each weight is read once for all rows.
// many: bound by the multiplier. A tile of 6 rows x 2 panels does 12 vpdpbusd per 4 columns with 6 broadcasts and 2
// loads; per 32 columns 96 of them meet 12 x 3 (4 with mins) float instructions, so at best about 70% of the peak.

#include "kernels/cpu/simd/quant_matrix.h"
#include "kernels/cpu/simd/unpack_avx512.h"

namespace hearth {

namespace {

constexpr int32_t kLanes = 16;
constexpr int32_t kStepValues = 64;
// Bytes ahead of the weights that are read. The hardware stops at each 4 KB page and loses four rows among each other;
// from 8 to 16 KB ahead one core reads 22 GB/s of 26 here, 1 KB ahead 14.
constexpr int32_t kPrefetchBytes = 12288;

// Panels read 16 rows side by side, each a stream of its own.
constexpr int32_t kPanelPrefetchBytes = 512;

/// Values that one unpack() gives.
template <typename Type>
constexpr int32_t kUnitValues = Type::kSteps* kStepValues;

/// Bytes of the blocks that one unpack() reads.
template <typename Type>
constexpr int32_t kUnitBytes = kUnitValues<Type> / Type::kBlockValues* Type::kBlockBytes;

/// Unpacks the unit that starts at column `column`; the last one of a row may have only its first block.
template <typename Type>
inline void unpackAt(const uint8_t* row, int32_t column, int32_t columns, Unpacked (&out)[Type::kSteps]) {
    const uint8_t* first = row + static_cast<size_t>(column / kUnitValues<Type>) * kUnitBytes<Type>;
    const bool whole = column + Type::kBlockValues < columns;
    Type::unpack(first, whole ? first + Type::kBlockBytes : first, out);
}

template <typename Type>
inline void prefetchUnit(const uint8_t* row, int32_t column, int32_t bytesAhead) {
    const uint8_t* ahead = row + static_cast<size_t>(column / kUnitValues<Type>) * kUnitBytes<Type> + bytesAhead;
    for (int32_t line = 0; line < kUnitBytes<Type>; line += 64)
        _mm_prefetch(reinterpret_cast<const char*>(ahead + line), _MM_HINT_T0);
}

/// One row of activations by lanes.
struct LaneRow {
    const int8_t* values;
    const float* scales;
    const float* sums;
    const int32_t* minus;
    const float* blockSums; ///< one per 32 columns
};

inline LaneRow laneRow(const Int8Rows& rows, int32_t row) {
    const size_t index = static_cast<size_t>(row);
    return {rows.values + index * rows.valueStride, rows.laneScales + index * rows.laneStride,
            rows.laneSums + index * rows.laneStride, rows.laneMinus + index * rows.laneStride,
            rows.sums32 + index * rows.blockStride};
}

/// Whether the mins of a unit's eight runs are added at once: two instructions a row instead of eight.
template <typename Type>
constexpr bool kMinsByUnit = requires(const uint8_t* block, Unpacked (&out)[4]) {
    Type::unpackScaled(block, out);
};

/// Adds the products of a unit's mins (lanes 8 .. 15 of `factors`) and the sums of its eight runs of activations.
inline __m512 addMins(__m512 factors, const LaneRow& x, int32_t column, __m512 sum) {
    const __m256 sums = _mm256_loadu_ps(x.blockSums + column / 32);
    return _mm512_fmadd_ps(factors, _mm512_insertf32x8(_mm512_setzero_ps(), sums, 1), sum);
}

/// Adds the products of 64 unpacked weights and activations to the 16 lanes of `sum`.
template <typename Type>
inline __m512 addProducts(const Unpacked& weights, const LaneRow& x, int32_t column, __m512 sum) {
    const int32_t lane = column / 4;
    __m512i start = _mm512_setzero_si512();
    if constexpr (!Type::kHasMins)
        start = _mm512_slli_epi32(_mm512_loadu_si512(x.minus + lane), Type::kOffsetBits);
    const __m512i dots = _mm512_dpbusd_epi32(start, weights.quants, _mm512_loadu_si512(x.values + column));
    sum =
        _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots), _mm512_mul_ps(weights.scales, _mm512_loadu_ps(x.scales + lane)), sum);
    if constexpr (Type::kHasMins && !kMinsByUnit<Type>)
        sum = _mm512_fmadd_ps(weights.mins, _mm512_loadu_ps(x.sums + lane), sum);
    return sum;
}

/// kWeights weight rows times kRows activation rows; their product is 4, the chains that hide the latencies of a sum,
/// or 8, where more rows share what a weight's unpacking costs.
template <typename Type, int kWeights, int kRows>
inline void fewTile(const MatrixJob& job, const uint8_t* weights, int32_t firstRow, float* out) {
    constexpr int kSums = kWeights * kRows < 4 ? 4 : kWeights * kRows;
    __m512 sums[kSums] = {};
    LaneRow x[kRows];
    for (int r = 0; r < kRows; ++r)
        x[r] = laneRow(job.int8, firstRow + r);
    for (int32_t column = 0; column < job.columns; column += kUnitValues<Type>) {
        for (int n = 0; n < kWeights; ++n) {
            const uint8_t* row = weights + static_cast<size_t>(n) * job.rowBytes;
            prefetchUnit<Type>(row, column, kPrefetchBytes);
            Unpacked unit[Type::kSteps];
            if constexpr (kMinsByUnit<Type>) {
                const __m512 factors =
                    Type::unpackScaled(row + static_cast<size_t>(column / kUnitValues<Type>) * kUnitBytes<Type>, unit);
                for (int r = 0; r < kRows; ++r)
                    sums[n * kRows + r] = addMins(factors, x[r], column, sums[n * kRows + r]);
            } else {
                unpackAt<Type>(row, column, job.columns, unit);
            }
            for (int step = 0; step < Type::kSteps; ++step)
                for (int r = 0; r < kRows; ++r)
                    sums[n * kRows + r] =
                        addProducts<Type>(unit[step], x[r], column + step * kStepValues, sums[n * kRows + r]);
        }
    }
    float numbers[kSums];
    for (int first = 0; first < kSums; first += 4)
        _mm_storeu_ps(numbers + first, sumsOf(sums[first], sums[first + 1], sums[first + 2], sums[first + 3]));
    for (int n = 0; n < kWeights; ++n)
        for (int r = 0; r < kRows; ++r)
            out[static_cast<size_t>(firstRow + r) * job.outStride + static_cast<size_t>(n)] = numbers[n * kRows + r];
}

/// All activation rows with kWeights (4 or 1) weight rows, which stay in the nearest cache meanwhile.
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

/// kPanelRows weight rows, interleaved: quants (columns / 4, 16 rows, 4), scales and mins (sub-blocks, 16 rows).
struct Panel {
    uint8_t* quants;
    float* scales;
    float* mins;
};

inline size_t paddedColumns(int32_t columns) {
    return (static_cast<size_t>(columns) + 255) / 256 * 256;
}

/// Room for two panels with sub-blocks of 16.
size_t scratchBytes(int32_t columns) {
    const size_t padded = paddedColumns(columns);
    return 2 * kPanelRows * (padded + 2 * padded / 16 * sizeof(float));
}

inline Panel panelAt(unsigned char* scratch, int32_t columns, int32_t index) {
    const size_t quants = kPanelRows * paddedColumns(columns);
    const size_t factors = quants / 16;
    auto* floats = reinterpret_cast<float*>(scratch + 2 * quants) + static_cast<size_t>(index) * 2 * factors;
    return {scratch + static_cast<size_t>(index) * quants, floats, floats + factors};
}

/// Lanes 0, 4, 8 .. (or 0, 8) of 16 rows as rows of 16: factors of the sub-blocks of 64 columns.
template <int32_t kSubBlock>
inline void storeFactors(const float (&rows)[kPanelRows][kLanes], float* out) {
    const __m512i places = _mm512_setr_epi32(0, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240);
    for (int32_t block = 0; block < kStepValues / kSubBlock; ++block)
        _mm512_storeu_ps(out + block * kPanelRows,
                         _mm512_i32gather_ps(places, &rows[0][block * (kSubBlock / 4)], sizeof(float)));
}

/// Weight rows beyond the slice's last repeat it, so that a panel is always whole.
template <typename Type>
void unpackPanel(const MatrixJob& job, int32_t firstWeight, const Panel& panel) {
    alignas(64) uint8_t quants[Type::kSteps][kPanelRows][kStepValues];
    alignas(64) float scales[Type::kSteps][kPanelRows][kLanes];
    alignas(64) float mins[Type::kSteps][kPanelRows][kLanes];
    for (int32_t column = 0; column < job.columns; column += kUnitValues<Type>) {
        for (int32_t n = 0; n < kPanelRows; ++n) {
            const int32_t weight = firstWeight + n < job.weightRows ? firstWeight + n : job.weightRows - 1;
            const uint8_t* row = job.weights + static_cast<size_t>(weight) * job.rowBytes;
            prefetchUnit<Type>(row, column, kPanelPrefetchBytes);
            Unpacked unit[Type::kSteps];
            unpackAt<Type>(row, column, job.columns, unit);
            for (int step = 0; step < Type::kSteps; ++step) {
                _mm512_store_si512(quants[step][n], unit[step].quants);
                _mm512_store_ps(scales[step][n], unit[step].scales);
                if constexpr (Type::kHasMins)
                    _mm512_store_ps(mins[step][n], unit[step].mins);
            }
        }
        for (int32_t step = 0; step < Type::kSteps; ++step) {
            const int32_t place = column + step * kStepValues;
            __m512i rows[kPanelRows];
            for (int32_t n = 0; n < kPanelRows; ++n)
                rows[n] = _mm512_load_si512(quants[step][n]);
            transpose(rows);
            for (int32_t four = 0; four < kLanes; ++four)
                _mm512_store_si512(panel.quants + static_cast<size_t>(place + 4 * four) * kPanelRows, rows[four]);
            const size_t factor = static_cast<size_t>(place / Type::kSubBlock) * kPanelRows;
            storeFactors<Type::kSubBlock>(scales[step], panel.scales + factor);
            if constexpr (Type::kHasMins)
                storeFactors<Type::kSubBlock>(mins[step], panel.mins + factor);
        }
    }
}

// 12 integer and 12 float sums, 2 registers of weights and a broadcast: 27 of 32 registers.
constexpr int32_t kTileRows = 6;

struct TileRow {
    const int8_t* values;
    const float* scales;
    const float* sums;
    const int32_t* minus;
};

/// kTileRows activation rows times kPanels panels. Of the rows only `rows` are stored, of the columns `columns`.
template <typename Type, int kPanels>
void manyTile(const MatrixJob& job, const Panel (&panels)[2], int32_t firstRow, int32_t rows, int32_t columns,
              float* out) {
    constexpr int32_t kFours = Type::kSubBlock / 4;
    TileRow x[kTileRows];
    for (int32_t r = 0; r < kTileRows; ++r) { // rows beyond the last repeat it
        const size_t row = static_cast<size_t>(firstRow + (r < rows ? r : rows - 1));
        const bool halves = Type::kSubBlock == 16;
        const size_t block = row * job.int8.blockStride;
        x[r] = {job.int8.values + row * job.int8.valueStride, job.int8.scales + block,
                halves ? job.int8.sums16 + 2 * block : job.int8.sums32 + block,
                halves ? job.int8.minus16 + 2 * block : job.int8.minus32 + block};
    }
    __m512 sums[kTileRows][kPanels] = {};
    const int32_t blocks = job.columns / Type::kSubBlock;
    for (int32_t block = 0; block < blocks; ++block) {
        __m512i dots[kTileRows][kPanels];
        for (int32_t r = 0; r < kTileRows; ++r)
            for (int p = 0; p < kPanels; ++p)
                dots[r][p] = Type::kHasMins
                                 ? _mm512_setzero_si512()
                                 : _mm512_slli_epi32(_mm512_set1_epi32(x[r].minus[block]), Type::kOffsetBits);
        for (int32_t four = block * kFours; four < (block + 1) * kFours; ++four) {
            __m512i weights[kPanels];
            for (int p = 0; p < kPanels; ++p)
                weights[p] = _mm512_load_si512(panels[p].quants + static_cast<size_t>(four) * 4 * kPanelRows);
            for (int32_t r = 0; r < kTileRows; ++r) {
                int32_t bytes;
                __builtin_memcpy(&bytes, x[r].values + 4 * four, sizeof(bytes));
                const __m512i broadcast = _mm512_set1_epi32(bytes);
                for (int p = 0; p < kPanels; ++p)
                    dots[r][p] = _mm512_dpbusd_epi32(dots[r][p], weights[p], broadcast);
            }
        }
        const size_t factor = static_cast<size_t>(block) * kPanelRows;
        for (int p = 0; p < kPanels; ++p) {
            const __m512 scales = _mm512_load_ps(panels[p].scales + factor);
            for (int32_t r = 0; r < kTileRows; ++r) {
                const __m512 scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(dots[r][p]), scales);
                const float scale = x[r].scales[block * Type::kSubBlock / 32];
                sums[r][p] = _mm512_fmadd_ps(scaled, _mm512_set1_ps(scale), sums[r][p]);
            }
            if constexpr (Type::kHasMins) {
                const __m512 mins = _mm512_load_ps(panels[p].mins + factor);
                for (int32_t r = 0; r < kTileRows; ++r)
                    sums[r][p] = _mm512_fmadd_ps(mins, _mm512_set1_ps(x[r].sums[block]), sums[r][p]);
            }
        }
    }
    for (int32_t r = 0; r < kTileRows; ++r) {
        if (r == rows)
            return;
        for (int p = 0; p < kPanels; ++p) {
            const int32_t left = columns - p * kLanes;
            const __mmask16 mask = left >= kLanes ? static_cast<__mmask16>(0xFFFF) : tailMask(left > 0 ? left : 0);
            _mm512_mask_storeu_ps(out + static_cast<size_t>(r) * job.outStride + p * kLanes, mask, sums[r][p]);
        }
    }
}

template <typename Type>
void many(const MatrixJob& job) {
    for (int32_t first = 0; first < job.weightRows; first += 2 * kPanelRows) {
        const int32_t columns = job.weightRows - first < 2 * kPanelRows ? job.weightRows - first : 2 * kPanelRows;
        const Panel panels[2] = {panelAt(job.scratch, job.columns, 0), panelAt(job.scratch, job.columns, 1)};
        unpackPanel<Type>(job, first, panels[0]);
        if (columns > kPanelRows)
            unpackPanel<Type>(job, first + kPanelRows, panels[1]);
        for (int32_t row = 0; row < job.rows; row += kTileRows) {
            const int32_t rows = job.rows - row < kTileRows ? job.rows - row : kTileRows;
            float* out = job.out + static_cast<size_t>(row) * job.outStride + first;
            if (columns > kPanelRows)
                manyTile<Type, 2>(job, panels, row, rows, columns, out);
            else
                manyTile<Type, 1>(job, panels, row, rows, columns, out);
        }
    }
}

template <typename Type>
constexpr MatrixKernel kKernel{ActivationForm::Int8, few<Type>, many<Type>, scratchBytes};

} // namespace

const MatrixKernel kQ4_0Avx512 = kKernel<Q4_0>;
const MatrixKernel kQ4_1Avx512 = kKernel<Q4_1>;
const MatrixKernel kQ5_0Avx512 = kKernel<Q5_0>;
const MatrixKernel kQ5_1Avx512 = kKernel<Q5_1>;
const MatrixKernel kQ8_0Avx512 = kKernel<Q8_0>;
const MatrixKernel kQ2KAvx512 = kKernel<Q2K>;
const MatrixKernel kQ3KAvx512 = kKernel<Q3K>;
const MatrixKernel kQ4KAvx512 = kKernel<Q4K>;
const MatrixKernel kQ5KAvx512 = kKernel<Q5K>;
const MatrixKernel kQ6KAvx512 = kKernel<Q6K>;
const MatrixKernel kIq4NlAvx512 = kKernel<Iq4Nl>;
const MatrixKernel kIq4XsAvx512 = kKernel<Iq4Xs>;
const MatrixKernel kMxfp4Avx512 = kKernel<Mxfp4>;

} // namespace hearth
