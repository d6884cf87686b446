// The router's choice: a warp for each row.

#include "kernels/cuda/launch.h"

namespace hearth::cuda {

namespace {

constexpr float kSmallestSum = 1.0F / 16384.0F; // what the chosen probabilities are at least divided by

struct Place {
    float value;
    int index;
};

/// The highest of `values`, the lowest index among equals, seen by the whole warp. NaN is never chosen.
__device__ Place highestOf(const float* values, int count) {
    Place best{-INFINITY, count};
    for (int index = static_cast<int>(threadIdx.x); index < count; index += 32)
        if (values[index] > best.value || (values[index] == best.value && index < best.index))
            best = {values[index], index};
#pragma unroll
    for (int offset = 16; offset > 0; offset /= 2) {
        const float value = __shfl_xor_sync(0xFFFFFFFFU, best.value, offset);
        const int index = __shfl_xor_sync(0xFFFFFFFFU, best.index, offset);
        if (value > best.value || (value == best.value && index < best.index))
            best = {value, index};
    }
    return best;
}

__device__ void softmax(float* values, int count) {
    const float largest = highestOf(values, count).value;
    float sum = 0.0F;
    for (int index = static_cast<int>(threadIdx.x); index < count; index += 32) {
        values[index] = expf(values[index] - largest);
        sum += values[index];
    }
#pragma unroll
    for (int offset = 16; offset > 0; offset /= 2)
        sum += __shfl_xor_sync(0xFFFFFFFFU, sum, offset);
    for (int index = static_cast<int>(threadIdx.x); index < count; index += 32)
        values[index] /= sum;
    __syncwarp();
}

/// Experts outside the best groups can no longer be chosen. groupScores: one a group.
__device__ void keepBestGroups(const RouteCall& call, float* selection, float* groupScores) {
    const int size = call.experts / call.op.groups;
    for (int group = static_cast<int>(threadIdx.x); group < call.op.groups; group += 32) {
        float first = -INFINITY;
        float second = -INFINITY;
        for (int index = group * size; index < (group + 1) * size; ++index) {
            const float value = selection[index];
            if (value > first) {
                second = first;
                first = value;
            } else if (value > second) {
                second = value;
            }
        }
        groupScores[group] = size > 1 ? first + second : first;
    }
    __syncwarp();
    for (int kept = 0; kept < call.op.groupsUsed; ++kept) {
        const int group = highestOf(groupScores, call.op.groups).index;
        __syncwarp();
        if (threadIdx.x == 0 && group < call.op.groups)
            groupScores[group] = NAN; // marks it as kept: never chosen again
        __syncwarp();
    }
    for (int index = static_cast<int>(threadIdx.x); index < call.experts; index += 32)
        if (!isnan(groupScores[index / size]))
            selection[index] = -INFINITY;
    __syncwarp();
}

/// Beyond those that reach keepShare of all weights, in falling order, places are marked with a weight below 0.
__device__ void dropRest(const RouteCall& call, float* weights, float* scratch) {
    float all = 0.0F;
    for (int place = 0; place < call.op.expertsUsed; ++place) {
        all += weights[place];
        scratch[place] = weights[place];
    }
    const float wanted = call.op.keepShare * all;
    float reached = 0.0F;
    for (int round = 0; round < call.op.expertsUsed; ++round) {
        int best = 0;
        for (int place = 1; place < call.op.expertsUsed; ++place)
            if (scratch[place] > scratch[best])
                best = place;
        const float weight = scratch[best];
        scratch[best] = -2.0F;
        if (reached >= wanted)
            weights[best] = -1.0F;
        reached += weight;
    }
}

__global__ void routeKernel(RouteCall call) {
    extern __shared__ float shared[];
    float* probabilities = shared;
    float* selection = probabilities + call.experts;
    float* groupScores = selection + call.experts;
    float* weights = groupScores + call.op.groups;
    float* scratch = weights + call.op.expertsUsed;
    const int row = static_cast<int>(blockIdx.x);
    const int lane = static_cast<int>(threadIdx.x);
    const float* scores = call.scores + static_cast<std::int64_t>(row) * call.experts;
    for (int expert = lane; expert < call.experts; expert += 32) {
        const float score = scores[expert];
        probabilities[expert] = call.op.gating == Gating::Sigmoid ? 1.0F / (1.0F + expf(-score)) : score;
    }
    __syncwarp();
    if (call.op.gating == Gating::Softmax)
        softmax(probabilities, call.experts);
    for (int expert = lane; expert < call.experts; expert += 32)
        selection[expert] = probabilities[expert] + (call.bias != nullptr ? call.bias[expert] : 0.0F);
    __syncwarp();
    if (call.op.groups > 1)
        keepBestGroups(call, selection, groupScores);
    std::int32_t* ids = call.ids + static_cast<std::int64_t>(row) * call.op.expertsUsed;
    float* out = call.weights + static_cast<std::int64_t>(row) * call.op.expertsUsed;
    for (int place = 0; place < call.op.expertsUsed; ++place) {
        const int expert = min(highestOf(selection, call.experts).index, call.experts - 1);
        __syncwarp();
        if (lane == 0) {
            ids[place] = expert;
            weights[place] = probabilities[expert];
            selection[expert] = NAN;
        }
        __syncwarp();
    }
    if (call.op.gating == Gating::SoftmaxOfChosen)
        softmax(weights, call.op.expertsUsed);
    if (lane != 0)
        return;
    if (call.op.keepShare < 1.0F)
        dropRest(call, weights, scratch);
    float sum = 0.0F;
    for (int place = 0; place < call.op.expertsUsed; ++place)
        sum += fmaxf(weights[place], 0.0F);
    const float divisor = call.op.normalise == Normalise::Yes ? fmaxf(sum, kSmallestSum) : 1.0F;
    for (int place = 0; place < call.op.expertsUsed; ++place) {
        const bool isDropped = weights[place] < 0.0F;
        if (isDropped)
            ids[place] = -1;
        out[place] = isDropped ? 0.0F : weights[place] / divisor * call.op.weightScale;
    }
}

} // namespace

std::size_t routeSharedBytes(std::int32_t experts, std::int32_t groups, std::int32_t used) {
    return (2 * static_cast<std::size_t>(experts) + groups + 2 * used) * sizeof(float);
}

void launchRoute(const RouteCall& call, cudaStream_t stream) {
    const std::size_t bytes = routeSharedBytes(call.experts, call.op.groups, call.op.expertsUsed);
    routeKernel<<<static_cast<unsigned>(call.rows), 32, bytes, stream>>>(call);
}

} // namespace hearth::cuda
