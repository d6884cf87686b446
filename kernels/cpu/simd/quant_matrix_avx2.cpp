// Matrix products of quantised weights with 8-bit activations, by vpmaddubsw: unsigned weight bytes times signed
// activation bytes, added in pairs to 16 bits. Activations are at most 127 in magnitude, so a pair is at most 254 times
// the largest weight: no sum of kPairSums pairs can overflow. Signed weights pass their sign to the activations.
//
// few: bound by memory on most machines: per 32 weights 11 to 18 instructions. many: a tile of 4 rows x 16 weights; per
// 4 columns 2 instructions each for types of four bits and fewer, 3 for others.

#include "kernels/cpu/simd/quant_matrix.h"
#include "kernels/cpu/simd/unpack_avx2.h"

namespace hearth {

namespace {

constexpr int32_t kLanes = 8;
constexpr int32_t kStepValues = 32;
// As in quant_matrix_avx512.cpp.
constexpr int32_t kPrefetchBytes = 12288;

template <typename Type>
constexpr int32_t kBlockValues = Type::kSteps* kStepValues;

/// Products whose pairs fit into 16 bits when added up, as a power of two.
template <typename Type>
constexpr int32_t kPairSums = Type::kLargest <= 15   ? 8
                              : Type::kLargest <= 31 ? 4
                              : Type::kLargest <= 63 ? 2
                                                     : 1;

/// The sums of pairs of products.
template <typename Type>
inline __m256i pairProducts(__m256i weights, __m256i x) {
    if constexpr (Type::kSigned)
        return _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(x, weights));
    return _mm256_maddubs_epi16(weights, x);
}

inline __m256i foursOf(__m256i pairs) {
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

/// One row of activations by lanes.
struct LaneRow {
    const int8_t* values;
    const float* scales;
    const float* sums;
    const int32_t* minus;
};

inline LaneRow laneRow(const Int8Rows& rows, int32_t row) {
    const size_t index = static_cast<size_t>(row);
    return {rows.values + index * rows.valueStride, rows.laneScales + index * rows.laneStride,
            rows.laneSums + index * rows.laneStride, rows.laneMinus + index * rows.laneStride};
}

/// Adds the products of 32 unpacked weights and activations to the 8 lanes of `sum`.
template <typename Type>
inline __m256 addProducts(const Unpacked& weights, const LaneRow& x, int32_t column, __m256 sum) {
    const int32_t lane = column / 4;
    const __m256i values = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x.values + column));
    __m256i dots = foursOf(pairProducts<Type>(weights.quants, values));
    if constexpr (!Type::kHasMins && !Type::kSigned) {
        const __m256i minus = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x.minus + lane));
        dots = _mm256_add_epi32(dots, _mm256_slli_epi32(minus, Type::kOffsetBits));
    }
    sum =
        _mm256_fmadd_ps(_mm256_cvtepi32_ps(dots), _mm256_mul_ps(weights.scales, _mm256_loadu_ps(x.scales + lane)), sum);
    if constexpr (Type::kHasMins)
        sum = _mm256_fmadd_ps(weights.mins, _mm256_loadu_ps(x.sums + lane), sum);
    return sum;
}

/// kWeights weight rows times kRows activation rows; their product is 4, the chains that hide the latencies of a sum.
template <typename Type, int kWeights, int kRows>
inline void fewTile(const MatrixJob& job, const uint8_t* weights, int32_t firstRow, float* out) {
    __m256 sums[4] = {};
    LaneRow x[kRows];
    for (int r = 0; r < kRows; ++r)
        x[r] = laneRow(job.int8, firstRow + r);
    for (int32_t column = 0; column < job.columns; column += kBlockValues<Type>) {
        for (int n = 0; n < kWeights; ++n) {
            const uint8_t* at = weights + static_cast<size_t>(n) * job.rowBytes
                                + static_cast<size_t>(column / kBlockValues<Type>) * Type::kBlockBytes;
            for (int32_t line = 0; line < Type::kBlockBytes; line += 64)
                _mm_prefetch(reinterpret_cast<const char*>(at + kPrefetchBytes + line), _MM_HINT_T0);
            const Type block{at};
#pragma GCC unroll 8
            for (int step = 0; step < Type::kSteps; ++step) {
                const Unpacked unpacked = block.at(step);
                for (int r = 0; r < kRows; ++r)
                    sums[n * kRows + r] =
                        addProducts<Type>(unpacked, x[r], column + step * kStepValues, sums[n * kRows + r]);
            }
        }
    }
    float numbers[4];
    _mm_storeu_ps(numbers, sumsOf(sums[0], sums[1], sums[2], sums[3]));
    for (int n = 0; n < kWeights; ++n)
        for (int r = 0; r < kRows; ++r)
            out[static_cast<size_t>(firstRow + r) * job.outStride + static_cast<size_t>(n)] = numbers[n * kRows + r];
}

/// All activation rows with kWeights (4 or 1) weight rows, which stay in the nearest cache meanwhile.
template <typename Type, int kWeights>
inline void fewRows(const MatrixJob& job, const uint8_t* weights, float* out) {
    int32_t row = 0;
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

size_t scratchBytes(int32_t columns) {
    const size_t padded = (static_cast<size_t>(columns) + 255) / 256 * 256;
    return kPanelRows * (padded + 2 * padded / 16 * sizeof(float));
}

inline Panel panelAt(unsigned char* scratch, int32_t columns) {
    const size_t quants = kPanelRows * ((static_cast<size_t>(columns) + 255) / 256 * 256);
    auto* floats = reinterpret_cast<float*>(scratch + quants);
    return {scratch, floats, floats + quants / 16};
}

/// Weight rows beyond the slice's last repeat it, so that a panel is always whole.
template <typename Type>
void unpackPanel(const MatrixJob& job, int32_t firstWeight, const Panel& panel) {
    alignas(32) uint8_t quants[Type::kSteps][kPanelRows][kStepValues];
    constexpr int32_t kSubBlocks = kStepValues / Type::kSubBlock;
    for (int32_t column = 0; column < job.columns; column += kBlockValues<Type>) {
        for (int32_t n = 0; n < kPanelRows; ++n) {
            const int32_t weight = firstWeight + n < job.weightRows ? firstWeight + n : job.weightRows - 1;
            const Type block{job.weights + static_cast<size_t>(weight) * job.rowBytes
                             + static_cast<size_t>(column / kBlockValues<Type>) * Type::kBlockBytes};
            for (int step = 0; step < Type::kSteps; ++step) {
                const Unpacked unpacked = block.at(step);
                _mm256_store_si256(reinterpret_cast<__m256i*>(quants[step][n]), unpacked.quants);
                const size_t factor = static_cast<size_t>(column / Type::kSubBlock + step * kSubBlocks);
                for (int32_t sub = 0; sub < kSubBlocks; ++sub) {
                    const size_t place = (factor + static_cast<size_t>(sub)) * kPanelRows + static_cast<size_t>(n);
                    panel.scales[place] = unpacked.scales[sub * 4];
                    if constexpr (Type::kHasMins)
                        panel.mins[place] = unpacked.mins[sub * 4];
                }
            }
        }
        for (int32_t step = 0; step < Type::kSteps; ++step) {
            for (int32_t half = 0; half < kPanelRows; half += kLanes) {
                __m256i rows[kLanes];
                for (int32_t n = 0; n < kLanes; ++n)
                    rows[n] = _mm256_load_si256(reinterpret_cast<const __m256i*>(quants[step][half + n]));
                transpose(rows);
                for (int32_t four = 0; four < kLanes; ++four) {
                    const size_t place = static_cast<size_t>(column + step * kStepValues + 4 * four) * kPanelRows;
                    _mm256_store_si256(reinterpret_cast<__m256i*>(panel.quants + place + 4 * half), rows[four]);
                }
            }
        }
    }
}

// 8 integer sums, 2 registers of weights, a broadcast, a product and a constant: the float sums live in the L1 cache.
constexpr int32_t kTileRows = 4;

struct TileRow {
    const int8_t* values;
    const float* scales;
    const float* sums;
    const int32_t* minus;
};

/// Products of one sub-block: (kTileRows, 16 weights).
template <typename Type>
inline void dotTile(const TileRow (&x)[kTileRows], const Panel& panel, int32_t block, __m256i (&dots)[kTileRows][2]) {
    constexpr int32_t kFours = Type::kSubBlock / 4;
    for (int32_t r = 0; r < kTileRows; ++r)
        dots[r][0] = dots[r][1] = Type::kHasMins || Type::kSigned
                                      ? _mm256_setzero_si256()
                                      : _mm256_set1_epi32(x[r].minus[block] * (1 << Type::kOffsetBits));
    constexpr int32_t kPairs = kPairSums<Type> < kFours ? kPairSums<Type> : kFours;
    for (int32_t first = block * kFours; first < (block + 1) * kFours; first += kPairs) {
        __m256i pairs[kTileRows][2] = {};
        for (int32_t four = first; four < first + kPairs; ++four) {
            const uint8_t* at = panel.quants + static_cast<size_t>(four) * 4 * kPanelRows;
            const __m256i low = _mm256_load_si256(reinterpret_cast<const __m256i*>(at));
            const __m256i high = _mm256_load_si256(reinterpret_cast<const __m256i*>(at + 32));
            for (int32_t r = 0; r < kTileRows; ++r) {
                int32_t bytes;
                __builtin_memcpy(&bytes, x[r].values + 4 * four, sizeof(bytes));
                const __m256i spread = _mm256_set1_epi32(bytes);
                pairs[r][0] = _mm256_add_epi16(pairs[r][0], pairProducts<Type>(low, spread));
                pairs[r][1] = _mm256_add_epi16(pairs[r][1], pairProducts<Type>(high, spread));
            }
        }
        for (int32_t r = 0; r < kTileRows; ++r)
            for (int32_t half = 0; half < 2; ++half)
                dots[r][half] = _mm256_add_epi32(dots[r][half], foursOf(pairs[r][half]));
    }
}

/// kTileRows activation rows times one panel. Of the rows only `rows` are stored, of the columns `columns`.
template <typename Type>
void manyTile(const MatrixJob& job, const Panel& panel, int32_t firstRow, int32_t rows, int32_t columns, float* out) {
    TileRow x[kTileRows];
    for (int32_t r = 0; r < kTileRows; ++r) { // rows beyond the last repeat it
        const size_t row = static_cast<size_t>(firstRow + (r < rows ? r : rows - 1));
        const bool halves = Type::kSubBlock == 16;
        const size_t block = row * job.int8.blockStride;
        x[r] = {job.int8.values + row * job.int8.valueStride, job.int8.scales + block,
                halves ? job.int8.sums16 + 2 * block : job.int8.sums32 + block,
                halves ? job.int8.minus16 + 2 * block : job.int8.minus32 + block};
    }
    __m256 sums[kTileRows][2] = {};
    const int32_t blocks = job.columns / Type::kSubBlock;
    for (int32_t block = 0; block < blocks; ++block) {
        __m256i dots[kTileRows][2];
        dotTile<Type>(x, panel, block, dots);
        for (int32_t half = 0; half < 2; ++half) {
            const size_t factor = static_cast<size_t>(block) * kPanelRows + static_cast<size_t>(half * kLanes);
            const __m256 scales = _mm256_load_ps(panel.scales + factor);
            for (int32_t r = 0; r < kTileRows; ++r) {
                const __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(dots[r][half]), scales);
                const __m256 scale = _mm256_broadcast_ss(x[r].scales + block * Type::kSubBlock / 32);
                sums[r][half] = _mm256_fmadd_ps(scaled, scale, sums[r][half]);
                if constexpr (Type::kHasMins)
                    sums[r][half] = _mm256_fmadd_ps(_mm256_load_ps(panel.mins + factor),
                                                    _mm256_broadcast_ss(x[r].sums + block), sums[r][half]);
            }
        }
    }
    for (int32_t r = 0; r < rows; ++r)
        for (int32_t half = 0; half < 2; ++half)
            _mm256_maskstore_ps(out + static_cast<size_t>(r) * job.outStride + half * kLanes,
                                tailMask(columns - half * kLanes), sums[r][half]);
}

template <typename Type>
void many(const MatrixJob& job) {
    const Panel panel = panelAt(job.scratch, job.columns);
    for (int32_t first = 0; first < job.weightRows; first += kPanelRows) {
        const int32_t columns = job.weightRows - first < kPanelRows ? job.weightRows - first : kPanelRows;
        unpackPanel<Type>(job, first, panel);
        for (int32_t row = 0; row < job.rows; row += kTileRows) {
            const int32_t rows = job.rows - row < kTileRows ? job.rows - row : kTileRows;
            manyTile<Type>(job, panel, row, rows, columns, job.out + static_cast<size_t>(row) * job.outStride + first);
        }
    }
}

template <typename Type>
constexpr MatrixKernel kKernel{ActivationForm::Int8, few<Type>, many<Type>, scratchBytes};

} // namespace

const MatrixKernel kQ4_0Avx2 = kKernel<Q4_0>;
const MatrixKernel kQ4_1Avx2 = kKernel<Q4_1>;
const MatrixKernel kQ5_0Avx2 = kKernel<Q5_0>;
const MatrixKernel kQ5_1Avx2 = kKernel<Q5_1>;
const MatrixKernel kQ8_0Avx2 = kKernel<Q8_0>;
const MatrixKernel kQ2KAvx2 = kKernel<Q2K>;
const MatrixKernel kQ3KAvx2 = kKernel<Q3K>;
const MatrixKernel kQ4KAvx2 = kKernel<Q4K>;
const MatrixKernel kQ5KAvx2 = kKernel<Q5K>;
const MatrixKernel kQ6KAvx2 = kKernel<Q6K>;
const MatrixKernel kIq4NlAvx2 = kKernel<Iq4Nl>;
const MatrixKernel kIq4XsAvx2 = kKernel<Iq4Xs>;
const MatrixKernel kMxfp4Avx2 = kKernel<Mxfp4>;

} // namespace hearth
