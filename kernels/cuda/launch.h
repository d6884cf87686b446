#pragma once

// The kernels' launchers: one line of work each, put into a stream, nothing waited for. Errors of a launch stay in the
// runtime and come out of the next check.

#include "kernels/cuda/device_types.h"
#include "kernels/cuda/expand_grids.h"

#include <cuda_runtime.h>

namespace hearth::cuda {

/// out[row, part] = scale * matrix . in[row, part] + bias for every row and part (heads, chosen experts); `adds`: that
/// is added to out. `ids` (rows, parts) names the matrix of a part, below 0: nothing is written; without ids it is the
/// part itself. A weight of one matrix has that one for every part.
struct LinearCall {
    Matrices weight;
    const float* bias = nullptr; ///< (matrices, rows of the weight)
    const float* in = nullptr;
    std::int64_t inRowStride = 0;
    std::int64_t inPartStride = 0;
    float* out = nullptr;
    std::int64_t outRowStride = 0;
    std::int64_t outPartStride = 0;
    std::int32_t count = 0; ///< rows of the activation
    std::int32_t parts = 1;
    const std::int32_t* ids = nullptr;
    float scale = 1.0F;
    bool adds = false;
};
void launchLinear(const Grids& grids, const LinearCall& call, cudaStream_t stream);

/// The same by the transpose of each part's matrix (columns outputs, rows inputs), without bias or ids.
void launchTransposed(const Grids& grids, const LinearCall& call, cudaStream_t stream);

/// EmbedRows without its norm. tokensOnly: rows without a token count as zero.
struct EmbedCall {
    Matrices table;
    Matrices positionTable; ///< data null: none
    Matrices typeTable;
    float scale = 1.0F;
    std::int32_t rowWithoutToken = -1;
    std::int32_t embeddingParts = 1;
    bool tokensOnly = false;
    Rows out;
};
void launchEmbed(const Grids& grids, const EmbedCall& call, const DeviceStep& step, cudaStream_t stream);

/// out = norm(inputScale * in) for parts of the norm's width, `partStride` apart; NormKind::None copies. rowIndex: in
/// is read at these rows. out may be in.
struct NormCall {
    const float* in = nullptr;
    std::int64_t inRowStride = 0;
    float* out = nullptr;
    std::int64_t outRowStride = 0;
    std::int64_t inPartStride = 0;
    std::int64_t outPartStride = 0;
    std::int32_t count = 0;
    std::int32_t parts = 1;
    std::int32_t width = 0;
    float inputScale = 1.0F;
    DeviceNorm norm;
    const std::int32_t* rowIndex = nullptr;
};
void launchNorm(const NormCall& call, cudaStream_t stream);

/// out = (store is Add ? out : 0) + scale * factor * sigmoid(gate[row]) * (in + other).
struct CombineCall {
    const float* in = nullptr;
    std::int64_t inStride = 0;
    const float* other = nullptr;
    std::int64_t otherStride = 0;
    const float* gate = nullptr; ///< one number a row
    const float* factor = nullptr;
    float scale = 1.0F;
    float* out = nullptr;
    std::int64_t outStride = 0;
    std::int32_t count = 0;
    std::int32_t columns = 0;
    bool adds = false;
};
void launchCombine(const CombineCall& call, cudaStream_t stream);

/// out = activation(gate) * up, or activation(up) without gate; parts whose id is below 0 are left alone.
struct ActivateCall {
    const float* gate = nullptr;
    const float* up = nullptr;
    std::int64_t upStride = 0; ///< from row to row; gate and out are (rows, parts * columns)
    float* out = nullptr;
    std::int32_t count = 0;
    std::int32_t parts = 1;
    std::int32_t columns = 0;
    Activation activation = Activation::Silu;
    const std::int32_t* ids = nullptr;
};
void launchActivate(const ActivateCall& call, cudaStream_t stream);

/// sum over parts of weight * expertScale[id] * in: (rows, parts, columns) -> (rows, columns).
struct ReduceCall {
    const float* in = nullptr;
    const std::int32_t* ids = nullptr;
    const float* weights = nullptr;
    const float* expertScale = nullptr;
    float* out = nullptr;
    std::int32_t count = 0;
    std::int32_t parts = 0;
    std::int32_t columns = 0;
};
void launchReduce(const ReduceCall& call, cudaStream_t stream);

/// out = softCap(scale * out), and tanh if asked.
void launchScaleCap(float* values, std::int64_t count, float scale, float softCap, bool isTanh, cudaStream_t stream);

void launchLoadRows(const DeviceStep& step, std::int32_t part, std::int32_t parts, bool mediaOnly, bool adds, Rows out,
                    cudaStream_t stream);

/// out (columns) = the mean, first or last of the rows.
void launchPool(const Rows& in, Pooling pooling, float* out, cudaStream_t stream);

/// Turns heads `partStride` apart in place.
struct TurnCall {
    float* data = nullptr;
    std::int64_t rowStride = 0;
    std::int64_t partStride = 0;
    std::int32_t count = 0;
    std::int32_t parts = 0;
    DeviceRope rope;
};
void launchTurn(const TurnCall& call, const DeviceStep& step, cudaStream_t stream);

enum class CacheSide : std::uint8_t { Keys, Values };
/// Appends (rows, heads * columns) to a cache, from cacheStart on.
void launchStore(const Rows& in, const DeviceCache& cache, CacheSide side, std::int32_t cacheStart,
                 cudaStream_t stream);

struct AttentionCall {
    const float* q = nullptr;
    std::int64_t queryStride = 0; ///< from head to head
    float* out = nullptr;
    DeviceCache cache;
    std::int32_t rows = 0;
    std::int32_t queryHeads = 0;
    std::int32_t keyHeads = 0;
    std::int32_t headColumns = 0;
    std::int32_t valueColumns = 0;
    float scale = 1.0F;
    bool seesAll = false;
    std::int32_t window = 0;
    float softCap = 0.0F;
    const float* sinks = nullptr;
    bool isGated = false;
    const float* slopes = nullptr; ///< of ALiBi, one a head
    const std::int32_t* slots = nullptr;
    std::int32_t slotCount = 0;
    std::int32_t cacheStart = 0;
};
[[nodiscard]] std::size_t attentionSharedBytes(std::int32_t headColumns, std::int32_t valueColumns);
void launchAttention(const AttentionCall& call, cudaStream_t stream);

struct SelectCall {
    const float* q = nullptr;
    const float* weights = nullptr;
    DeviceCache cache;
    std::int32_t heads = 0;
    std::int32_t headColumns = 0;
    std::int32_t count = 0;
    std::int32_t rows = 0;
    std::int32_t cacheStart = 0;
    float* scores = nullptr; ///< (rows, cacheStart + rows)
    std::int32_t* slots = nullptr;
};
void launchSelect(const SelectCall& call, cudaStream_t stream);

struct RouteCall {
    const float* scores = nullptr; ///< (rows, experts)
    const float* bias = nullptr;
    std::int32_t rows = 0;
    std::int32_t experts = 0;
    RouteExperts op;
    std::int32_t* ids = nullptr;
    float* weights = nullptr;
};
[[nodiscard]] std::size_t routeSharedBytes(std::int32_t experts, std::int32_t groups, std::int32_t used);
void launchRoute(const RouteCall& call, cudaStream_t stream);

/// Causal convolution per channel over `history` (taps - 1, channels), which is zero where the sequence begins.
struct ConvolutionCall {
    const float* in = nullptr;
    std::int64_t inStride = 0;
    const float* weights = nullptr; ///< (channels, taps)
    float* history = nullptr;
    float* out = nullptr;
    std::int64_t outStride = 0;
    std::int32_t rows = 0;
    std::int32_t channels = 0;
    std::int32_t taps = 0;
    bool isShort = false; ///< in is [b, c, x]: c * convolution(b * x); else SiLU of the convolution
    bool begins = false;
};
void launchConvolution(const ConvolutionCall& call, cudaStream_t stream);

struct DeltaCall {
    float* channels = nullptr; ///< (rows, 2 keyHeads + valueHeads, columns), after the convolution
    const float* z = nullptr;
    const float* beta = nullptr;
    const float* alpha = nullptr;
    const float* decay = nullptr;
    const float* timeBias = nullptr;
    float* state = nullptr;
    float* out = nullptr;
    std::int32_t rows = 0;
    std::int32_t keyHeads = 0;
    std::int32_t valueHeads = 0;
    std::int32_t columns = 0;
    bool divides = false; ///< KeyHeadOf::Divide
    float epsilon = 0.0F;
    DeviceNorm norm;
    bool begins = false;
};
void launchDelta(const DeltaCall& call, cudaStream_t stream);

} // namespace hearth::cuda
