#pragma once

#include "engine/text/grammar/grammar_automaton.h"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace hearth {

/// Sets of stacks of automaton states, each set stored once: a set is what lies on top (a state, and the set of stacks
/// that may lie below it), so that stacks with common parts share them and equal sets have equal ids. However
/// ambiguous a grammar is, a set grows with the states on each level and not with the ways to them. Thread: one.
class StackSets {
public:
    using State = GrammarAutomaton::State;
    using Id = std::uint32_t;
    static constexpr Id kNone = 0;  ///< no stack at all
    static constexpr Id kEmpty = 1; ///< the empty stack alone

    struct Entry {
        State top;
        Id below;
        friend bool operator==(const Entry&, const Entry&) = default;
    };

    StackSets();

    /// `entries`: tops rising, none twice. Their order and contents are the set's identity.
    [[nodiscard]] Id make(bool hasEmpty, std::span<const Entry> entries);
    /// kNone if the stacks would be deeper than kDeepest.
    [[nodiscard]] Id push(State top, Id below);
    [[nodiscard]] Id unite(Id left, Id right);
    [[nodiscard]] bool hasEmpty(Id set) const { return m_sets[set].hasEmpty; }
    [[nodiscard]] std::span<const Entry> entries(Id set) const {
        return std::span(m_entries).subspan(m_sets[set].first, m_sets[set].count);
    }
    /// A copy of another table's set, in this table.
    [[nodiscard]] Id copyOf(const StackSets& other, Id set, std::unordered_map<Id, Id>& copies);

    [[nodiscard]] std::size_t sizeBytes() const;
    /// Steps of work done so far.
    [[nodiscard]] std::uint64_t work() const { return m_work; }
    /// Beyond so much work unions are no longer made: what comes out is of no use.
    void limitWork(std::uint64_t most) { m_mostWork = most; }

    /// A grammar that wants to nest deeper has to come back up first. JSON of this depth has some hundred levels.
    static constexpr std::uint16_t kDeepest = 1024;

private:
    struct Set {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
        std::uint16_t depth = 0;
        bool hasEmpty = false;
    };

    std::vector<Set> m_sets;
    std::vector<Entry> m_entries;
    std::unordered_multimap<std::uint64_t, Id> m_byHash;
    std::unordered_map<std::uint64_t, Id> m_unions; ///< by both ids
    std::uint64_t m_work = 0;
    std::uint64_t m_mostWork = ~std::uint64_t{0};
};

} // namespace hearth
