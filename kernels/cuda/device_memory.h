#pragma once

#include "kernels/base/result.h"

#include <cuda_runtime.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace hearth::cuda {

/// The runtime's answer as ours: OutOfMemory for no memory, Device for all else; `doing` says what was tried.
[[nodiscard]] Status statusOf(cudaError_t code, std::string_view doing);

/// Device memory, aligned to 256 bytes, freed with the object.
class DeviceMemory {
public:
    /// Errors: OutOfMemory with the bytes wanted and free. No bytes: no memory.
    [[nodiscard]] static Result<DeviceMemory> create(std::size_t bytes);
    DeviceMemory() = default;
    DeviceMemory(DeviceMemory&& other) noexcept
        : m_data(std::exchange(other.m_data, nullptr)), m_bytes(std::exchange(other.m_bytes, 0)) {}
    DeviceMemory& operator=(DeviceMemory&& other) noexcept {
        std::swap(m_data, other.m_data);
        std::swap(m_bytes, other.m_bytes);
        return *this;
    }
    ~DeviceMemory();

    [[nodiscard]] std::size_t sizeBytes() const { return m_bytes; }
    template <typename T = std::uint8_t>
    [[nodiscard]] T* data(std::size_t offsetBytes = 0) const {
        return reinterpret_cast<T*>(m_data + offsetBytes);
    }
    [[nodiscard]] Status write(std::size_t offsetBytes, std::span<const std::byte> bytes);
    [[nodiscard]] Status read(std::size_t offsetBytes, std::span<std::byte> out) const;
    [[nodiscard]] Status fillZero(std::size_t offsetBytes, std::size_t bytes);

private:
    std::byte* m_data = nullptr;
    std::size_t m_bytes = 0;
};

} // namespace hearth::cuda
