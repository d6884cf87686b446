#include "kernels/cpu/simd/vector_kernels.h"

#include "kernels/cpu/simd/registers_avx2.h"

namespace hearth {

namespace {

constexpr int32_t kLanes = 8;

// A register of a row: all of it, or the lanes of a mask.
struct Whole {
    static __m256 load(const float* from) { return _mm256_loadu_ps(from); }
    static void store(float* to, __m256 v) { _mm256_storeu_ps(to, v); }
    static __m256 keep(__m256 v) { return v; }
};
struct Part {
    __m256i mask;
    __m256 load(const float* from) const { return _mm256_maskload_ps(from, mask); }
    void store(float* to, __m256 v) const { _mm256_maskstore_ps(to, mask, v); }
    /// Zeros the lanes outside the mask.
    __m256 keep(__m256 v) const { return _mm256_and_ps(v, _mm256_castsi256_ps(mask)); }
};

/// Calls one(i, access) for each register of a row, the last one with a mask if it is partial.
template <typename One>
inline void forEachRegister(int32_t count, One one) {
    int32_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        one(i, Whole{});
    if (i < count)
        one(i, Part{tailMask(count - i)});
}

float dot(const float* a, const float* b, int32_t count) {
    // Four chains hide the latency of the multiply-add.
    __m256 sums[4] = {};
    int32_t i = 0;
    for (; i + 4 * kLanes <= count; i += 4 * kLanes)
        for (int chain = 0; chain < 4; ++chain)
            sums[chain] = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + kLanes * chain),
                                          _mm256_loadu_ps(b + i + kLanes * chain), sums[chain]);
    forEachRegister(count - i, [&](int32_t j, auto access) {
        sums[0] = _mm256_fmadd_ps(access.load(a + i + j), access.load(b + i + j), sums[0]);
    });
    return sumOf(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
}

void addScaled(const float* in, float scale, int32_t count, float* inOut) {
    const __m256 factor = _mm256_set1_ps(scale);
    forEachRegister(count, [&](int32_t i, auto access) {
        access.store(inOut + i, _mm256_fmadd_ps(factor, access.load(in + i), access.load(inOut + i)));
    });
}

inline float inverseRoot(float square) {
    return _mm_cvtss_f32(_mm_div_ss(_mm_set_ss(1.0F), _mm_sqrt_ss(_mm_set_ss(square))));
}

void rmsNorm(const float* in, const float* weight, float epsilon, int32_t count, float* out) {
    const __m256 factor = _mm256_set1_ps(inverseRoot(dot(in, in, count) / static_cast<float>(count) + epsilon));
    forEachRegister(count, [&](int32_t i, auto access) {
        __m256 v = _mm256_mul_ps(access.load(in + i), factor);
        if (weight != nullptr)
            v = _mm256_mul_ps(v, access.load(weight + i));
        access.store(out + i, v);
    });
}

void layerNorm(const float* in, const float* weight, const float* bias, float epsilon, int32_t count, float* out) {
    __m256 sum = _mm256_setzero_ps();
    forEachRegister(count, [&](int32_t i, auto access) { sum = _mm256_add_ps(sum, access.load(in + i)); });
    const __m256 mean = _mm256_set1_ps(sumOf(sum) / static_cast<float>(count));
    __m256 squares = _mm256_setzero_ps();
    forEachRegister(count, [&](int32_t i, auto access) {
        const __m256 v = access.keep(_mm256_sub_ps(access.load(in + i), mean));
        squares = _mm256_fmadd_ps(v, v, squares);
    });
    const __m256 factor = _mm256_set1_ps(inverseRoot(sumOf(squares) / static_cast<float>(count) + epsilon));
    forEachRegister(count, [&](int32_t i, auto access) {
        __m256 v = _mm256_mul_ps(_mm256_sub_ps(access.load(in + i), mean), factor);
        if (weight != nullptr)
            v = _mm256_mul_ps(v, access.load(weight + i));
        if (bias != nullptr)
            v = _mm256_add_ps(v, access.load(bias + i));
        access.store(out + i, v);
    });
}

/// The sums of each 4 bytes in 8 lanes.
inline __m256i foursOf(__m256i bytes) {
    const __m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi8(1), bytes);
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

/// The largest of 8 magnitudes; NaN if there is one. Compared as integers, where a NaN is the largest; a comparison of
/// floats would lose it.
inline float largestOf(__m256i magnitudes) {
    __m128i half = _mm_max_epi32(_mm256_castsi256_si128(magnitudes), _mm256_extracti128_si256(magnitudes, 1));
    half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    return _mm_cvtss_f32(_mm_castsi128_ps(half));
}

/// The scale of a block is not finite if a number of it is not.
void quantise(const float* in, int32_t columns, const Int8Rows& out, int32_t row) {
    const size_t index = static_cast<size_t>(row);
    for (int32_t column = 0; column < columns; column += 32) {
        __m256 numbers[4];
        __m256i magnitudes = _mm256_setzero_si256();
        for (int i = 0; i < 4; ++i) {
            numbers[i] = _mm256_loadu_ps(in + column + kLanes * i);
            magnitudes = _mm256_max_epi32(magnitudes, _mm256_castps_si256(absOf(numbers[i])));
        }
        const float largest = largestOf(magnitudes);
        // Below this 127 / largest overflows; nothing that small survives a sum with its neighbours.
        const __m256 inverse = _mm256_set1_ps(largest > 1e-36F ? 127.0F / largest : 0.0F);
        __m256i rounded[4];
        for (int i = 0; i < 4; ++i)
            rounded[i] = _mm256_cvtps_epi32(_mm256_mul_ps(numbers[i], inverse));
        // Packing works within 128-bit halves, which leaves groups of four numbers in the order 0 2 4 6 1 3 5 7.
        const __m256i packed =
            _mm256_packs_epi16(_mm256_packs_epi32(rounded[0], rounded[1]), _mm256_packs_epi32(rounded[2], rounded[3]));
        const __m256i bytes = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out.values + index * out.valueStride + column), bytes);
        const __m256i minus = _mm256_sub_epi32(_mm256_setzero_si256(), foursOf(bytes));
        const float scale = largest / 127.0F;
        if (out.laneScales != nullptr) {
            const size_t lane = index * out.laneStride + static_cast<size_t>(column / 4);
            _mm256_storeu_ps(out.laneScales + lane, _mm256_set1_ps(scale));
            _mm256_storeu_ps(out.laneSums + lane, _mm256_mul_ps(_mm256_set1_ps(-scale), _mm256_cvtepi32_ps(minus)));
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(out.laneMinus + lane), minus);
            continue;
        }
        int32_t lanes[kLanes];
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes), minus);
        const size_t block = index * out.blockStride + static_cast<size_t>(column / 32);
        const int32_t first = lanes[0] + lanes[1] + lanes[2] + lanes[3];
        const int32_t second = lanes[4] + lanes[5] + lanes[6] + lanes[7];
        out.scales[block] = scale;
        out.minus16[2 * block] = first;
        out.minus16[2 * block + 1] = second;
        out.minus32[block] = first + second;
        out.sums16[2 * block] = -scale * static_cast<float>(first);
        out.sums16[2 * block + 1] = -scale * static_cast<float>(second);
        out.sums32[block] = -scale * static_cast<float>(first + second);
    }
}

inline __m256 sigmoidTimes(__m256 x, __m256 argument) {
    const __m256 one = _mm256_set1_ps(1.0F);
    return _mm256_div_ps(x, _mm256_add_ps(one, expOf(_mm256_sub_ps(_mm256_setzero_ps(), argument))));
}

template <typename Function>
inline void activate(const float* gate, const float* up, int32_t count, float* out, Function function) {
    forEachRegister(count, [&](int32_t i, auto access) {
        const __m256 u = access.load(up + i);
        access.store(out + i, gate == nullptr ? function(u) : _mm256_mul_ps(function(access.load(gate + i)), u));
    });
}

void silu(const float* gate, const float* up, int32_t count, float* out) {
    activate(gate, up, count, out, [](__m256 x) { return sigmoidTimes(x, x); });
}

void geluTanh(const float* gate, const float* up, int32_t count, float* out) {
    // (1 + tanh(u)) / 2 = sigmoid(2 u), which loses nothing where tanh is near -1.
    activate(gate, up, count, out, [](__m256 x) {
        const __m256 square = _mm256_mul_ps(x, x);
        const __m256 inner = _mm256_fmadd_ps(square, _mm256_set1_ps(0.044715F), _mm256_set1_ps(1.0F));
        const __m256 u = _mm256_mul_ps(_mm256_mul_ps(x, inner), _mm256_set1_ps(2.0F * 0.7978845608028654F));
        return sigmoidTimes(x, u);
    });
}

void relu(const float* gate, const float* up, int32_t count, float* out) {
    activate(gate, up, count, out, [](__m256 x) { return _mm256_max_ps(_mm256_setzero_ps(), x); });
}

void softCap(float cap, int32_t count, float* inOut) {
    const __m256 factor = _mm256_set1_ps(cap);
    forEachRegister(count, [&](int32_t i, auto access) {
        access.store(inOut + i, _mm256_mul_ps(tanhOf(_mm256_div_ps(access.load(inOut + i), factor)), factor));
    });
}

float softmaxStep(float scale, int32_t count, float* scores, float* maximum, float* sum) {
    const __m256 factor = _mm256_set1_ps(scale);
    __m256 highest = _mm256_set1_ps(*maximum);
    int32_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        const __m256 v = _mm256_mul_ps(_mm256_loadu_ps(scores + i), factor);
        _mm256_storeu_ps(scores + i, v);
        highest = _mm256_max_ps(highest, v);
    }
    if (i < count) {
        const __m256i mask = tailMask(count - i);
        const __m256 v = _mm256_mul_ps(_mm256_maskload_ps(scores + i, mask), factor);
        _mm256_maskstore_ps(scores + i, mask, v);
        highest = _mm256_max_ps(highest, _mm256_blendv_ps(highest, v, _mm256_castsi256_ps(mask)));
    }
    const float newMaximum = maximumOf(highest);
    // Most steps find nothing larger: then the factor costs nothing.
    float rescale = 1.0F;
    if (*maximum != newMaximum)
        rescale = _mm256_cvtss_f32(expOf(_mm256_set1_ps(*maximum - newMaximum)));
    highest = _mm256_set1_ps(newMaximum);
    __m256 total = _mm256_setzero_ps();
    forEachRegister(count, [&](int32_t j, auto access) {
        const __m256 v = access.keep(expOf(_mm256_sub_ps(access.load(scores + j), highest)));
        access.store(scores + j, v);
        total = _mm256_add_ps(total, v);
    });
    *maximum = newMaximum;
    *sum = *sum * rescale + sumOf(total);
    return rescale;
}

// 6 rows x 2 registers = 12 sums; 2 registers of b and a broadcast fill the 16 that there are.
constexpr int32_t kTileRows = 6;
// As in vector_kernels_avx512.cpp.
constexpr int32_t kDepthBlock = 256;

inline void panelTile(const PanelProduct& job, const float* const (&a)[kTileRows], const float* b, float* c,
                      int32_t rows, int32_t depth, bool accumulate) {
    __m256 sums[kTileRows][2] = {};
    for (int32_t k = 0; k < depth; ++k) {
        const __m256 low = _mm256_loadu_ps(b);
        const __m256 high = _mm256_loadu_ps(b + kLanes);
        for (int32_t r = 0; r < kTileRows; ++r) {
            const __m256 number = _mm256_broadcast_ss(a[r] + k);
            sums[r][0] = _mm256_fmadd_ps(number, low, sums[r][0]);
            sums[r][1] = _mm256_fmadd_ps(number, high, sums[r][1]);
        }
        b += job.bStride;
    }
    for (int32_t r = 0; r < kTileRows; ++r) {
        if (r == rows)
            return;
        float* out = c + static_cast<size_t>(r) * job.cStride;
        for (int32_t n = 0; n < 2; ++n) {
            const __m256 sum = accumulate ? _mm256_add_ps(_mm256_loadu_ps(out + n * kLanes), sums[r][n]) : sums[r][n];
            _mm256_storeu_ps(out + n * kLanes, sum);
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
            for (int32_t column = 0; column < job.columns; column += 2 * kLanes)
                panelTile(job, a, b + column, c + column, rows, depth, accumulate);
        }
    }
}

void rotateHalves(const float* cosines, const float* sines, int32_t pairs, float* head) {
    forEachRegister(pairs, [&](int32_t i, auto access) {
        const __m256 cosine = access.load(cosines + i);
        const __m256 sine = access.load(sines + i);
        const __m256 a = access.load(head + i);
        const __m256 b = access.load(head + pairs + i);
        access.store(head + i, _mm256_fmsub_ps(a, cosine, _mm256_mul_ps(b, sine)));
        access.store(head + pairs + i, _mm256_fmadd_ps(a, sine, _mm256_mul_ps(b, cosine)));
    });
}

void rotateNeighbours(const float* cosines, const float* sines, int32_t pairs, float* head) {
    const __m256i twice = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
    const __m128i lanes = _mm_setr_epi32(0, 1, 2, 3);
    forEachRegister(2 * pairs, [&](int32_t i, auto access) { // i counts numbers, two a pair
        const __m128i mask = _mm_cmpgt_epi32(_mm_set1_epi32(pairs - i / 2), lanes);
        const auto spread = [&](const float* from) {
            return _mm256_permutevar8x32_ps(_mm256_castps128_ps256(_mm_maskload_ps(from + i / 2, mask)), twice);
        };
        const __m256 v = access.load(head + i);
        const __m256 turned = _mm256_mul_ps(_mm256_permute_ps(v, 0xB1), spread(sines));
        access.store(head + i, _mm256_fmaddsub_ps(v, spread(cosines), turned));
    });
}

void transpose16(const float* in, size_t inStride, int32_t columns, float* out, size_t outStride) {
    forEachRegister(columns, [&](int32_t column, auto access) {
        for (size_t half = 0; half < 16; half += kLanes) {
            __m256i rows[kLanes];
            for (size_t n = 0; n < kLanes; ++n)
                rows[n] = _mm256_castps_si256(access.load(in + (half + n) * inStride + column));
            transpose(rows);
            for (int32_t c = 0; c < kLanes && column + c < columns; ++c)
                _mm256_storeu_ps(out + static_cast<size_t>(column + c) * outStride + half,
                                 _mm256_castsi256_ps(rows[c]));
        }
    });
}

} // namespace

const VectorKernels kVectorKernelsAvx2{
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
