#pragma once

#include "engine/text/unicode.h"

#include <array>
#include <cstdint>
#include <optional>

namespace hearth {

/// The printable characters that stand for bytes in byte-level vocabularies: printable Latin-1 bytes are themselves,
/// the others are U+0100 and following, in their order. Source: GPT-2's encoder.
class ByteAlphabet {
public:
    constexpr ByteAlphabet() {
        char32_t next = 0x100;
        for (unsigned byte = 0; byte < 256; ++byte) {
            const bool printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
            m_characters[byte] = printable ? static_cast<char32_t>(byte) : next++;
            m_bytes[m_characters[byte]] = static_cast<std::int16_t>(byte);
        }
    }
    [[nodiscard]] constexpr char32_t characterOf(unsigned char byte) const { return m_characters[byte]; }
    [[nodiscard]] constexpr std::optional<unsigned char> byteOf(char32_t character) const {
        if (character >= m_bytes.size() || m_bytes[character] < 0)
            return std::nullopt;
        return static_cast<unsigned char>(m_bytes[character]);
    }

private:
    /// 68 bytes are not printable.
    static constexpr std::size_t kCharacters = 0x100 + 68;
    std::array<char32_t, 256> m_characters{};
    std::array<std::int16_t, kCharacters> m_bytes = [] {
        std::array<std::int16_t, kCharacters> bytes{};
        bytes.fill(-1);
        return bytes;
    }();
};

inline constexpr ByteAlphabet kByteAlphabet;

} // namespace hearth
