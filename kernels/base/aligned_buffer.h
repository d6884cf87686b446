#pragma once

#include "kernels/base/result.h"

#include <cstddef>
#include <memory>
#include <span>

namespace hearth {

/// Zeroed memory aligned to 64 bytes (a cache line, an AVX-512 register). Movable, not copyable.
class AlignedBuffer {
public:
    static constexpr std::size_t kAlignment = 64;

    AlignedBuffer() = default;

    /// Errors: OutOfMemory, with the number of bytes asked for.
    [[nodiscard]] static Result<AlignedBuffer> create(std::size_t sizeBytes);

    [[nodiscard]] std::byte* data() { return m_data.get(); }
    [[nodiscard]] const std::byte* data() const { return m_data.get(); }
    [[nodiscard]] std::size_t sizeBytes() const { return m_sizeBytes; }

    template <typename T>
    [[nodiscard]] std::span<T> as() {
        return {reinterpret_cast<T*>(m_data.get()), m_sizeBytes / sizeof(T)};
    }

private:
    struct Release {
        void operator()(std::byte* data) const;
    };
    std::unique_ptr<std::byte[], Release> m_data;
    std::size_t m_sizeBytes = 0;
};

} // namespace hearth
