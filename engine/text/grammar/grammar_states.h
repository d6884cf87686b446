#pragma once

#include "engine/text/grammar/grammar_automaton.h"
#include "engine/text/grammar/stack_sets.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hearth {

/// Where a grammar may be after some bytes, as numbers with a table of what each byte leads to: a deterministic machine
/// whose states are made when they are first reached. Thread: one.
class GrammarStates {
public:
    using State = std::uint32_t;
    static constexpr State kDead = 0; ///< no text of the grammar begins like this

    /// `automaton` outlives this.
    explicit GrammarStates(const GrammarAutomaton& automaton);

    [[nodiscard]] State start();
    [[nodiscard]] State step(State state, std::uint8_t byte) {
        const State known = m_next[state * m_classCount + m_automaton.classOf(byte)];
        return known != kUnknown ? known : explore(state, m_automaton.classOf(byte));
    }
    [[nodiscard]] State stepAll(State state, std::string_view bytes) {
        for (const char byte : bytes)
            state = state == kDead ? kDead : step(state, static_cast<std::uint8_t>(byte));
        return state;
    }
    /// The grammar may be at its end.
    [[nodiscard]] bool mayEnd(State state) const { return m_sets.hasEmpty(m_states[state]); }
    /// It is at its end: nothing can follow.
    [[nodiscard]] bool isComplete(State state) const { return m_states[state] == StackSets::kEmpty; }
    /// Tokens of the grammar that may come next, with where they lead.
    [[nodiscard]] std::span<const std::pair<std::uint32_t, State>> tokens(State state);
    [[nodiscard]] State unite(State left, State right);

    /// Work since the last call of this; a machine that needs too much is too ambiguous to be used.
    [[nodiscard]] std::uint64_t takeWork();
    /// True once exploring was cut off because kMostWork was passed. Everything is dead then.
    [[nodiscard]] bool exhausted() const { return m_exhausted; }
    [[nodiscard]] std::size_t sizeBytes() const;
    [[nodiscard]] std::size_t count() const { return m_states.size(); }
    /// Forgets all states but those in `kept`, which get new numbers.
    void compact(std::span<State> kept);

    /// Steps between two calls of takeWork(): a fraction of a second.
    static constexpr std::uint64_t kMostWork = 20'000'000;

private:
    static constexpr State kUnknown = 0xffffffff;
    struct Work {
        GrammarAutomaton::State state;
        StackSets::Id below;
    };

    [[nodiscard]] State explore(State state, std::size_t byteClass);
    void reach(GrammarAutomaton::State state, StackSets::Id below);
    [[nodiscard]] State close();
    void follow(GrammarAutomaton::State state);
    [[nodiscard]] State numberOf(StackSets::Id set);
    void clear();

    const GrammarAutomaton& m_automaton;
    const std::size_t m_classCount;
    StackSets m_sets;
    std::vector<StackSets::Id> m_states; ///< by state
    std::vector<State> m_next;           ///< (states, classes)
    std::unordered_map<StackSets::Id, State> m_numbers;
    std::unordered_map<State, std::vector<std::pair<std::uint32_t, State>>> m_tokens;

    // Of the closure that is being made.
    std::vector<StackSets::Id> m_below; ///< by automaton state; kNone: not reached
    std::vector<GrammarAutomaton::State> m_reached;
    std::vector<GrammarAutomaton::State> m_open;
    bool m_accepts = false;

    std::uint64_t m_work = 0;
    std::uint64_t m_workBefore = 0;
    bool m_exhausted = false;
};

} // namespace hearth
