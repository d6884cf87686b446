// Positions, the cache, and what reads it: rope, storing, attention, the choice of slots.

#include "kernels/cuda/block_sum.cuh"
#include "kernels/cuda/cache_rows.cuh"
#include "kernels/cuda/launch.h"

namespace hearth::cuda {

namespace {

constexpr int kThreads = 128;
constexpr int kWarps = kThreads / 32;

__global__ void turnKernel(TurnCall call, DeviceStep step) {
    const int row = static_cast<int>(blockIdx.x);
    const int part = static_cast<int>(blockIdx.y);
    float* head = call.data + row * call.rowStride + part * call.partStride;
    for (int pair = static_cast<int>(threadIdx.x); pair < call.rope.pairs; pair += static_cast<int>(blockDim.x)) {
        const std::int32_t position = step.positions[row * step.positionsPerRow + call.rope.axes[pair]];
        // In double: a float of thousands of radians has lost its fourth decimal.
        const double turns = position * call.rope.frequencies[pair] * 0.15915494309189535;
        const auto angle = static_cast<float>((turns - floor(turns)) * 6.283185307179586);
        const float cosine = cosf(angle) * call.rope.magnitude;
        const float sine = sinf(angle) * call.rope.magnitude;
        const bool neighbours = call.rope.layout == RopeLayout::Neighbours;
        float& first = head[neighbours ? 2 * pair : pair];
        float& second = head[neighbours ? 2 * pair + 1 : pair + call.rope.pairs];
        const float x = first;
        const float y = second;
        first = x * cosine - y * sine;
        second = x * sine + y * cosine;
    }
}

/// A thread for each 32 columns of one row and head.
__global__ void storeKernel(Rows in, DeviceCache cache, CacheSide side, std::int32_t cacheStart) {
    const int columns = side == CacheSide::Keys ? cache.keyColumns : cache.valueColumns;
    const int run = static_cast<int>(blockIdx.z * blockDim.x + threadIdx.x);
    if (32 * run >= columns)
        return;
    const int row = static_cast<int>(blockIdx.x);
    const int head = static_cast<int>(blockIdx.y);
    const float* numbers = in.data + row * in.stride + static_cast<std::int64_t>(head) * columns + 32 * run;
    const std::int32_t slot = cacheStart + row;
    std::uint8_t* out = side == CacheSide::Keys ? keyRow(cache, slot, head) : valueRow(cache, slot, head);
    if (cache.dtype == DType::Q8_0)
        return storeBlock(false, numbers, out + static_cast<std::size_t>(run) * 34);
    if (cache.dtype == DType::Q4_0)
        return storeBlock(true, numbers, out + static_cast<std::size_t>(run) * 18);
    for (int j = 0; j < 32 && 32 * run + j < columns; ++j) {
        const int column = 32 * run + j;
        if (cache.dtype == DType::F32)
            reinterpret_cast<float*>(out)[column] = numbers[j];
        else if (cache.dtype == DType::F16)
            reinterpret_cast<__half*>(out)[column] = __float2half_rn(numbers[j]);
        else { // BF16, to nearest even; a NaN stays one
            const std::uint32_t bits = __float_as_uint(numbers[j]);
            const std::uint32_t rounded = isnan(numbers[j]) ? bits | 0x400000U : bits + 0x7FFFU + (bits >> 16 & 1U);
            reinterpret_cast<std::uint16_t*>(out)[column] = static_cast<std::uint16_t>(rounded >> 16);
        }
    }
}

/// One query row of one head. Each warp goes over every kWarps-th slot with a running softmax of its own.
__global__ void attentionKernel(AttentionCall call) {
    extern __shared__ float shared[];
    float* query = shared;                                // headColumns
    float* sums = shared + call.headColumns;              // kWarps x valueColumns
    float* largestOf = sums + kWarps * call.valueColumns; // kWarps
    float* weightOf = largestOf + kWarps;                 // kWarps
    const int row = static_cast<int>(blockIdx.x);
    const int head = static_cast<int>(blockIdx.y);
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const float* q = call.q + (static_cast<std::int64_t>(row) * call.queryHeads + head) * call.queryStride;
    for (int column = static_cast<int>(threadIdx.x); column < call.headColumns; column += kThreads)
        query[column] = q[column];
    float* own = sums + warp * call.valueColumns;
    for (int column = lane; column < call.valueColumns; column += 32)
        own[column] = 0.0F;
    __syncthreads();

    const int keyHead = head / (call.queryHeads / call.keyHeads);
    const std::int32_t slot = call.cacheStart + row;
    const std::int32_t last = call.seesAll ? call.cacheStart + call.rows - 1 : slot;
    const std::int32_t first = call.seesAll || call.window == 0 ? 0 : max(0, slot - call.window + 1);
    const std::int32_t* chosen =
        call.slots == nullptr ? nullptr : call.slots + static_cast<std::int64_t>(row) * call.slotCount;
    const std::int32_t count = chosen == nullptr ? last - first + 1 : call.slotCount;
    float largest = -INFINITY;
    float weight = 0.0F;
    for (std::int32_t place = warp; place < count; place += kWarps) {
        const std::int32_t seen = chosen == nullptr ? first + place : chosen[place];
        if (seen < 0)
            break;
        const std::uint8_t* keys = keyRow(call.cache, seen, keyHead);
        float score = 0.0F;
        for (int column = lane; column < call.headColumns; column += 32)
            score += query[column] * storedNumber(call.cache.dtype, keys, column);
#pragma unroll
        for (int offset = 16; offset > 0; offset /= 2)
            score += __shfl_xor_sync(0xFFFFFFFFU, score, offset);
        score *= call.scale;
        if (call.softCap > 0.0F)
            score = call.softCap * tanhf(score / call.softCap);
        if (call.slopes != nullptr)
            score -= call.slopes[head] * fabsf(static_cast<float>(slot - seen));
        const float above = fmaxf(largest, score);
        const float keep = largest == above ? 1.0F : expf(largest - above);
        const float share = score == -INFINITY ? 0.0F : expf(score - above);
        largest = above;
        weight = weight * keep + share;
        const std::uint8_t* values = valueRow(call.cache, seen, keyHead);
        for (int column = lane; column < call.valueColumns; column += 32)
            own[column] = own[column] * keep + share * storedNumber(call.cache.dtype, values, column);
    }
    if (lane == 0) {
        largestOf[warp] = largest;
        weightOf[warp] = weight;
    }
    __syncthreads();
    float all = call.sinks != nullptr ? call.sinks[head] : -INFINITY;
    for (int w = 0; w < kWarps; ++w)
        all = fmaxf(all, largestOf[w]);
    float total = call.sinks != nullptr ? expf(call.sinks[head] - all) : 0.0F;
    for (int w = 0; w < kWarps; ++w)
        total += weightOf[w] > 0.0F ? weightOf[w] * expf(largestOf[w] - all) : 0.0F;
    float* out = call.out + (static_cast<std::int64_t>(row) * call.queryHeads + head) * call.valueColumns;
    for (int column = static_cast<int>(threadIdx.x); column < call.valueColumns; column += kThreads) {
        float sum = 0.0F;
        for (int w = 0; w < kWarps; ++w)
            if (weightOf[w] > 0.0F)
                sum += sums[w * call.valueColumns + column] * expf(largestOf[w] - all);
        float result = sum / total;
        if (call.isGated)
            result /= 1.0F + expf(-q[call.headColumns + column]);
        out[column] = result;
    }
}

/// score(row, slot): a warp each.
__global__ void scoreKernel(SelectCall call) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int slot = static_cast<int>(blockIdx.x * kWarps + threadIdx.x / 32);
    const int row = static_cast<int>(blockIdx.y);
    if (slot > call.cacheStart + row)
        return;
    const std::uint8_t* key = keyRow(call.cache, slot, 0);
    double score = 0.0;
    for (int head = 0; head < call.heads; ++head) {
        const float* q = call.q + (static_cast<std::int64_t>(row) * call.heads + head) * call.headColumns;
        double sum = 0.0;
        for (int column = lane; column < call.headColumns; column += 32)
            sum += static_cast<double>(q[column]) * storedNumber(call.cache.dtype, key, column);
#pragma unroll
        for (int offset = 16; offset > 0; offset /= 2)
            sum += __shfl_xor_sync(0xFFFFFFFFU, sum, offset);
        score += call.weights[static_cast<std::int64_t>(row) * call.heads + head] * (sum > 0.0 ? sum : 0.0);
    }
    if (lane == 0)
        call.scores[static_cast<std::int64_t>(row) * (call.cacheStart + call.rows) + slot] =
            isnan(score) ? -INFINITY : static_cast<float>(score);
}

/// Floats as integers of the same order.
__device__ std::uint32_t orderOf(float value) {
    const std::uint32_t bits = __float_as_uint(value == 0.0F ? 0.0F : value);
    return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

/// One block a row: the threshold by bisection, then the slots above it in order, and as many of those at it as fit.
__global__ void selectKernel(SelectCall call) {
    const int row = static_cast<int>(blockIdx.x);
    const int seen = call.cacheStart + row + 1;
    const float* scores = call.scores + static_cast<std::int64_t>(row) * (call.cacheStart + call.rows);
    std::int32_t* out = call.slots + static_cast<std::int64_t>(row) * call.count;
    const int thread = static_cast<int>(threadIdx.x);
    const int kept = min(seen, call.count);
    std::uint32_t threshold = 0; // the largest with at least `kept` scores at or above it
    for (int bit = 31; bit >= 0; --bit) {
        const std::uint32_t candidate = threshold | 1U << bit;
        float above = 0.0F; // counts up to 2^24 are exact
        for (int slot = thread; slot < seen; slot += kThreads)
            above += orderOf(scores[slot]) >= candidate ? 1.0F : 0.0F;
        if (static_cast<int>(blockSum(above)) >= kept)
            threshold = candidate;
    }
    if (thread != 0)
        return;
    int larger = 0;
    for (int slot = 0; slot < seen; ++slot)
        larger += orderOf(scores[slot]) > threshold ? 1 : 0;
    int equalLeft = kept - larger;
    int place = 0;
    for (int slot = 0; slot < seen && place < kept; ++slot) {
        const std::uint32_t order = orderOf(scores[slot]);
        if (order > threshold || (order == threshold && equalLeft-- > 0))
            out[place++] = slot;
    }
    while (place < call.count)
        out[place++] = -1;
}

} // namespace

void launchTurn(const TurnCall& call, const DeviceStep& step, cudaStream_t stream) {
    if (call.rope.layout == RopeLayout::None || call.rope.pairs == 0)
        return;
    const dim3 grid(static_cast<unsigned>(call.count), static_cast<unsigned>(call.parts));
    turnKernel<<<grid, 64, 0, stream>>>(call, step);
}

void launchStore(const Rows& in, const DeviceCache& cache, CacheSide side, std::int32_t cacheStart,
                 cudaStream_t stream) {
    const int columns = side == CacheSide::Keys ? cache.keyColumns : cache.valueColumns;
    const auto runs = static_cast<unsigned>((columns + 31) / 32);
    const dim3 grid(static_cast<unsigned>(in.count), static_cast<unsigned>(cache.heads), (runs + 31) / 32);
    storeKernel<<<grid, 32, 0, stream>>>(in, cache, side, cacheStart);
}

std::size_t attentionSharedBytes(std::int32_t headColumns, std::int32_t valueColumns) {
    return (static_cast<std::size_t>(headColumns) + static_cast<std::size_t>(kWarps) * valueColumns + 2 * kWarps)
           * sizeof(float);
}

void launchAttention(const AttentionCall& call, cudaStream_t stream) {
    const dim3 grid(static_cast<unsigned>(call.rows), static_cast<unsigned>(call.queryHeads));
    const std::size_t bytes = attentionSharedBytes(call.headColumns, call.valueColumns);
    attentionKernel<<<grid, kThreads, bytes, stream>>>(call);
}

void launchSelect(const SelectCall& call, cudaStream_t stream) {
    const auto slots = static_cast<unsigned>(call.cacheStart + call.rows);
    scoreKernel<<<dim3((slots + kWarps - 1) / kWarps, static_cast<unsigned>(call.rows)), kThreads, 0, stream>>>(call);
    selectKernel<<<static_cast<unsigned>(call.rows), kThreads, 0, stream>>>(call);
}

} // namespace hearth::cuda
