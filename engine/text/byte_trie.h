#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth {

/// Strings with numbers, walked byte by byte from the root. Immutable after construction. Thread: any.
class ByteTrie {
public:
    using Node = std::uint32_t;
    static constexpr Node kRoot = 0;
    static constexpr Node kNone = 0xffffffff;
    static constexpr std::int32_t kNoValue = -1;

    struct Key {
        std::string_view text;
        std::int32_t value = kNoValue;
    };

    /// Of equal texts the last one counts; empty texts are left out. Values are not negative.
    explicit ByteTrie(std::vector<Key> keys);

    /// The node reached from `node` by `byte`, or kNone.
    [[nodiscard]] Node child(Node node, char byte) const;
    /// The value of the text that ends here, or kNoValue.
    [[nodiscard]] std::int32_t value(Node node) const { return m_nodes[node].value; }

    /// The longest key that `text` begins with.
    struct Match {
        std::size_t sizeBytes = 0;
        std::int32_t value = kNoValue;
    };
    [[nodiscard]] Match longestPrefix(std::string_view text) const;

private:
    /// Children lie one after the other, in the order of their bytes.
    struct Links {
        std::uint32_t firstChild = 0;
        std::uint32_t childCount = 0;
        std::int32_t value = kNoValue;
    };

    std::vector<Links> m_nodes;
    std::vector<unsigned char> m_bytes;
};

} // namespace hearth
