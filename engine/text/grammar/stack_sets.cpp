#include "engine/text/grammar/stack_sets.h"

#include <algorithm>
#include <utility>

namespace hearth {

StackSets::StackSets() {
    m_sets.push_back({});
    m_sets.push_back({0, 0, 0, true});
}

StackSets::Id StackSets::make(bool hasEmpty, std::span<const Entry> entries) {
    if (entries.empty())
        return hasEmpty ? kEmpty : kNone;
    std::uint64_t hash = hasEmpty ? 0x9e3779b97f4a7c15U : 0;
    std::uint16_t depth = 0;
    for (const Entry& entry : entries) {
        // The multiplier is that of Knuth's multiplicative hashing for 64 bits.
        hash = (hash ^ ((std::uint64_t{entry.top} << 32) | entry.below)) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 29;
        depth = std::max(depth, m_sets[entry.below].depth);
    }
    m_work += entries.size();
    const auto [begin, end] = m_byHash.equal_range(hash);
    for (auto candidate = begin; candidate != end; ++candidate) {
        const Id id = candidate->second;
        const auto known = this->entries(id);
        if (m_sets[id].hasEmpty == hasEmpty && std::equal(known.begin(), known.end(), entries.begin(), entries.end()))
            return id;
    }
    const auto id = static_cast<Id>(m_sets.size());
    m_sets.push_back({static_cast<std::uint32_t>(m_entries.size()), static_cast<std::uint32_t>(entries.size()),
                      static_cast<std::uint16_t>(depth + 1), hasEmpty});
    m_entries.insert(m_entries.end(), entries.begin(), entries.end());
    m_byHash.emplace(hash, id);
    return id;
}

StackSets::Id StackSets::push(State top, Id below) {
    if (m_sets[below].depth >= kDeepest)
        return kNone;
    const Entry entry{top, below};
    return make(false, {&entry, 1});
}

StackSets::Id StackSets::unite(Id left, Id right) {
    if (left == right || right == kNone || m_work > m_mostWork)
        return left;
    if (left == kNone)
        return right;
    if (left > right)
        std::swap(left, right);
    const std::uint64_t key = (std::uint64_t{left} << 32) | right;
    if (const auto known = m_unions.find(key); known != m_unions.end())
        return known->second;
    // Copies: uniting what lies below may move the tables.
    const std::vector<Entry> first(entries(left).begin(), entries(left).end());
    const std::vector<Entry> second(entries(right).begin(), entries(right).end());
    std::vector<Entry> both;
    both.reserve(first.size() + second.size());
    auto one = first.begin();
    auto other = second.begin();
    while (one != first.end() || other != second.end()) {
        if (other == second.end() || (one != first.end() && one->top < other->top)) {
            both.push_back(*one++);
        } else if (one == first.end() || other->top < one->top) {
            both.push_back(*other++);
        } else {
            both.push_back({one->top, unite(one->below, other->below)});
            ++one;
            ++other;
        }
    }
    const Id id = make(m_sets[left].hasEmpty || m_sets[right].hasEmpty, both);
    m_unions.emplace(key, id);
    return id;
}

StackSets::Id StackSets::copyOf(const StackSets& other, Id set, std::unordered_map<Id, Id>& copies) {
    if (set == kNone || set == kEmpty)
        return set;
    if (const auto known = copies.find(set); known != copies.end())
        return known->second;
    std::vector<Entry> entries(other.entries(set).begin(), other.entries(set).end());
    for (Entry& entry : entries)
        entry.below = copyOf(other, entry.below, copies);
    const Id id = make(other.hasEmpty(set), entries);
    copies.emplace(set, id);
    return id;
}

std::size_t StackSets::sizeBytes() const {
    // Nodes of the maps take about 48 bytes each.
    return m_sets.size() * (sizeof(Set) + 48) + m_entries.size() * sizeof(Entry) + m_unions.size() * 48;
}

} // namespace hearth
