// Scores and sums over cache pages. Bound by memory for long contexts: each key and value is converted to floats once
// for all query heads of its group.

#include "kernels/cpu/simd/cache_kernels.h"
#include "kernels/cpu/simd/floats_avx2.h"

namespace hearth {

namespace {

constexpr int32_t kLanes = 8;

/// 8 numbers from column `column` (a multiple of 8) of a row of 32-value blocks.
struct Q8_0Row {
    static __m256 load(const uint8_t* row, int32_t column) {
        const uint8_t* block = row + column / 32 * 34;
        const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(block + 2 + column % 32));
        return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)), scaleOf(block));
    }
    static __m256 scaleOf(const uint8_t* block) {
        return _mm256_broadcastss_ps(_mm_cvtph_ps(_mm_cvtsi32_si128(block[0] | block[1] << 8)));
    }
    static __m256 load(const uint8_t* row, int32_t column, int32_t) { return load(row, column); }
};

struct Q4_0Row {
    static __m256 load(const uint8_t* row, int32_t column) {
        const uint8_t* block = row + column / 32 * 18;
        const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(block + 2 + column % 16));
        const __m256i wide = _mm256_cvtepu8_epi32(bytes);
        const __m256i fourBits =
            column % 32 < 16 ? _mm256_and_si256(wide, _mm256_set1_epi32(15)) : _mm256_srli_epi32(wide, 4);
        const __m256i numbers = _mm256_sub_epi32(fourBits, _mm256_set1_epi32(8));
        return _mm256_mul_ps(_mm256_cvtepi32_ps(numbers), Q8_0Row::scaleOf(block));
    }
    static __m256 load(const uint8_t* row, int32_t column, int32_t) { return load(row, column); }
};

template <typename Type>
struct PlainRow {
    static __m256 load(const uint8_t* row, int32_t column) {
        return Type::load(row + static_cast<size_t>(column) * Type::kBytes);
    }
    static __m256 load(const uint8_t* row, int32_t column, int32_t count) {
        return loadPart<Type>(row + static_cast<size_t>(column) * Type::kBytes, count);
    }
};

/// Scores of kTokens tokens for one query head each of kHeads; kTokens x kHeads is 4.
template <typename Row, int kTokens, int kHeads>
inline void scoreTile(const CacheTile& keys, int32_t token, const float* queries, size_t queryStride, float* scores) {
    __m256 sums[4] = {};
    const uint8_t* rows[kTokens];
    for (int t = 0; t < kTokens; ++t)
        rows[t] = keys.rows + static_cast<size_t>(token + t) * keys.rowBytes;
    int32_t column = 0;
    for (; column + kLanes <= keys.columns; column += kLanes)
        for (int t = 0; t < kTokens; ++t) {
            const __m256 key = Row::load(rows[t], column);
            for (int h = 0; h < kHeads; ++h)
                sums[t * kHeads + h] =
                    _mm256_fmadd_ps(key, _mm256_loadu_ps(queries + static_cast<size_t>(h) * queryStride + column),
                                    sums[t * kHeads + h]);
        }
    if (const int32_t left = keys.columns - column; left > 0)
        for (int t = 0; t < kTokens; ++t) {
            const __m256 key = Row::load(rows[t], column, left);
            for (int h = 0; h < kHeads; ++h) {
                const float* query = queries + static_cast<size_t>(h) * queryStride + column;
                sums[t * kHeads + h] =
                    _mm256_fmadd_ps(key, _mm256_maskload_ps(query, tailMask(left)), sums[t * kHeads + h]);
            }
        }
    float numbers[4];
    _mm_storeu_ps(numbers, sumsOf(sums[0], sums[1], sums[2], sums[3]));
    for (int t = 0; t < kTokens; ++t)
        for (int h = 0; h < kHeads; ++h)
            scores[h * kTileTokens + token + t] = numbers[t * kHeads + h];
}

template <typename Row, int kHeads>
inline void scoreHeads(const CacheTile& keys, const float* queries, size_t queryStride, float* scores) {
    constexpr int kTokens = 4 / kHeads;
    int32_t token = 0;
    for (; token + kTokens <= keys.tokens; token += kTokens)
        scoreTile<Row, kTokens, kHeads>(keys, token, queries, queryStride, scores);
    for (; token < keys.tokens; ++token)
        scoreTile<Row, 1, kHeads>(keys, token, queries, queryStride, scores);
}

template <typename Row>
void scores(const CacheTile& keys, const float* queries, size_t queryStride, int32_t heads, float* out) {
    int32_t head = 0;
    const auto at = [&](int32_t h) { return queries + static_cast<size_t>(h) * queryStride; };
    for (; head + 4 <= heads; head += 4)
        scoreHeads<Row, 4>(keys, at(head), queryStride, out + head * kTileTokens);
    for (; head + 2 <= heads; head += 2)
        scoreHeads<Row, 2>(keys, at(head), queryStride, out + head * kTileTokens);
    if (head < heads)
        scoreHeads<Row, 1>(keys, at(head), queryStride, out + head * kTileTokens);
}

/// Sums over all tokens for kHeads heads and kRegisters registers of columns, at most 8 chains. left: lanes of the last
/// register that are there.
template <typename Row, int kHeads, int kRegisters>
inline void valueTile(const CacheTile& values, const float* weights, int32_t column, int32_t left, float* out,
                      size_t outStride) {
    const __m256i mask = tailMask(left);
    __m256 sums[kHeads][kRegisters];
    for (int h = 0; h < kHeads; ++h)
        for (int n = 0; n < kRegisters; ++n)
            sums[h][n] = _mm256_maskload_ps(out + static_cast<size_t>(h) * outStride + column + n * kLanes, mask);
    for (int32_t token = 0; token < values.tokens; ++token) {
        const uint8_t* row = values.rows + static_cast<size_t>(token) * values.rowBytes;
        for (int n = 0; n < kRegisters; ++n) {
            const __m256 value =
                left >= kLanes ? Row::load(row, column + n * kLanes) : Row::load(row, column + n * kLanes, left);
            for (int h = 0; h < kHeads; ++h)
                sums[h][n] = _mm256_fmadd_ps(_mm256_broadcast_ss(weights + h * kTileTokens + token), value, sums[h][n]);
        }
    }
    for (int h = 0; h < kHeads; ++h)
        for (int n = 0; n < kRegisters; ++n)
            _mm256_maskstore_ps(out + static_cast<size_t>(h) * outStride + column + n * kLanes, mask, sums[h][n]);
}

template <typename Row, int kHeads>
inline void addForHeads(const CacheTile& values, const float* weights, float* out, size_t outStride) {
    int32_t column = 0;
    for (; column + 2 * kLanes <= values.columns; column += 2 * kLanes)
        valueTile<Row, kHeads, 2>(values, weights, column, kLanes, out, outStride);
    for (; column < values.columns; column += kLanes)
        valueTile<Row, kHeads, 1>(values, weights, column, values.columns - column, out, outStride);
}

template <typename Row>
void addValues(const CacheTile& values, const float* weights, int32_t heads, float* out, size_t outStride) {
    int32_t head = 0;
    const auto at = [&](int32_t h) { return out + static_cast<size_t>(h) * outStride; };
    for (; head + 4 <= heads; head += 4)
        addForHeads<Row, 4>(values, weights + head * kTileTokens, at(head), outStride);
    for (; head + 2 <= heads; head += 2)
        addForHeads<Row, 2>(values, weights + head * kTileTokens, at(head), outStride);
    if (head < heads)
        addForHeads<Row, 1>(values, weights + head * kTileTokens, at(head), outStride);
}

template <typename Row>
void expand(const CacheTile& tile, float* out, size_t outStride) {
    for (int32_t token = 0; token < tile.tokens; ++token) {
        const uint8_t* row = tile.rows + static_cast<size_t>(token) * tile.rowBytes;
        float* to = out + static_cast<size_t>(token) * outStride;
        int32_t column = 0;
        for (; column + kLanes <= tile.columns; column += kLanes)
            _mm256_storeu_ps(to + column, Row::load(row, column));
        if (const int32_t left = tile.columns - column; left > 0)
            _mm256_maskstore_ps(to + column, tailMask(left), Row::load(row, column, left));
    }
}

void storeF32(const float* numbers, int32_t columns, uint8_t* out) {
    __builtin_memcpy(out, numbers, static_cast<size_t>(columns) * sizeof(float));
}

void storeF16(const float* numbers, int32_t columns, uint8_t* out) {
    int32_t column = 0;
    for (; column + kLanes <= columns; column += kLanes)
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 2 * column),
                         _mm256_cvtps_ph(_mm256_loadu_ps(numbers + column), _MM_FROUND_TO_NEAREST_INT));
    if (const int32_t left = columns - column; left > 0) {
        alignas(16) uint8_t halves[16];
        const __m256 last = _mm256_maskload_ps(numbers + column, tailMask(left));
        _mm_store_si128(reinterpret_cast<__m128i*>(halves), _mm256_cvtps_ph(last, _MM_FROUND_TO_NEAREST_INT));
        __builtin_memcpy(out + 2 * column, halves, static_cast<size_t>(2 * left));
    }
}

template <typename Row>
constexpr CacheKernels withStore(void (*store)(const float*, int32_t, uint8_t*)) {
    return {scores<Row>, addValues<Row>, expand<Row>, store};
}

} // namespace

const CacheKernels kF32CacheAvx2 = withStore<PlainRow<F32>>(storeF32);
const CacheKernels kF16CacheAvx2 = withStore<PlainRow<F16>>(storeF16);
// Where there is no store, rows are written by quantiseRow().
const CacheKernels kBf16CacheAvx2 = withStore<PlainRow<BF16>>(nullptr);
const CacheKernels kQ8_0CacheAvx2 = withStore<Q8_0Row>(nullptr);
const CacheKernels kQ4_0CacheAvx2 = withStore<Q4_0Row>(nullptr);

} // namespace hearth
