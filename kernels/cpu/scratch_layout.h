#pragma once

#include "kernels/base/aligned_buffer.h"

#include <cstddef>

namespace hearth {

/// Carves named pieces out of a scratch: the same additions give the size first and, kept as offsets, the places.
class ScratchLayout {
public:
    /// Offset of a new piece, aligned to a cache line.
    template <typename T>
    std::size_t add(std::size_t count) {
        const std::size_t offset = m_sizeBytes;
        const std::size_t sizeBytes = count * sizeof(T);
        m_sizeBytes +=
            (sizeBytes + AlignedBuffer::kAlignment - 1) / AlignedBuffer::kAlignment * AlignedBuffer::kAlignment;
        return offset;
    }
    [[nodiscard]] std::size_t sizeBytes() const { return m_sizeBytes; }

private:
    std::size_t m_sizeBytes = 0;
};

template <typename T>
[[nodiscard]] T* pieceAt(std::byte* scratch, std::size_t offset) {
    return reinterpret_cast<T*>(scratch + offset);
}

} // namespace hearth
