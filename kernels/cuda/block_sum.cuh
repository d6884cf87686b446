#pragma once

namespace hearth::cuda {

/// The sum over a block of up to 1024 threads (whole warps), seen by all of them. Every thread takes part.
__device__ inline float blockSum(float value) {
    __shared__ float partial[32];
    const unsigned lane = threadIdx.x % 32;
    const unsigned warp = threadIdx.x / 32;
    const unsigned warps = blockDim.x / 32;
#pragma unroll
    for (int offset = 16; offset > 0; offset /= 2)
        value += __shfl_xor_sync(0xFFFFFFFFU, value, offset);
    __syncthreads(); // an earlier sum may still be read
    if (lane == 0)
        partial[warp] = value;
    __syncthreads();
    float sum = 0.0F;
    for (unsigned index = 0; index < warps; ++index)
        sum += partial[index];
    return sum;
}

} // namespace hearth::cuda
