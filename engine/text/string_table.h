#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// A hash for short texts; equal on every machine of one byte order.
[[nodiscard]] inline std::uint64_t hashText(std::string_view text) {
    constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15ULL;
    std::uint64_t hash = text.size() * kFactor;
    const auto mix = [&hash](std::uint64_t word) {
        hash = (hash ^ word) * kFactor;
        hash ^= hash >> 32;
    };
    while (text.size() >= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof(word));
        mix(word);
        text.remove_prefix(sizeof(word));
    }
    std::uint64_t rest = 0;
    if (!text.empty())
        std::memcpy(&rest, text.data(), text.size());
    mix(rest);
    return hash;
}

/// Many strings in one block of memory, found by number.
class StringTable {
public:
    void reserve(std::size_t count, std::size_t sizeBytes) {
        m_ends.reserve(count);
        m_bytes.reserve(sizeBytes);
    }
    void add(std::string_view text) {
        m_bytes += text;
        m_ends.push_back(m_bytes.size());
    }
    [[nodiscard]] std::size_t size() const { return m_ends.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t index) const {
        const std::size_t start = index == 0 ? 0 : m_ends[index - 1];
        return {m_bytes.data() + start, m_ends[index] - start};
    }

private:
    std::string m_bytes;
    std::vector<std::size_t> m_ends;
};

/// Finds the number of a string in a table. A string that stands there twice is found under its last number.
class TextIndex {
public:
    static constexpr std::int32_t kAbsent = -1;

    /// Reads the strings that `table` holds now; it must live and stay unchanged as long as the index.
    explicit TextIndex(const StringTable& table) : m_table(&table) {
        std::size_t slots = 16;
        while (slots < table.size() * 2)
            slots *= 2;
        m_slots.assign(slots, Slot{});
        for (std::size_t index = 0; index < table.size(); ++index) {
            const std::uint64_t hash = hashText(table[index]);
            m_slots[slotOf(table[index], hash)] = {static_cast<std::uint32_t>(hash), static_cast<std::int32_t>(index)};
        }
    }

    [[nodiscard]] std::int32_t find(std::string_view text) const { return m_slots[slotOf(text, hashText(text))].index; }

private:
    struct Slot {
        std::uint32_t hash = 0;
        std::int32_t index = kAbsent;
    };

    /// The slot that holds the text, or the free one where it would go.
    [[nodiscard]] std::size_t slotOf(std::string_view text, std::uint64_t hash) const {
        const std::size_t mask = m_slots.size() - 1;
        std::size_t slot = static_cast<std::size_t>(hash >> 20) & mask;
        while (m_slots[slot].index != kAbsent
               && (m_slots[slot].hash != static_cast<std::uint32_t>(hash)
                   || (*m_table)[static_cast<std::size_t>(m_slots[slot].index)] != text))
            slot = (slot + 1) & mask;
        return slot;
    }

    const StringTable* m_table;
    std::vector<Slot> m_slots;
};

} // namespace hearth
