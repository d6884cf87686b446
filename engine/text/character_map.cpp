#include "engine/text/character_map.h"

#include "engine/gguf/gguf_file.h"

#include <cstring>

namespace hearth {

namespace {

constexpr std::string_view kKey = "tokenizer.ggml.precompiled_charsmap";

// The parts of a unit.
std::uint32_t distanceToChildren(std::uint32_t unit) {
    return (unit >> 10) << ((unit & (1U << 9)) >> 6);
}
bool hasValue(std::uint32_t unit) {
    return (unit >> 8 & 1) != 0;
}
/// Also tells a unit that holds a value, which no byte equals.
std::uint32_t labelOf(std::uint32_t unit) {
    return unit & (1U << 31 | 0xff);
}
std::uint32_t valueOf(std::uint32_t unit) {
    return unit & ((1U << 31) - 1);
}

Error corrupt(const GgufFile& file, const std::string& reason) {
    return Error{ErrorCode::Corrupt, "'" + file.path().string() + "': '" + std::string(kKey) + "' " + reason};
}

} // namespace

Result<CharacterMap> CharacterMap::read(const GgufFile& file) {
    CharacterMap map;
    const GgufValue* value = file.find(kKey);
    if (value == nullptr)
        return map;
    std::string bytes;
    const auto take = [&bytes](const auto& numbers) {
        for (const auto number : numbers)
            bytes += static_cast<char>(number);
    };
    if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(value))
        take(*numbers);
    else if (const auto* unsignedNumbers = std::get_if<std::vector<std::uint64_t>>(value))
        take(*unsignedNumbers);
    else
        return corrupt(file, "is not a list of bytes");
    if (bytes.empty())
        return map;
    std::uint32_t arrayBytes = 0;
    if (bytes.size() < sizeof(arrayBytes))
        return corrupt(file, "has " + std::to_string(bytes.size()) + " bytes");
    std::memcpy(&arrayBytes, bytes.data(), sizeof(arrayBytes));
    if (arrayBytes >= bytes.size() - sizeof(arrayBytes))
        return corrupt(file, "claims an array of " + std::to_string(arrayBytes) + " of its "
                                 + std::to_string(bytes.size()) + " bytes");
    map.m_units.resize(arrayBytes / sizeof(std::uint32_t));
    if (!map.m_units.empty())
        std::memcpy(map.m_units.data(), bytes.data() + sizeof(arrayBytes), map.m_units.size() * sizeof(std::uint32_t));
    map.m_texts = bytes.substr(sizeof(arrayBytes) + arrayBytes);
    if (map.m_texts.back() != '\0')
        return corrupt(file, "ends inside a text");
    return map;
}

std::optional<CharacterMap::Replacement> CharacterMap::find(std::string_view text) const {
    if (m_units.empty())
        return std::nullopt;
    std::optional<Replacement> longest;
    std::uint32_t index = distanceToChildren(m_units[0]);
    for (std::size_t offset = 0; offset < text.size() && text[offset] != '\0'; ++offset) {
        const auto byte = static_cast<unsigned char>(text[offset]);
        index ^= byte;
        if (index >= m_units.size() || labelOf(m_units[index]) != byte)
            break;
        const std::uint32_t unit = m_units[index];
        index ^= distanceToChildren(unit);
        if (index >= m_units.size())
            break;
        if (hasValue(unit)) {
            const std::uint32_t start = valueOf(m_units[index]);
            if (start >= m_texts.size())
                break;
            longest = Replacement{std::string_view(m_texts.data() + start), offset + 1};
        }
    }
    return longest;
}

} // namespace hearth
