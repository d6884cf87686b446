#include "kernels/base/aligned_buffer.h"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

namespace hearth {

Result<AlignedBuffer> AlignedBuffer::create(std::size_t sizeBytes) {
    AlignedBuffer buffer;
    if (sizeBytes == 0)
        return buffer;
    const bool representable = sizeBytes <= std::numeric_limits<std::size_t>::max() - kAlignment;
    const std::size_t rounded = representable ? (sizeBytes + kAlignment - 1) / kAlignment * kAlignment : 0;
    void* data = representable ? std::aligned_alloc(kAlignment, rounded) : nullptr;
    if (data == nullptr)
        return Error{ErrorCode::OutOfMemory, "cannot allocate " + std::to_string(sizeBytes) + " bytes of memory"};
    std::memset(data, 0, rounded);
    buffer.m_data.reset(static_cast<std::byte*>(data));
    buffer.m_sizeBytes = sizeBytes;
    return buffer;
}

void AlignedBuffer::Release::operator()(std::byte* data) const {
    std::free(data);
}

} // namespace hearth
