#pragma once

#include "kernels/base/result.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace hearth::gguf {

/// Walks over the bytes of a file and never past their end. Numbers are little-endian. Thread: one.
class ByteReader {
public:
    explicit ByteReader(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    [[nodiscard]] std::span<const std::byte> file() const { return m_bytes; }
    [[nodiscard]] std::size_t size() const { return m_bytes.size(); }
    [[nodiscard]] std::size_t position() const { return m_position; }
    [[nodiscard]] std::size_t remaining() const { return m_bytes.size() - m_position; }
    [[nodiscard]] std::span<const std::byte> bytesSince(std::size_t start) const {
        return m_bytes.subspan(start, m_position - start);
    }

    /// Only for as many bytes as remaining() was seen to have.
    void skip(std::size_t count) {
        HEARTH_ASSERT(count <= remaining());
        m_position += count;
    }

    /// Goes past a length and the bytes it counts; stays put and is false if they are not all there.
    [[nodiscard]] bool skipString() {
        std::uint64_t length = 0;
        if (remaining() < sizeof(length))
            return false;
        std::memcpy(&length, m_bytes.data() + m_position, sizeof(length));
        if (length > remaining() - sizeof(length))
            return false;
        m_position += sizeof(length) + static_cast<std::size_t>(length);
        return true;
    }

    /// Errors: Corrupt, naming `what` and where the file ends.
    template <typename Number>
    [[nodiscard]] Result<Number> number(std::string_view what) {
        if (remaining() < sizeof(Number))
            return truncated(what);
        Number value;
        std::memcpy(&value, m_bytes.data() + m_position, sizeof(value));
        m_position += sizeof(value);
        return value;
    }

    /// A view into the file. Errors: Corrupt, naming `what`.
    [[nodiscard]] Result<std::string_view> string(std::string_view what) {
        const std::size_t start = m_position;
        if (!skipString())
            return truncated(what);
        const std::span<const std::byte> bytes = bytesSince(start + sizeof(std::uint64_t));
        return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }

private:
    [[nodiscard]] Error truncated(std::string_view what) const {
        return Error{ErrorCode::Corrupt, std::string(what) + " (byte " + std::to_string(m_position)
                                             + ") reaches past the end of the file at " + std::to_string(m_bytes.size())
                                             + " bytes"};
    }

    std::span<const std::byte> m_bytes;
    std::size_t m_position = 0;
};

} // namespace hearth::gguf
