// Recurrent layers: convolutions and gated delta nets, row after row.

#include "kernels/cuda/block_sum.cuh"
#include "kernels/cuda/launch.h"

namespace hearth::cuda {

namespace {

constexpr int kThreads = 128;

/// A thread for each channel.
__global__ void convolutionKernel(ConvolutionCall call) {
    const int channel = static_cast<int>(blockIdx.x * kThreads + threadIdx.x);
    if (channel >= call.channels)
        return;
    const float* weights = call.weights + static_cast<std::int64_t>(channel) * call.taps;
    const int past = call.taps - 1;
    if (call.begins)
        for (int tap = 0; tap < past; ++tap)
            call.history[static_cast<std::int64_t>(tap) * call.channels + channel] = 0.0F;
    for (int row = 0; row < call.rows; ++row) {
        const float* in = call.in + row * call.inStride;
        const float x = call.isShort ? in[channel] * in[2 * call.channels + channel] : in[channel];
        float sum = weights[past] * x;
        for (int tap = 0; tap < past; ++tap) {
            float& slot = call.history[static_cast<std::int64_t>(tap) * call.channels + channel];
            sum += weights[tap] * slot;
            slot = tap + 1 < past ? call.history[static_cast<std::int64_t>(tap + 1) * call.channels + channel] : x;
        }
        call.out[row * call.outStride + channel] =
            call.isShort ? in[call.channels + channel] * sum : sum / (1.0F + expf(-sum));
    }
}

/// q and k of each row and key head divided by their length, q also by sqrt(columns).
__global__ void lengthKernel(DeltaCall call) {
    const int row = static_cast<int>(blockIdx.x);
    const int head = static_cast<int>(blockIdx.y); // q heads, then k heads
    const std::int64_t width = 2 * call.keyHeads + call.valueHeads;
    float* values = call.channels + (row * width + head) * call.columns;
    float squares = 0.0F;
    for (int column = static_cast<int>(threadIdx.x); column < call.columns; column += kThreads)
        squares += values[column] * values[column];
    const float length = fmaxf(sqrtf(blockSum(squares)), call.epsilon);
    const float divisor = head < call.keyHeads ? length * sqrtf(static_cast<float>(call.columns)) : length;
    for (int column = static_cast<int>(threadIdx.x); column < call.columns; column += kThreads)
        values[column] /= divisor;
}

/// A block for each value head, a thread for each column of its state.
__global__ void deltaKernel(DeltaCall call) {
    extern __shared__ float shared[];
    const int columns = call.columns;
    float* query = shared;
    float* key = shared + columns;
    const int head = static_cast<int>(blockIdx.x);
    const int column = static_cast<int>(threadIdx.x);
    const bool isColumn = column < columns;
    const int perKey = call.valueHeads / call.keyHeads;
    const int keyHead = call.divides ? head / perKey : head % call.keyHeads;
    float* state = call.state + static_cast<std::int64_t>(head) * columns * columns;
    if (call.begins && isColumn)
        for (int row = 0; row < columns; ++row)
            state[static_cast<std::int64_t>(row) * columns + column] = 0.0F;
    const std::int64_t width = 2 * call.keyHeads + call.valueHeads;
    for (int step = 0; step < call.rows; ++step) {
        const float* channels = call.channels + step * width * columns;
        __syncthreads();
        if (isColumn) {
            query[column] = channels[keyHead * columns + column];
            key[column] = channels[(call.keyHeads + keyHead) * columns + column];
        }
        __syncthreads();
        const std::int64_t controls = static_cast<std::int64_t>(step) * call.valueHeads;
        float beta = 0.0F;
        float alpha = 0.0F;
        if (call.alpha != nullptr) {
            beta = call.beta[controls + head];
            alpha = call.alpha[controls + head];
        } else {
            const float* pairs = call.beta + 2 * controls + head / perKey * 2 * perKey + head % perKey;
            beta = pairs[0];
            alpha = pairs[perKey];
        }
        const float shifted = alpha + (call.timeBias != nullptr ? call.timeBias[head] : 0.0F);
        const float softplus = shifted > 20.0F ? shifted : log1pf(expf(shifted));
        const float decay = expf(call.decay[head] * softplus);
        const float strength = 1.0F / (1.0F + expf(-beta));
        float result = 0.0F;
        if (isColumn) {
            const float value = channels[(2 * call.keyHeads + head) * columns + column];
            float recalled = 0.0F;
            for (int row = 0; row < columns; ++row)
                recalled += decay * state[static_cast<std::int64_t>(row) * columns + column] * key[row];
            const float change = strength * (value - recalled);
            for (int row = 0; row < columns; ++row) {
                float& cell = state[static_cast<std::int64_t>(row) * columns + column];
                cell = decay * cell + key[row] * change;
                result += cell * query[row];
            }
        }
        float mean = 0.0F;
        if (call.norm.kind == NormKind::Layer)
            mean = blockSum(isColumn ? result : 0.0F) / static_cast<float>(columns);
        const float centred = isColumn ? result - mean : 0.0F;
        if (call.norm.kind != NormKind::None) {
            const float squares = blockSum(centred * centred);
            result = centred / sqrtf(squares / static_cast<float>(columns) + call.norm.epsilon);
        }
        if (isColumn) {
            if (call.norm.weight != nullptr)
                result *= call.norm.weight[column];
            if (call.norm.bias != nullptr)
                result += call.norm.bias[column];
            const std::int64_t place = (controls + head) * columns + column;
            call.out[place] = result * (call.z[place] / (1.0F + expf(-call.z[place])));
        }
    }
}

} // namespace

void launchConvolution(const ConvolutionCall& call, cudaStream_t stream) {
    const auto blocks = static_cast<unsigned>((call.channels + kThreads - 1) / kThreads);
    convolutionKernel<<<blocks, kThreads, 0, stream>>>(call);
}

void launchDelta(const DeltaCall& call, cudaStream_t stream) {
    const dim3 heads(static_cast<unsigned>(call.rows), static_cast<unsigned>(2 * call.keyHeads));
    lengthKernel<<<heads, kThreads, 0, stream>>>(call);
    const auto threads = static_cast<unsigned>((call.columns + 31) / 32 * 32);
    const std::size_t bytes = 2 * static_cast<std::size_t>(call.columns) * sizeof(float);
    deltaKernel<<<static_cast<unsigned>(call.valueHeads), threads, bytes, stream>>>(call);
}

} // namespace hearth::cuda
