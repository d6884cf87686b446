// Ops on rows of activations: norms, sums, activations, pooling.

#include "kernels/cuda/launch.h"

#include "kernels/cuda/block_sum.cuh"

namespace hearth::cuda {

namespace {

constexpr int kThreads = 256;

unsigned blocksFor(std::int64_t count) {
    return static_cast<unsigned>((count + kThreads - 1) / kThreads);
}

__global__ void normKernel(NormCall call) {
    const int row = static_cast<int>(blockIdx.x);
    const int part = static_cast<int>(blockIdx.y);
    const int from = call.rowIndex != nullptr ? call.rowIndex[row] : row;
    const float* in = call.in + from * call.inRowStride + part * call.inPartStride;
    float* out = call.out + row * call.outRowStride + part * call.outPartStride;
    float mean = 0.0F;
    if (call.norm.kind == NormKind::Layer) {
        float sum = 0.0F;
        for (int column = static_cast<int>(threadIdx.x); column < call.width; column += kThreads)
            sum += call.inputScale * in[column];
        mean = blockSum(sum) / static_cast<float>(call.width);
    }
    float squares = 0.0F;
    if (call.norm.kind != NormKind::None)
        for (int column = static_cast<int>(threadIdx.x); column < call.width; column += kThreads) {
            const float value = call.inputScale * in[column] - mean;
            squares += value * value;
        }
    const float inverse = call.norm.kind == NormKind::None
                              ? 1.0F
                              : 1.0F / sqrtf(blockSum(squares) / static_cast<float>(call.width) + call.norm.epsilon);
    for (int column = static_cast<int>(threadIdx.x); column < call.width; column += kThreads) {
        const float weight = call.norm.weight != nullptr ? call.norm.weight[column] : 1.0F;
        const float bias = call.norm.bias != nullptr ? call.norm.bias[column] : 0.0F;
        out[column] = (call.inputScale * in[column] - mean) * inverse * weight + bias;
    }
}

__global__ void combineKernel(CombineCall call) {
    const int column = static_cast<int>(blockIdx.x * kThreads + threadIdx.x);
    const int row = static_cast<int>(blockIdx.y);
    if (column >= call.columns)
        return;
    float value = call.in[row * call.inStride + column];
    if (call.other != nullptr)
        value += call.other[row * call.otherStride + column];
    value *= call.scale;
    if (call.factor != nullptr)
        value *= call.factor[0];
    if (call.gate != nullptr)
        value /= 1.0F + expf(-call.gate[row]);
    float& out = call.out[row * call.outStride + column];
    out = call.adds ? out + value : value;
}

__device__ float activated(Activation activation, float x) {
    switch (activation) {
    case Activation::Silu:
        return x / (1.0F + expf(-x));
    case Activation::GeluTanh:
        return 0.5F * x * (1.0F + tanhf(0.7978845608028654F * (x + 0.044715F * x * x * x)));
    case Activation::Relu:
        return x < 0.0F ? 0.0F : x;
    case Activation::SwigluClamped:
        break; // needs a gate: see gated()
    }
    return x;
}

/// gpt-oss's clamp and slope (its model card's reference code).
__device__ float gated(Activation activation, float gate, float up) {
    if (activation != Activation::SwigluClamped)
        return activated(activation, gate) * up;
    const float limited = gate > 7.0F ? 7.0F : gate;
    const float clamped = up > 7.0F ? 7.0F : up < -7.0F ? -7.0F : up;
    return limited / (1.0F + expf(-1.702F * limited)) * (clamped + 1.0F);
}

__global__ void activateKernel(ActivateCall call) {
    const int column = static_cast<int>(blockIdx.x * kThreads + threadIdx.x);
    const int part = static_cast<int>(blockIdx.z);
    const int row = static_cast<int>(blockIdx.y);
    if (column >= call.columns || (call.ids != nullptr && call.ids[row * call.parts + part] < 0))
        return;
    const std::int64_t place = (static_cast<std::int64_t>(row) * call.parts + part) * call.columns + column;
    const float up = call.up[row * call.upStride + static_cast<std::int64_t>(part) * call.columns + column];
    call.out[place] =
        call.gate != nullptr ? gated(call.activation, call.gate[place], up) : activated(call.activation, up);
}

__global__ void reduceKernel(ReduceCall call) {
    const int column = static_cast<int>(blockIdx.x * kThreads + threadIdx.x);
    const int row = static_cast<int>(blockIdx.y);
    if (column >= call.columns)
        return;
    float sum = 0.0F;
    for (int part = 0; part < call.parts; ++part) {
        const std::int64_t place = static_cast<std::int64_t>(row) * call.parts + part;
        const std::int32_t id = call.ids[place];
        if (id < 0)
            continue;
        const float share = call.weights[place] * (call.expertScale != nullptr ? call.expertScale[id] : 1.0F);
        sum += share * call.in[place * call.columns + column];
    }
    call.out[static_cast<std::int64_t>(row) * call.columns + column] = sum;
}

__global__ void scaleCapKernel(float* values, std::int64_t count, float scale, float softCap, bool isTanh) {
    const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
    if (index >= count)
        return;
    float value = values[index] * scale;
    if (softCap > 0.0F)
        value = softCap * tanhf(value / softCap);
    values[index] = isTanh ? tanhf(value) : value;
}

__global__ void loadRowsKernel(DeviceStep step, std::int32_t part, std::int32_t parts, bool mediaOnly, bool adds,
                               Rows out) {
    const int column = static_cast<int>(blockIdx.x * kThreads + threadIdx.x);
    const int row = static_cast<int>(blockIdx.y);
    if (column >= out.columns)
        return;
    float& value = out.data[row * out.stride + column];
    const bool isRead = !mediaOnly || step.tokens[row] < 0;
    const std::int64_t place = (static_cast<std::int64_t>(row) * parts + part) * out.columns + column;
    const float read = isRead ? step.embeddings[place] : 0.0F;
    value = adds ? value + read : read;
}

__global__ void poolKernel(Rows in, Pooling pooling, float* out) {
    const int column = static_cast<int>(blockIdx.x * kThreads + threadIdx.x);
    if (column >= in.columns)
        return;
    if (pooling != Pooling::Mean) {
        out[column] = in.data[(pooling == Pooling::First ? 0 : in.count - 1) * in.stride + column];
        return;
    }
    float sum = 0.0F;
    for (int row = 0; row < in.count; ++row)
        sum += in.data[row * in.stride + column];
    out[column] = sum / static_cast<float>(in.count);
}

} // namespace

void launchNorm(const NormCall& call, cudaStream_t stream) {
    if (call.count == 0)
        return;
    const dim3 grid(static_cast<unsigned>(call.count), static_cast<unsigned>(call.parts));
    normKernel<<<grid, kThreads, 0, stream>>>(call);
}

void launchCombine(const CombineCall& call, cudaStream_t stream) {
    const dim3 grid(blocksFor(call.columns), static_cast<unsigned>(call.count));
    combineKernel<<<grid, kThreads, 0, stream>>>(call);
}

void launchActivate(const ActivateCall& call, cudaStream_t stream) {
    const dim3 grid(blocksFor(call.columns), static_cast<unsigned>(call.count), static_cast<unsigned>(call.parts));
    activateKernel<<<grid, kThreads, 0, stream>>>(call);
}

void launchReduce(const ReduceCall& call, cudaStream_t stream) {
    const dim3 grid(blocksFor(call.columns), static_cast<unsigned>(call.count));
    reduceKernel<<<grid, kThreads, 0, stream>>>(call);
}

void launchScaleCap(float* values, std::int64_t count, float scale, float softCap, bool isTanh, cudaStream_t stream) {
    if (count > 0)
        scaleCapKernel<<<blocksFor(count), kThreads, 0, stream>>>(values, count, scale, softCap, isTanh);
}

void launchLoadRows(const DeviceStep& step, std::int32_t part, std::int32_t parts, bool mediaOnly, bool adds, Rows out,
                    cudaStream_t stream) {
    const dim3 grid(blocksFor(out.columns), static_cast<unsigned>(step.rows));
    loadRowsKernel<<<grid, kThreads, 0, stream>>>(step, part, parts, mediaOnly, adds, out);
}

void launchPool(const Rows& in, Pooling pooling, float* out, cudaStream_t stream) {
    poolKernel<<<blocksFor(in.columns), kThreads, 0, stream>>>(in, pooling, out);
}

} // namespace hearth::cuda
