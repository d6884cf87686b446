#pragma once

// What the kernels of every instruction set have in common. Files that are compiled for one instruction set include
// this, so it holds C headers and plain structs only: an inline function of the standard library that such a file
// instantiates could become the copy which the linker keeps for the whole program.

#include <stddef.h>
#include <stdint.h>

namespace hearth {

/// Rows of activations rounded to 8 bits: in each block of 32 columns x = scale * q with q in -127 .. 127.
/// Strides are in elements, from one row to the next. columns are padded with zeros to a multiple of 64.
struct Int8Rows {
    int8_t* values = nullptr;   ///< (rows, valueStride)
    size_t valueStride = 0;     ///< a multiple of 64 that is not a power of two, against cache aliasing
    float* scales = nullptr;    ///< (rows, blockStride), one per 32 columns
    float* sums32 = nullptr;    ///< (rows, blockStride), scale * sum of the 32 q
    int32_t* minus32 = nullptr; ///< (rows, blockStride), -(sum of the 32 q)
    size_t blockStride = 0;     ///< an even number
    float* sums16 = nullptr;    ///< (rows, 2 * blockStride), as sums32 for each 16 columns
    int32_t* minus16 = nullptr; ///< (rows, 2 * blockStride)
    // One number for each 4 columns, the width of one lane of a byte dot product; null where the step has many rows.
    float* laneScales = nullptr;  ///< (rows, laneStride), the block's scale
    float* laneSums = nullptr;    ///< (rows, laneStride), scale * sum of the 4 q
    int32_t* laneMinus = nullptr; ///< (rows, laneStride), -(sum of the 4 q)
    size_t laneStride = 0;
};

/// What a matrix kernel reads of the activations.
enum class ActivationForm : uint8_t { Float, Int8 };

struct VectorKernels;

/// out[r * outStride + n] = sum over k of weight[n][k] * activation[r][k], for a slice of a weight's rows.
struct MatrixJob {
    const unsigned char* weights = nullptr; ///< the slice's first row; any alignment
    size_t rowBytes = 0;
    int32_t columns = 0;
    int32_t weightRows = 0;
    uint8_t dtype = 0; ///< DType of the weight
    int32_t rows = 0;  ///< of activations
    const float* floats = nullptr;
    size_t floatStride = 0;
    Int8Rows int8;
    float* out = nullptr;
    size_t outStride = 0;
    unsigned char* scratch = nullptr; ///< MatrixKernel::scratchBytes, aligned to 64
    const VectorKernels* vectors = nullptr;
};

/// One way to multiply a matrix of some storage type.
struct MatrixKernel {
    ActivationForm form = ActivationForm::Float;
    /// For few rows: each weight is read once and goes straight into the sums. A row's results do not depend on how
    /// many others there are.
    void (*few)(const MatrixJob& job) = nullptr;
    /// Any number of rows: weights are unpacked once into a panel in `scratch`.
    void (*many)(const MatrixJob& job) = nullptr;
    size_t (*scratchBytes)(int32_t columns) = nullptr;
};

/// Up to this many rows weights are streamed, above they are unpacked into panels. Unpacking costs about as much as
/// streaming does for two rows, and a row of a panel a third of a streamed one.
constexpr int32_t kFewRows = 4;
/// Programs for at most so many rows, those that decode, always stream: a row has the same bits alone or among others.
constexpr int32_t kNarrowRows = 8;
/// Weight rows per panel, on every instruction set.
constexpr int32_t kPanelRows = 16;

/// c (rows, columns) = a (rows, depth) . b (depth, columns), added to c if `accumulate`. columns: a multiple of 16.
struct PanelProduct {
    const float* a = nullptr;
    size_t aStride = 0;
    const float* b = nullptr;
    size_t bStride = 0;
    float* c = nullptr;
    size_t cStride = 0;
    int32_t rows = 0;
    int32_t depth = 0;
    int32_t columns = 0;
    bool accumulate = false;
};

/// Functions over rows of floats. Any alignment, any count, unless said otherwise.
struct VectorKernels {
    float (*dot)(const float* a, const float* b, int32_t count);
    /// inOut += scale * in
    void (*addScaled)(const float* in, float scale, int32_t count, float* inOut);
    /// out = in / sqrt(mean(in^2) + epsilon) * weight; weight may be null; out may be in.
    void (*rmsNorm)(const float* in, const float* weight, float epsilon, int32_t count, float* out);
    /// out = (in - mean) / sqrt(variance + epsilon) * weight + bias; weight and bias may be null; out may be in.
    void (*layerNorm)(const float* in, const float* weight, const float* bias, float epsilon, int32_t count,
                      float* out);
    /// Writes row `row` of `out`; columns is a multiple of 32.
    void (*quantise)(const float* in, int32_t columns, const Int8Rows& out, int32_t row);
    /// out = activation(gate) * up, or activation(up) where gate is null; in the order of the enumeration Activation.
    void (*activate[3])(const float* gate, const float* up, int32_t count, float* out);
    /// inOut = cap * tanh(inOut / cap)
    void (*softCap)(float cap, int32_t count, float* inOut);
    /// One step of an online softmax (arXiv 1805.02867): scores become exp(scale * score - m) with m the largest so
    /// far; `maximum` and `sum` are carried along; returns the factor for what was summed before.
    float (*softmaxStep)(float scale, int32_t count, float* scores, float* maximum, float* sum);
    void (*panelProduct)(const PanelProduct& job);
    /// Turns the pairs of one head in place by angles of these cosines and sines; in the order of the enumeration
    /// RopeLayout (no function for none).
    void (*rotate[3])(const float* cosines, const float* sines, int32_t pairs, float* head);
    /// out[c * outStride + n] = in[n * inStride + c] for n < 16 and c < columns.
    void (*transpose16)(const float* in, size_t inStride, int32_t columns, float* out, size_t outStride);
};

/// Consecutive tokens of one head in one cache page.
struct CacheTile {
    const unsigned char* rows = nullptr;
    size_t rowBytes = 0;
    int32_t columns = 0;
    int32_t tokens = 0; ///< at most kTileTokens
};

/// As kPageTokens.
constexpr int32_t kTileTokens = 64;

/// Access to keys and values of one storage type.
struct CacheKernels {
    /// scores[h * kTileTokens + t] = queries[h * queryStride ..] . keys[t] for each query head of the group
    void (*scores)(const CacheTile& keys, const float* queries, size_t queryStride, int32_t heads, float* scores);
    /// out[h * outStride ..] += weights[h * kTileTokens + t] * values[t]
    void (*addValues)(const CacheTile& values, const float* weights, int32_t heads, float* out, size_t outStride);
    /// out[t * outStride ..] = the numbers of token t
    void (*expand)(const CacheTile& tile, float* out, size_t outStride);
    /// Stores one token's numbers, bit for bit as quantiseRow() does; null: quantiseRow() has to.
    void (*store)(const float* numbers, int32_t columns, unsigned char* out);
};

} // namespace hearth
