#include "kernels/cpu/simd/vector_kernels.h"

#include "kernels/cpu/simd/registers_avx512.h"

namespace hearth {

namespace {

constexpr int32_t kLanes = 16;

/// Calls full(i) for each whole register of a row and, for what is left, rest(i, mask).
template <typename Full, typename Rest>
inline void forEachRegister(int32_t count, Full full, Rest rest) {
    int32_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        full(i);
    if (i < count)
        rest(i, tailMask(count - i));
}

float dot(const float* a, const float* b, int32_t count) {
    // Four chains hide the latency of the multiply-add (4 cycles, two a cycle need eight; loads limit to four).
    __m512 sums[4] = {};
    int32_t i = 0;
    for (; i + 4 * kLanes <= count; i += 4 * kLanes)
        for (int chain = 0; chain < 4; ++chain)
            sums[chain] = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + kLanes * chain),
                                          _mm512_loadu_ps(b + i + kLanes * chain), sums[chain]);
    forEachRegister(
        count - i,
        [&](int32_t j) { sums[0] = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + j), _mm512_loadu_ps(b + i + j), sums[0]); },
        [&](int32_t j, __mmask16 mask) {
            sums[1] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, a + i + j), _mm512_maskz_loadu_ps(mask, b + i + j),
                                      sums[1]);
        });
    return sumOf(_mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}

void addScaled(const float* in, float scale, int32_t count, float* inOut) {
    const __m512 factor = _mm512_set1_ps(scale);
    forEachRegister(
        count,
        [&](int32_t i) {
            const __m512 sum = _mm512_fmadd_ps(factor, _mm512_loadu_ps(in + i), _mm512_loadu_ps(inOut + i));
            _mm512_storeu_ps(inOut + i, sum);
        },
        [&](int32_t i, __mmask16 mask) {
            const __m512 sum =
                _mm512_fmadd_ps(factor, _mm512_maskz_loadu_ps(mask, in + i), _mm512_maskz_loadu_ps(mask, inOut + i));
            _mm512_mask_storeu_ps(inOut + i, mask, sum);
        });
}

inline float inverseRoot(float square) {
    const __m128 root = _mm_sqrt_ss(_mm_set_ss(square));
    return _mm_cvtss_f32(_mm_div_ss(_mm_set_ss(1.0F), root));
}

void rmsNorm(const float* in, const float* weight, float epsilon, int32_t count, float* out) {
    const float squares = dot(in, in, count);
    const __m512 factor = _mm512_set1_ps(inverseRoot(squares / static_cast<float>(count) + epsilon));
    forEachRegister(
        count,
        [&](int32_t i) {
            __m512 v = _mm512_mul_ps(_mm512_loadu_ps(in + i), factor);
            if (weight != nullptr)
                v = _mm512_mul_ps(v, _mm512_loadu_ps(weight + i));
            _mm512_storeu_ps(out + i, v);
        },
        [&](int32_t i, __mmask16 mask) {
            __m512 v = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, in + i), factor);
            if (weight != nullptr)
                v = _mm512_mul_ps(v, _mm512_maskz_loadu_ps(mask, weight + i));
            _mm512_mask_storeu_ps(out + i, mask, v);
        });
}

void layerNorm(const float* in, const float* weight, const float* bias, float epsilon, int32_t count, float* out) {
    __m512 sum = _mm512_setzero_ps();
    forEachRegister(
        count, [&](int32_t i) { sum = _mm512_add_ps(sum, _mm512_loadu_ps(in + i)); },
        [&](int32_t i, __mmask16 mask) { sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, in + i)); });
    const __m512 mean = _mm512_set1_ps(sumOf(sum) / static_cast<float>(count));
    __m512 squares = _mm512_setzero_ps();
    const auto centred = [&](int32_t i, __mmask16 mask) {
        return _mm512_maskz_sub_ps(mask, _mm512_maskz_loadu_ps(mask, in + i), mean);
    };
    const auto addSquare = [&](int32_t i, __mmask16 mask) {
        const __m512 v = centred(i, mask);
        squares = _mm512_fmadd_ps(v, v, squares);
    };
    forEachRegister(
        count, [&](int32_t i) { addSquare(i, 0xFFFF); }, addSquare);
    const __m512 factor = _mm512_set1_ps(inverseRoot(sumOf(squares) / static_cast<float>(count) + epsilon));
    const auto store = [&](int32_t i, __mmask16 mask) {
        __m512 v = _mm512_mul_ps(centred(i, mask), factor);
        if (weight != nullptr)
            v = _mm512_mul_ps(v, _mm512_maskz_loadu_ps(mask, weight + i));
        if (bias != nullptr)
            v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(mask, bias + i));
        _mm512_mask_storeu_ps(out + i, mask, v);
    };
    forEachRegister(
        count, [&](int32_t i) { store(i, 0xFFFF); }, store);
}

/// The largest magnitude of 32 numbers; NaN if there is one. Magnitudes are compared as integers, where a NaN is the
/// largest; a comparison of floats would lose it.
inline float largestMagnitude(__m512 a, __m512 b) {
    const __m512i magnitudes =
        _mm512_max_epi32(_mm512_castps_si512(_mm512_abs_ps(a)), _mm512_castps_si512(_mm512_abs_ps(b)));
    const __m256i half = _mm256_max_epi32(_mm512_castsi512_si256(magnitudes), _mm512_extracti64x4_epi64(magnitudes, 1));
    __m128i quarter = _mm_max_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    quarter = _mm_max_epi32(quarter, _mm_shuffle_epi32(quarter, 0x4E));
    quarter = _mm_max_epi32(quarter, _mm_shuffle_epi32(quarter, 0xB1));
    return _mm_cvtss_f32(_mm_castsi128_ps(quarter));
}

/// The 8-bit numbers of a block of 32, and its scale, which is not finite if a number is not.
inline float quantiseBlock(const float* in, int8_t* out) {
    const __m512 low = _mm512_loadu_ps(in);
    const __m512 high = _mm512_loadu_ps(in + kLanes);
    const float largest = largestMagnitude(low, high);
    // Below this 127 / largest overflows; nothing that small survives a sum with its neighbours.
    const float inverse = largest > 1e-36F ? 127.0F / largest : 0.0F;
    const __m512 factor = _mm512_set1_ps(inverse);
    const __m512i roundedLow = _mm512_cvtps_epi32(_mm512_mul_ps(low, factor));
    const __m512i roundedHigh = _mm512_cvtps_epi32(_mm512_mul_ps(high, factor));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm512_cvtsepi32_epi8(roundedLow));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + kLanes), _mm512_cvtsepi32_epi8(roundedHigh));
    return largest / 127.0F;
}

void quantise(const float* in, int32_t columns, const Int8Rows& out, int32_t row) {
    const size_t index = static_cast<size_t>(row);
    int8_t* values = out.values + index * out.valueStride;
    const __m512i ones = _mm512_set1_epi8(1);
    for (int32_t column = 0; column < columns; column += 64) {
        const bool whole = column + 64 <= columns;
        const float low = quantiseBlock(in + column, values + column);
        float high = 0;
        if (whole)
            high = quantiseBlock(in + column + 32, values + column + 32);
        else
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(values + column + 32), _mm256_setzero_si256());
        const __m512i sums = _mm512_dpbusd_epi32(_mm512_setzero_si512(), ones, _mm512_loadu_si512(values + column));
        const __m512 scales = _mm512_insertf32x8(_mm512_set1_ps(low), _mm256_set1_ps(high), 1);
        const __m512i minus = _mm512_sub_epi32(_mm512_setzero_si512(), sums);
        // Every lane becomes the sum of its four neighbours, then of its eight.
        __m512i minus16 = _mm512_add_epi32(minus, _mm512_shuffle_epi32(minus, _MM_PERM_CDAB));
        minus16 = _mm512_add_epi32(minus16, _mm512_shuffle_epi32(minus16, _MM_PERM_BADC));
        const __m512i minus32 = _mm512_add_epi32(minus16, _mm512_shuffle_i32x4(minus16, minus16, 0xB1));
        const __m512 negative = _mm512_sub_ps(_mm512_setzero_ps(), scales);
        const __m512 sums32 = _mm512_mul_ps(negative, _mm512_cvtepi32_ps(minus32));
        const size_t block = index * out.blockStride + static_cast<size_t>(column / 32);
        _mm512_mask_compressstoreu_ps(out.sums32 + block, 0x0101, sums32);
        if (out.laneScales != nullptr) {
            const size_t lane = index * out.laneStride + static_cast<size_t>(column / 4);
            _mm512_storeu_ps(out.laneScales + lane, scales);
            _mm512_storeu_ps(out.laneSums + lane, _mm512_mul_ps(scales, _mm512_cvtepi32_ps(sums)));
            _mm512_storeu_si512(out.laneMinus + lane, minus);
            continue;
        }
        const __m512 sums16 = _mm512_mul_ps(negative, _mm512_cvtepi32_ps(minus16));
        _mm512_mask_compressstoreu_ps(out.scales + block, 0x0101, scales);
        _mm512_mask_compressstoreu_epi32(out.minus32 + block, 0x0101, minus32);
        _mm512_mask_compressstoreu_ps(out.sums16 + 2 * block, 0x1111, sums16);
        _mm512_mask_compressstoreu_epi32(out.minus16 + 2 * block, 0x1111, minus16);
    }
}

inline __m512 sigmoidTimes(__m512 x, __m512 argument) {
    const __m512 one = _mm512_set1_ps(1.0F);
    return _mm512_div_ps(x, _mm512_add_ps(one, expOf(_mm512_sub_ps(_mm512_setzero_ps(), argument))));
}

template <typename Function>
inline void activate(const float* gate, const float* up, int32_t count, float* out, Function function) {
    const auto one = [&](int32_t i, __mmask16 mask) {
        const __m512 u = _mm512_maskz_loadu_ps(mask, up + i);
        const __m512 v =
            gate == nullptr ? function(u) : _mm512_mul_ps(function(_mm512_maskz_loadu_ps(mask, gate + i)), u);
        _mm512_mask_storeu_ps(out + i, mask, v);
    };
    forEachRegister(
        count, [&](int32_t i) { one(i, 0xFFFF); }, one);
}

void silu(const float* gate, const float* up, int32_t count, float* out) {
    activate(gate, up, count, out, [](__m512 x) { return sigmoidTimes(x, x); });
}

void geluTanh(const float* gate, const float* up, int32_t count, float* out) {
    // (1 + tanh(u)) / 2 = sigmoid(2 u), which loses nothing where tanh is near -1.
    activate(gate, up, count, out, [](__m512 x) {
        const __m512 square = _mm512_mul_ps(x, x);
        const __m512 inner = _mm512_fmadd_ps(square, _mm512_set1_ps(0.044715F), _mm512_set1_ps(1.0F));
        const __m512 u = _mm512_mul_ps(_mm512_mul_ps(x, inner), _mm512_set1_ps(2.0F * 0.7978845608028654F));
        return sigmoidTimes(x, u);
    });
}

void relu(const float* gate, const float* up, int32_t count, float* out) {
    activate(gate, up, count, out, [](__m512 x) { return _mm512_max_ps(_mm512_setzero_ps(), x); });
}

void softCap(float cap, int32_t count, float* inOut) {
    const __m512 factor = _mm512_set1_ps(cap);
    const auto one = [&](int32_t i, __mmask16 mask) {
        const __m512 v = tanhOf(_mm512_div_ps(_mm512_maskz_loadu_ps(mask, inOut + i), factor));
        _mm512_mask_storeu_ps(inOut + i, mask, _mm512_mul_ps(v, factor));
    };
    forEachRegister(
        count, [&](int32_t i) { one(i, 0xFFFF); }, one);
}

float softmaxStep(float scale, int32_t count, float* scores, float* maximum, float* sum) {
    const __m512 factor = _mm512_set1_ps(scale);
    __m512 highest = _mm512_set1_ps(*maximum);
    const auto scaleOne = [&](int32_t i, __mmask16 mask) {
        const __m512 v = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, scores + i), factor);
        _mm512_mask_storeu_ps(scores + i, mask, v);
        highest = _mm512_mask_max_ps(highest, mask, highest, v);
    };
    forEachRegister(
        count, [&](int32_t i) { scaleOne(i, 0xFFFF); }, scaleOne);
    const float newMaximum = maximumOf(highest);
    // Most steps find nothing larger: then the factor costs nothing.
    float rescale = 1.0F;
    if (*maximum != newMaximum)
        rescale = _mm512_cvtss_f32(expOf(_mm512_set1_ps(*maximum - newMaximum)));
    highest = _mm512_set1_ps(newMaximum);
    __m512 total = _mm512_setzero_ps();
    const auto expOne = [&](int32_t i, __mmask16 mask) {
        const __m512 v =
            _mm512_maskz_mov_ps(mask, expOf(_mm512_sub_ps(_mm512_maskz_loadu_ps(mask, scores + i), highest)));
        _mm512_mask_storeu_ps(scores + i, mask, v);
        total = _mm512_add_ps(total, v);
    };
    forEachRegister(
        count, [&](int32_t i) { expOne(i, 0xFFFF); }, expOne);
    *maximum = newMaximum;
    *sum = *sum * rescale + sumOf(total);
    return rescale;
}

// 6 rows x 4 registers of columns = 24 sums in flight, above the 8 that two multiply-adds a cycle of latency 4 need;
// 4 registers hold b, each number of a is broadcast by its instruction.
constexpr int32_t kTileRows = 6;
// Sums are added to c after so many products: a chain of float sums of this length errs by about 4e-7 of its spread.
constexpr int32_t kDepthBlock = 256;

template <int32_t kRegisters>
inline void panelTile(const PanelProduct& job, const float* const (&a)[kTileRows], const float* b, float* c,
                      int32_t rows, int32_t depth, bool accumulate) {
    __m512 sums[kTileRows][kRegisters] = {};
    for (int32_t k = 0; k < depth; ++k) {
        __m512 columns[kRegisters];
        for (int32_t n = 0; n < kRegisters; ++n)
            columns[n] = _mm512_loadu_ps(b + n * kLanes);
        for (int32_t r = 0; r < kTileRows; ++r)
            for (int32_t n = 0; n < kRegisters; ++n)
                sums[r][n] = _mm512_fmadd_ps(_mm512_set1_ps(a[r][k]), columns[n], sums[r][n]);
        b += job.bStride;
    }
    for (int32_t r = 0; r < kTileRows; ++r) {
        if (r == rows)
            return;
        float* out = c + static_cast<size_t>(r) * job.cStride;
        for (int32_t n = 0; n < kRegisters; ++n) {
            const __m512 sum = accumulate ? _mm512_add_ps(_mm512_loadu_ps(out + n * kLanes), sums[r][n]) : sums[r][n];
            _mm512_storeu_ps(out + n * kLanes, sum);
        }
    }
}

void panelProduct(const PanelProduct& job) {
    for (int32_t first = 0; first < job.rows; first += kTileRows) {
        const int32_t rows = job.rows - first < kTileRows ? job.rows - first : kTileRows;
        for (int32_t k = 0; k < job.depth; k += kDepthBlock) {
            const int32_t depth = job.depth - k < kDepthBlock ? job.depth - k : kDepthBlock;
            const bool accumulate = job.accumulate || k > 0;
            const float* a[kTileRows];
            for (int32_t r = 0; r < kTileRows; ++r) // rows beyond the last repeat it and are not stored
                a[r] = job.a + static_cast<size_t>(first + (r < rows ? r : rows - 1)) * job.aStride + k;
            const float* b = job.b + static_cast<size_t>(k) * job.bStride;
            float* c = job.c + static_cast<size_t>(first) * job.cStride;
            int32_t column = 0;
            for (; column + 4 * kLanes <= job.columns; column += 4 * kLanes)
                panelTile<4>(job, a, b + column, c + column, rows, depth, accumulate);
            for (; column + 2 * kLanes <= job.columns; column += 2 * kLanes)
                panelTile<2>(job, a, b + column, c + column, rows, depth, accumulate);
            for (; column < job.columns; column += kLanes)
                panelTile<1>(job, a, b + column, c + column, rows, depth, accumulate);
        }
    }
}

void rotateHalves(const float* cosines, const float* sines, int32_t pairs, float* head) {
    const auto one = [&](int32_t i, __mmask16 mask) {
        const __m512 cosine = _mm512_maskz_loadu_ps(mask, cosines + i);
        const __m512 sine = _mm512_maskz_loadu_ps(mask, sines + i);
        const __m512 a = _mm512_maskz_loadu_ps(mask, head + i);
        const __m512 b = _mm512_maskz_loadu_ps(mask, head + pairs + i);
        _mm512_mask_storeu_ps(head + i, mask, _mm512_fmsub_ps(a, cosine, _mm512_mul_ps(b, sine)));
        _mm512_mask_storeu_ps(head + pairs + i, mask, _mm512_fmadd_ps(a, sine, _mm512_mul_ps(b, cosine)));
    };
    forEachRegister(
        pairs, [&](int32_t i) { one(i, 0xFFFF); }, one);
}

void rotateNeighbours(const float* cosines, const float* sines, int32_t pairs, float* head) {
    const __m512i twice = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    const auto one = [&](int32_t i, __mmask16 mask) { // i counts numbers, two a pair
        const int32_t left = pairs - i / 2;
        const __mmask16 half = left >= 8 ? static_cast<__mmask16>(0xFF) : tailMask(left);
        const __m512 cosine = _mm512_permutexvar_ps(twice, _mm512_maskz_loadu_ps(half, cosines + i / 2));
        const __m512 sine = _mm512_permutexvar_ps(twice, _mm512_maskz_loadu_ps(half, sines + i / 2));
        const __m512 v = _mm512_maskz_loadu_ps(mask, head + i);
        const __m512 swapped = _mm512_permute_ps(v, 0xB1);
        _mm512_mask_storeu_ps(head + i, mask, _mm512_fmaddsub_ps(v, cosine, _mm512_mul_ps(swapped, sine)));
    };
    forEachRegister(
        2 * pairs, [&](int32_t i) { one(i, 0xFFFF); }, one);
}

void transpose16(const float* in, size_t inStride, int32_t columns, float* out, size_t outStride) {
    const auto one = [&](int32_t column, __mmask16 mask) {
        __m512i rows[16];
        for (size_t n = 0; n < 16; ++n)
            rows[n] = _mm512_castps_si512(_mm512_maskz_loadu_ps(mask, in + n * inStride + column));
        transpose(rows);
        for (int32_t c = 0; c < kLanes && column + c < columns; ++c)
            _mm512_storeu_si512(out + static_cast<size_t>(column + c) * outStride, rows[c]);
    };
    forEachRegister(
        columns, [&](int32_t column) { one(column, 0xFFFF); }, one);
}

} // namespace

const VectorKernels kVectorKernelsAvx512{
    .dot = dot,
    .addScaled = addScaled,
    .rmsNorm = rmsNorm,
    .layerNorm = layerNorm,
    .quantise = quantise,
    .activate = {silu, geluTanh, relu},
    .softCap = softCap,
    .softmaxStep = softmaxStep,
    .panelProduct = panelProduct,
    .rotate = {nullptr, rotateNeighbours, rotateHalves},
    .transpose16 = transpose16,
};

} // namespace hearth
