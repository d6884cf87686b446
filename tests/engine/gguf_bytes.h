#pragma once

#include <QByteArray>

#include <cstdint>
#include <string_view>

namespace hearth::test {

/// Writes the parts of a GGUF file one by one, right or wrong.
class GgufBytes {
public:
    template <typename Number>
    GgufBytes& number(Number value) {
        m_bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
        return *this;
    }
    GgufBytes& u32(std::uint32_t value) { return number(value); }
    GgufBytes& u64(std::uint64_t value) { return number(value); }
    GgufBytes& text(std::string_view value) {
        u64(value.size());
        m_bytes.append(value.data(), static_cast<qsizetype>(value.size()));
        return *this;
    }
    GgufBytes& zeros(qsizetype count) {
        m_bytes.append(count, '\0');
        return *this;
    }
    GgufBytes& padTo(qsizetype alignment) { return zeros((alignment - m_bytes.size() % alignment) % alignment); }

    GgufBytes& head(std::uint64_t tensors, std::uint64_t keys, std::uint32_t version = 3) {
        return u32(0x46554747).u32(version).u64(tensors).u64(keys);
    }
    GgufBytes& key(std::string_view name, std::uint32_t type) { return text(name).u32(type); }
    GgufBytes& arrayKey(std::string_view name, std::uint32_t elementType, std::uint64_t count) {
        return key(name, 9).u32(elementType).u64(count);
    }
    /// A tensor record.
    GgufBytes& tensor(std::string_view name, std::initializer_list<std::uint64_t> extents, std::uint32_t type,
                      std::uint64_t offset) {
        text(name).u32(static_cast<std::uint32_t>(extents.size()));
        for (const std::uint64_t extent : extents)
            u64(extent);
        return u32(type).u64(offset);
    }

    [[nodiscard]] const QByteArray& bytes() const { return m_bytes; }

private:
    QByteArray m_bytes;
};

} // namespace hearth::test
