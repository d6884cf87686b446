#include "kernels/cuda/device_memory.h"

#include <string>

namespace hearth::cuda {

Status statusOf(cudaError_t code, std::string_view doing) {
    if (code == cudaSuccess)
        return {};
    const ErrorCode kind = code == cudaErrorMemoryAllocation ? ErrorCode::OutOfMemory : ErrorCode::Device;
    return Error{kind, "CUDA: " + std::string(doing) + ": " + cudaGetErrorString(code)};
}

Result<DeviceMemory> DeviceMemory::create(std::size_t bytes) {
    DeviceMemory memory;
    if (bytes == 0)
        return memory;
    void* data = nullptr;
    if (const cudaError_t code = cudaMalloc(&data, bytes); code != cudaSuccess) {
        std::size_t free = 0;
        std::size_t total = 0;
        static_cast<void>(cudaGetLastError()); // or the next check would report this again
        static_cast<void>(cudaMemGetInfo(&free, &total));
        return Error{code == cudaErrorMemoryAllocation ? ErrorCode::OutOfMemory : ErrorCode::Device,
                     "the GPU has no memory for " + std::to_string(bytes) + " bytes (" + std::to_string(free) + " of "
                         + std::to_string(total) + " are free): " + cudaGetErrorString(code)};
    }
    memory.m_data = static_cast<std::byte*>(data);
    memory.m_bytes = bytes;
    return memory;
}

DeviceMemory::~DeviceMemory() {
    static_cast<void>(cudaFree(m_data));
}

Status DeviceMemory::write(std::size_t offsetBytes, std::span<const std::byte> bytes) {
    HEARTH_ASSERT(offsetBytes + bytes.size() <= m_bytes);
    if (bytes.empty())
        return {};
    return statusOf(cudaMemcpy(m_data + offsetBytes, bytes.data(), bytes.size(), cudaMemcpyHostToDevice),
                    "copying to the GPU");
}

Status DeviceMemory::read(std::size_t offsetBytes, std::span<std::byte> out) const {
    HEARTH_ASSERT(offsetBytes + out.size() <= m_bytes);
    if (out.empty())
        return {};
    return statusOf(cudaMemcpy(out.data(), m_data + offsetBytes, out.size(), cudaMemcpyDeviceToHost),
                    "copying from the GPU");
}

Status DeviceMemory::fillZero(std::size_t offsetBytes, std::size_t bytes) {
    HEARTH_ASSERT(offsetBytes + bytes <= m_bytes);
    return statusOf(cudaMemset(m_data + offsetBytes, 0, bytes), "clearing memory of the GPU");
}

} // namespace hearth::cuda
