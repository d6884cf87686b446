#include "engine/text/byte_trie.h"

#include <algorithm>

namespace hearth {

namespace {

/// The keys from first to last share their first `depth` bytes, which lead to a node.
struct Group {
    std::size_t first;
    std::size_t last;
    std::size_t depth;
};

} // namespace

ByteTrie::ByteTrie(std::vector<Key> keys) {
    std::stable_sort(keys.begin(), keys.end(),
                     [](const Key& left, const Key& right) { return left.text < right.text; });
    m_nodes.emplace_back();
    m_bytes.push_back(0);
    // Node by node in order of depth: the groups are in step with the nodes.
    std::vector<Group> groups{{0, keys.size(), 0}};
    for (std::size_t node = 0; node < groups.size(); ++node) {
        Group group = groups[node];
        while (group.first < group.last && keys[group.first].text.size() == group.depth) {
            if (group.depth > 0)
                m_nodes[node].value = keys[group.first].value;
            ++group.first;
        }
        m_nodes[node].firstChild = static_cast<std::uint32_t>(m_nodes.size());
        while (group.first < group.last) {
            const char byte = keys[group.first].text[group.depth];
            std::size_t next = group.first + 1;
            while (next < group.last && keys[next].text[group.depth] == byte)
                ++next;
            groups.push_back({group.first, next, group.depth + 1});
            m_nodes.emplace_back();
            m_bytes.push_back(static_cast<unsigned char>(byte));
            ++m_nodes[node].childCount;
            group.first = next;
        }
    }
}

ByteTrie::Node ByteTrie::child(Node node, char byte) const {
    const Links& links = m_nodes[node];
    const auto wanted = static_cast<unsigned char>(byte);
    const auto first = m_bytes.begin() + links.firstChild;
    // Most nodes have one or two children, for which a search would cost more than looking.
    constexpr std::uint32_t kFew = 8;
    if (links.childCount <= kFew) {
        for (std::uint32_t index = 0; index < links.childCount; ++index)
            if (first[index] == wanted)
                return links.firstChild + index;
        return kNone;
    }
    const auto last = first + links.childCount;
    const auto found = std::lower_bound(first, last, wanted);
    return found != last && *found == wanted ? static_cast<Node>(found - m_bytes.begin()) : kNone;
}

ByteTrie::Match ByteTrie::longestPrefix(std::string_view text) const {
    Match match;
    Node node = kRoot;
    for (std::size_t offset = 0; offset < text.size(); ++offset) {
        node = child(node, text[offset]);
        if (node == kNone)
            break;
        if (value(node) != kNoValue)
            match = {offset + 1, value(node)};
    }
    return match;
}

} // namespace hearth
